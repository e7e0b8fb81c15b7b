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
  test.each<[Mistake, Trouble[]]>([
    ['unsynced', ['power-cut', 'partition']],
    ['ignored-write-errors', ['write-errors', 'kill-gateway', 'partition']],
    ['early-acknowledgement', ['kill-hub']],
    ['dedup-by-time', ['clock']],
  ])('%s', { timeout: 60_000 }, async (mistake, troubles) => {
    const right = await simulate({ from: SEED, count: 20, troubles });
    expect(describeFailures(right.failed), 'without the mistake').toBe('');
    const wrong = await simulate({ from: SEED, count: 40, troubles, mistake });
    expect(wrong.failed.length).toBeGreaterThan(4);
  });
});
