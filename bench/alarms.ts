import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArchiveBatch } from '../cloud-sync/cloud-hub/archive.ts';
import type { DecodedFrame } from '../cloud-sync/protocol/decode-frame.ts';
import type { JournalEvent } from '../cloud-sync/protocol/events.ts';
import { NO_CHAIN } from '../cloud-sync/protocol/numbers.ts';
import { systemClock } from '../core/clock.ts';
import { openParts } from '../monitor/parts.ts';
import type { Bench, Row } from './report.ts';

const GATEWAYS = 50;
const RULES = 100;
const PER_SECOND = 500;
const SECONDS = 60;
const BEATS = 10;

type Parts = Awaited<ReturnType<typeof openParts>>;

/** One gateway's journal of nothing but alarms: every rule in turn is raised and cleared. */
class Plant {
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

async function withHub<T>(work: (parts: Parts) => Promise<T>): Promise<T> {
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
function feeder(parts: Parts, plants: readonly Plant[]) {
  return async (perPlant: number, some: readonly Plant[] = plants) => {
    const at = systemClock.now();
    const given = some.map((plant) => ({ plant, frames: [plant.frame(perPlant, at)] }));
    await parts.archive.append(given.map(({ plant, frames }) => plant.batch(frames)));
    for (const { plant, frames } of given) parts.desk.onFrames(plant.gateway, frames);
  };
}

const percentile = (values: readonly number[], share: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

/** A minute of 500 transitions a second, in real time; a new alarm by the live lane every 100 ms meanwhile. */
async function storm(parts: Parts): Promise<{ lags: number[]; live: number[]; wrong: number }> {
  const plants = Array.from({ length: GATEWAYS }, (_, i) => new Plant(i));
  const give = feeder(parts, plants);
  await give(0);
  const lags: number[] = [];
  const live: number[] = [];
  const told = new Map<string, number>();
  let beganAt = 0;
  let count = 0;
  parts.desk.listen(({ what, alarm }) => {
    if (what !== 'raised' && what !== 'cleared') return;
    const begun = told.get(alarm.id);
    if (begun !== undefined) live.push(systemClock.ticks() - begun);
    else {
      count++;
      lags.push(systemClock.ticks() - beganAt);
    }
  });
  const quick = plants[0] as Plant;
  const start = systemClock.ticks();
  const perBeat = PER_SECOND / BEATS;
  for (let beat = 0; beat < SECONDS * BEATS; beat++) {
    beganAt = systemClock.ticks();
    const some = plants.filter((_, index) => Math.floor(index / 5) === beat % BEATS);
    await give(perBeat / some.length, some);
    const seq = 1_000_000 + beat;
    told.set(`${quick.gateway}~${quick.epoch}~${seq}`, systemClock.ticks());
    parts.desk.onLive(quick.gateway, [
      {
        occurrence: { epoch: quick.epoch, seq },
        device: 'd',
        rule: `live-${beat}`,
        point: 'p',
        at: systemClock.now(),
        active: true,
      },
    ]);
    await systemClock.sleep(Math.max(0, start + (beat + 1) * (1000 / BEATS) - systemClock.ticks()));
  }
  await parts.desk.idle();
  return { lags, live, wrong: PER_SECOND * SECONDS - count };
}

/** How many a second the desk takes when all are there at once, as after an outage. */
async function drain(parts: Parts): Promise<number> {
  const plants = Array.from({ length: GATEWAYS }, (_, i) => new Plant(i));
  const give = feeder(parts, plants);
  await give(0);
  const began = systemClock.ticks();
  for (let i = 0; i < 10; i++) await give(60);
  await parts.desk.idle();
  return (10 * 60 * GATEWAYS) / ((systemClock.ticks() - began) / 1000);
}

/** From a live message until whoever listens is told, durably, when nothing else happens. */
async function quiet(parts: Parts): Promise<number[]> {
  const plant = new Plant(0);
  await feeder(parts, [plant])(0);
  const times: number[] = [];
  for (let i = 0; i < 200; i++) {
    const began = systemClock.ticks();
    const heard = new Promise<void>((resolve) => {
      const stop = parts.desk.listen(() => {
        stop();
        resolve();
      });
    });
    parts.desk.onLive(plant.gateway, [
      {
        occurrence: { epoch: plant.epoch, seq: i },
        device: 'd',
        rule: `r${i}`,
        point: 'p',
        at: systemClock.now(),
        active: true,
      },
    ]);
    await heard;
    times.push(systemClock.ticks() - began);
  }
  return times;
}

export const bench: Bench = {
  name: 'alarms: the desk, durable, in one archive with the readings',
  async run(): Promise<Row[]> {
    const alone = await withHub(quiet);
    const { lags, live, wrong } = await withHub(storm);
    const rate = await withHub(drain);
    const most = (value: number) => ({ of: 'value', most: value }) as const;
    return [
      { what: 'a live alarm until it is told, half within', value: percentile(alone, 0.5), unit: 'ms' },
      { what: '  99 of 100 within', value: percentile(alone, 0.99), unit: 'ms', goal: most(1000) },
      { what: '500 transitions/s for a minute: not told, or told twice', value: wrong, unit: '', goal: most(0) },
      { what: '  stored record until it is told, half within', value: percentile(lags, 0.5), unit: 'ms' },
      { what: '  99 of 100 within', value: percentile(lags, 0.99), unit: 'ms', goal: most(1000) },
      {
        what: '  a live alarm meanwhile, 99 of 100 within',
        value: percentile(live, 0.99),
        unit: 'ms',
        goal: most(1000),
      },
      { what: 'a backlog of alarms', value: rate, unit: 'transitions/s', goal: { of: 'value', least: 500 } },
    ];
  },
};
