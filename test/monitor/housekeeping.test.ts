import { afterEach, beforeEach, expect, test } from 'vitest';
import { quietLog } from '../../core/log.ts';
import { Metrics } from '../../core/metrics.ts';
import { housekeeping, type Job } from '../../monitor/housekeeping.ts';
import { FakeClock } from '../support/fake-clock.ts';

const NOON = 1_800_014_400_000;
let clock: FakeClock;
let stop: AbortController;
let metrics: Metrics;
let warnings: unknown[];
let running: Promise<unknown>;

beforeEach(() => {
  clock = new FakeClock(NOON);
  stop = new AbortController();
  metrics = new Metrics();
  warnings = [];
});

afterEach(async () => {
  stop.abort();
  await clock.advance(1000);
  await running;
});

function start(...jobs: Job[]): void {
  const log = {
    ...quietLog,
    warn: (told: unknown) => warnings.push(told),
    info: (told: unknown) => warnings.push(told),
  };
  const service = housekeeping({ jobs, zone: 'UTC', clock, log: log as never, metrics });
  running = service.run(stop.signal).catch(() => {});
}

test('a job runs when its time comes, and tells what it did', async () => {
  const times: number[] = [];
  start({ name: 'a', schedule: '0 10 * * * *', run: async (now) => times.push(now) * 5 });
  await clock.advance(9 * 60_000);
  expect(times).toEqual([]);
  await clock.advance(62 * 60_000);
  expect(times).toEqual([NOON + 600_000, NOON + 4_200_000]);
  expect(await metrics.text()).toContain('sluice_housekeeping_rows_total{job="a"} 15');
});

test('nothing runs by a clock that was never set', async () => {
  let runs = 0;
  clock.synced = false;
  start({ name: 'a', schedule: '0 * * * * *', run: async () => runs++ });
  await clock.advance(300_000);
  expect(runs).toBe(0);
});

test('one at a time; a failure is told once, and when it is over', async () => {
  let isBroken = true;
  let [open, most] = [0, 0];
  const job = (name: string): Job => ({
    name,
    schedule: '0 * * * * *',
    async run(_, signal) {
      most = Math.max(most, ++open);
      await clock.sleep(5000, signal);
      open -= 1;
      if (isBroken && name === 'a') throw new Error('disk full');
      return 1;
    },
  });
  start(job('a'), job('b'));
  await clock.advance(190_000);
  expect([most, warnings.length]).toEqual([1, 1]);
  expect(await metrics.text()).toContain('sluice_housekeeping_failures_total{job="a"} 3');
  isBroken = false;
  await clock.advance(120_000);
  expect(warnings).toHaveLength(2);
});
