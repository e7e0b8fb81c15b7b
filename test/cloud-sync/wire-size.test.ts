import { expect, test } from 'vitest';
import { ColumnBuilder } from '../../cloud-sync/protocol/column-builder.ts';
import { encodeReadings } from '../../cloud-sync/protocol/columns.ts';
import { ENVELOPE_BYTES } from '../../cloud-sync/protocol/envelope.ts';
import { encodeFrame } from '../../cloud-sync/protocol/frame.ts';
import { upTopic } from '../../cloud-sync/protocol/topics.ts';
import { good } from '../../core/reading.ts';
import { seeded } from '../support/mutate.ts';

const POINTS = 100;
/** Fixed header, topic with its length, packet id. */
const MQTT_BYTES = 4 + 2 + upTopic('seoul-plant-1', 'frame').length + 2;

/** A plant in tenths: temperatures, humidities, volts, amperes, watts, energies; four in ten change from scan to scan. */
class Plant {
  readonly #random = seeded(42);
  readonly #centres: number[] = [];
  readonly #levels: number[] = [];
  #at = 1_793_491_200_123;

  constructor() {
    const kinds = [
      [40, 180, 120],
      [20, 300, 400],
      [15, 2280, 60],
      [15, 0, 600],
      [7, 0, 200_000],
      [3, 1_000_000, 10_000_000],
    ] as const;
    for (const [count, least, span] of kinds) {
      for (let left = count; left > 0; left--) this.#centres.push(Math.round(least + this.#random() * span));
    }
    this.#levels.push(...this.#centres);
  }

  scan(into: ColumnBuilder): void {
    this.#at += 998 + Math.round(this.#random() * 4);
    for (let point = 0; point < POINTS; point++) {
      const [centre = 0, level = 0] = [this.#centres[point], this.#levels[point]];
      if (this.#random() < 0.4) this.#levels[point] = level + (this.#random() < 0.5 + (level - centre) / 50 ? -1 : 1);
      into.add(point, this.#at + (point >> 4) * 12, good((this.#levels[point] ?? 0) / 10));
    }
  }
}

/** Frames of so many scans: bytes per reading of the stored frame. */
function bytesPerReading(scans: number): number {
  const plant = new Plant();
  const builder = new ColumnBuilder();
  const header = { kind: 'readings', epoch: 'a'.repeat(32), first: 1e9, catalogue: 1, boot: 3 } as const;
  let bytes = 0;
  for (let frame = 0; frame < 50; frame++) {
    for (let scan = 0; scan < scans; scan++) plant.scan(builder);
    const body = encodeReadings(builder.columns());
    bytes += encodeFrame(
      { ...header, count: builder.count, chain: '0'.repeat(16), clockUncertain: false },
      body,
    ).length;
    builder.clear();
  }
  return bytes / (50 * scans * POINTS);
}

test('one scan of 100 points takes at most 3.2 bytes per reading on the wire, all told', () => {
  expect(bytesPerReading(1) + (ENVELOPE_BYTES + MQTT_BYTES) / POINTS).toBeLessThan(3.2);
});

test('frames of 500 readings take less than one byte each, header included', () => {
  expect(bytesPerReading(5)).toBeLessThan(1);
});
