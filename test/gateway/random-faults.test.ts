import { expect, test } from 'vitest';
import { type HostileRun, runHostile } from './hostile/hostile-run.ts';

// The same each time, so that a red run means a change.
const SEED = Number(process.env.SLUICE_SEED ?? 20261121);
const RUNS = 48;
/** Beside each other: most of their time is waiting. */
const AT_ONCE = 12;
/** Values that were compared with what the devices held. */
const LEAST_DELIVERED = RUNS * 300;

test(`${RUNS} random lines from seed ${SEED}: no value that was not held, no fault without a cause, all heal`, {
  timeout: 120_000,
}, async () => {
  const runs: HostileRun[] = [];
  const delivered = () => runs.reduce((sum, run) => sum + run.delivered, 0);
  // A busy machine delivers less in each run: it has more of them.
  for (let from = 0; from < RUNS || (delivered() <= LEAST_DELIVERED && from < 2 * RUNS); from += AT_ONCE) {
    runs.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => runHostile(SEED + from + i)))));
  }
  expect(runs.flatMap(({ breaches }) => breaches.slice(0, 3))).toEqual([]);
  expect(delivered()).toBeGreaterThan(LEAST_DELIVERED);
  const kinds = new Set(runs.flatMap(({ faults }) => [...faults.keys()]));
  for (const code of [
    'no-answer',
    'garbled',
    'line-closed',
    'illegal-address',
    'device-busy',
    'device-failure',
    'gateway-target',
  ])
    expect(kinds).toContain(code);
});
