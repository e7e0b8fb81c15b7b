import type { ArchiveBatch } from '../../../cloud-sync/cloud-hub/archive.ts';
import type { Catalogue, CatalogueEntry } from '../../../cloud-sync/protocol/catalogue.ts';
import type { DecodedFrame } from '../../../cloud-sync/protocol/decode-frame.ts';
import type { JournalEvent } from '../../../cloud-sync/protocol/events.ts';
import type { ReadingColumn } from '../../../cloud-sync/protocol/frame.ts';
import type { Gap } from '../../../cloud-sync/protocol/messages.ts';
import { NO_CHAIN } from '../../../cloud-sync/protocol/numbers.ts';
import { faultToWire } from '../../../core/faults.ts';
import type { Outcome } from '../../../core/reading.ts';

export const T0 = 1_768_464_000_000;
export const EPOCH = 'a'.repeat(32);

export function entry(number: number, device: string, point: string, more: Partial<CatalogueEntry> = {}) {
  return {
    number,
    device,
    point,
    title: {},
    unit: '°C',
    kind: 'number',
    type: 'int16',
    everyMs: 1000,
    writable: false,
    ...more,
  } satisfies CatalogueEntry;
}

export function catalogue(points: readonly CatalogueEntry[], version = 1): Catalogue {
  const devices = [...new Set(points.map((point) => point.device))];
  return {
    version,
    site: 'Seoul plant 1',
    timezone: 'Asia/Seoul',
    devices: devices.map((name) => ({ name, title: { en: name, ko: name }, class: 'climate', channel: 'bus-a' })),
    points: [...points],
    rules: [],
  };
}

/** A journal of one gateway that writes frames as the edge would, numbered. */
export class Journal {
  readonly gateway: string;
  readonly epoch: string;
  next = 0;
  /** Of what is written from now on. */
  boot = 1;
  clockUncertain = false;
  #catalogue = 0;

  constructor(gateway = 'plant-1', epoch = EPOCH) {
    this.gateway = gateway;
    this.epoch = epoch;
  }

  #header(kind: 'readings' | 'events', count: number) {
    const first = this.next;
    this.next += count;
    return {
      kind,
      epoch: this.epoch,
      first,
      count,
      catalogue: this.#catalogue,
      boot: this.boot,
      chain: NO_CHAIN,
      clockUncertain: this.clockUncertain,
    };
  }

  events(...events: readonly JournalEvent[]): DecodedFrame {
    return { kind: 'events', header: this.#header('events', events.length), events };
  }

  publish(what: Catalogue, at = T0): DecodedFrame {
    this.#catalogue = what.version;
    return this.events({ event: 'catalogue', at, catalogue: what });
  }

  readings(columns: readonly ReadingColumn[]): DecodedFrame {
    const count = columns.reduce((sum, column) => sum + column.times.length, 0);
    return { kind: 'readings', header: this.#header('readings', count), columns };
  }

  batch(frames: readonly DecodedFrame[], more: Partial<ArchiveBatch> = {}): ArchiveBatch {
    return {
      gateway: this.gateway,
      epoch: this.epoch,
      frames,
      gaps: [],
      cursor: { epoch: this.epoch, next: this.next, chain: 'b'.repeat(16), catalogue: this.#catalogue, boots: [] },
      arrivedAt: T0 + 5,
      ...more,
    };
  }
}

/** One point's readings: [at, outcome]. */
export function column(point: number, rows: readonly (readonly [number, Outcome])[]): ReadingColumn {
  const values = rows.map(([, outcome]) => (outcome.quality === 'good' ? outcome.value : 0));
  const texts = values.some((value) => typeof value === 'string');
  const faults = rows.map(([, outcome]) => (outcome.quality === 'bad' ? faultToWire(outcome.fault) : 0));
  return {
    point,
    times: Float64Array.from(rows, ([at]) => at),
    values: texts
      ? { kind: 'text', texts: values.map(String) }
      : { kind: 'number', numbers: Float64Array.from(values, Number) },
    ...(faults.some((wire) => wire > 0) ? { faults: Uint8Array.from(faults) } : {}),
  };
}

export function gap(from: number, to: number, more: Partial<Gap> = {}): Gap {
  return { epoch: EPOCH, from, to, reason: 'undeclared-floor', ...more };
}
