import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArchiveBatch } from '../cloud-sync/cloud-hub/archive.ts';
import type { DecodedFrame } from '../cloud-sync/protocol/decode-frame.ts';
import type { JournalEvent } from '../cloud-sync/protocol/events.ts';
import { NO_CHAIN } from '../cloud-sync/protocol/numbers.ts';
import { systemClock } from '../core/clock.ts';
import { openParts } from '../monitor/parts.ts';

export const GATEWAYS = 50;
const RULES = 100;
export const PER_SECOND = 500;
export const SECONDS = 60;
export const BEATS = 10;

export type Parts = Awaited<ReturnType<typeof openParts>>;

/** One gateway's journal of nothing but alarms: every rule in turn is raised and cleared. */
export class Plant {
  readonly gateway: string;
  readonly epoch: string;
  next = 0;
  #turn = 0;

  constructor(index: number) {
    this.gateway = `plant-${index}`;
    this.epoch = index.toString(16).padStart(32, '0');
  }

  frame(count: number, at: number): DecodedFrame {
    const first = this.next;
    this.next += count;
    const events: JournalEvent[] = Array.from({ length: count }, () => {
      const rule = Math.floor(this.#turn / 2) % RULES;
      const active = this.#turn++ % 2 === 0;
      return {
        event: 'alarm',
        at,
        device: `device-${rule % 10}`,
        rule: `r${rule}/above`,
        point: 'p',
        active,
        value: 1.5,
      };
    });
    const header = { kind: 'events' as const, epoch: this.epoch, first, count, catalogue: 0, boot: 1 };
    return { kind: 'events', header: { ...header, chain: NO_CHAIN, clockUncertain: false }, events };
  }

  batch(frames: readonly DecodedFrame[]): ArchiveBatch {
    const cursor = { epoch: this.epoch, next: this.next, chain: NO_CHAIN, catalogue: 0, boots: [] };
    return { gateway: this.gateway, epoch: this.epoch, frames, gaps: [], cursor, arrivedAt: systemClock.now() };
  }
}

export async function withHub<T>(work: (parts: Parts) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'alarms-'));
  const parts = await openParts({ file: join(folder, 'archive.duckdb'), clock: systemClock });
  try {
    return await work(parts);
  } finally {
    await parts.close();
    await rm(folder, { recursive: true });
  }
}

/** `give` stores one beat's frames and hands them to the desk. */
export function feeder(parts: Parts, plants: readonly Plant[]) {
  return async (perPlant: number, some: readonly Plant[] = plants) => {
    const at = systemClock.now();
    const given = some.map((plant) => ({ plant, frames: [plant.frame(perPlant, at)] }));
    await parts.archive.append(given.map(({ plant, frames }) => plant.batch(frames)));
    for (const { plant, frames } of given) parts.desk.onFrames(plant.gateway, frames);
  };
}

export const percentile = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

/** A new alarm by the live lane, ahead of the journal. */
export function liveAlarm(parts: Parts, { gateway, epoch }: Plant, seq: number, rule: string): void {
  const alarm = { occurrence: { epoch, seq }, device: 'd', rule, point: 'p', at: systemClock.now(), active: true };
  parts.desk.onLive(gateway, [alarm]);
}

/** A minute of 500 transitions a second, in real time; `beat` is called ten times a second. */
export async function minuteOfAlarms(parts: Parts, plants: readonly Plant[], beat: (n: number) => void): Promise<void> {
  const give = feeder(parts, plants);
  await give(0);
  const start = systemClock.ticks();
  for (let n = 0; n < SECONDS * BEATS; n++) {
    const some = plants.filter((_, index) => Math.floor(index / 5) === n % BEATS);
    beat(n);
    await give(PER_SECOND / BEATS / some.length, some);
    await systemClock.sleep(Math.max(0, start + (n + 1) * (1000 / BEATS) - systemClock.ticks()));
  }
  await parts.desk.idle();
}
