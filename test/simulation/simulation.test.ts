import { describe, expect, test } from 'vitest';
import { describeFailures, simulate } from './simulate.ts';
import { type Mistake, runWorld, type Trouble } from './world.ts';

// The same each time, so that a red run means a change; `npm run faults` and `npm run simulate` look further.
const SEED = Number(process.env.SLUICE_SEED ?? 20261121);
const RUNS = 150;

test(`${RUNS} simulated runs from seed ${SEED}: stored once, in order, or declared`, { timeout: 120_000 }, async () => {
  const { failed, verdict, troubles } = await simulate({ from: SEED, count: RUNS });
  expect(describeFailures(failed)).toBe('');
  expect(verdict.stored).toBeGreaterThan(RUNS * 100);
  expect(troubles).toBeGreaterThan(RUNS * 5);
});

test('a seed replays its run', async () => {
  const [once, again] = [await runWorld({ seed: SEED }), await runWorld({ seed: SEED })];
  expect(again).toEqual(once);
  expect(await runWorld({ seed: SEED + 1 })).not.toEqual(once);
});

describe('a mistake is caught', () => {
  test.each<[Mistake, Trouble[], RegExp]>([
    ['unsynced', ['power-cut', 'partition'], /^reused/],
    ['ignored-write-errors', ['write-errors', 'kill-gateway', 'partition'], /^reused/],
    ['early-acknowledgement', ['kill-hub'], /^acknowledged and not stored/],
    ['dedup-by-time', ['clock'], /^undeclared/],
  ])('%s', { timeout: 60_000 }, async (mistake, troubles, caught) => {
    const right = await simulate({ from: SEED, count: 20, troubles });
    expect(describeFailures(right.failed), 'without the mistake').toBe('');
    const wrong = await simulate({ from: SEED, count: 20, troubles, mistake });
    const runs = wrong.failed.filter(({ breaches }) => breaches.some((breach) => caught.test(breach)));
    expect(runs.length).toBeGreaterThan(10);
  });
});
