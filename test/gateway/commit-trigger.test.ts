import { expect, test } from 'vitest';
import { CommitTrigger, type Urgency } from '../../gateway/journal/commit-trigger.ts';
import { FakeClock } from '../support/fake-clock.ts';

const INTERVAL_MS = 1000;

/** When commits were due, in ms after the first record, of rounds that come each `everyMs` and take `roundMs`; one is asked for at `nowAt`. */
async function dues(urgency: Urgency, everyMs: number, roundMs: number, nowAt?: number) {
  const clock = new FakeClock();
  const trigger = new CommitTrigger(clock);
  const stop = new AbortController();
  const start = clock.ticks();
  const found: { at: number; records: number }[] = [];
  let records = 0;
  const done = (async () => {
    while (!stop.signal.aborted) {
      await trigger.due(INTERVAL_MS, stop.signal);
      if (!stop.signal.aborted) found.push({ at: clock.ticks() - start, records });
      records = 0;
    }
  })();
  for (let ms = 0; ms < (nowAt === undefined ? 6000 : 20_000); ms += 10) {
    if (ms === nowAt) trigger.note('now');
    if (ms % everyMs < roundMs) {
      records++;
      trigger.note(urgency);
    }
    await clock.advance(10);
  }
  stop.abort();
  await done;
  return found;
}

test('a round of many readings each second has a commit of its own, a quarter of the interval after it began', async () => {
  const found = await dues('soon', 1000, 100);
  expect(found.slice(0, 5).map(({ records }) => records)).toEqual([10, 10, 10, 10, 10]);
  for (const { at } of found) expect(at % 1000).toBe(250);
});

test('a commit at another time is no delay for ever: each round is sooner on the disk than the one before', async () => {
  const found = await dues('soon', 1000, 100, 900);
  const waits = found.slice(2).map(({ at }) => at % 1000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(900);
  expect(waits.at(-1)).toBe(250);
});

test('two commits are about an interval apart, however the readings come', async () => {
  const times = (await dues('soon', 350, 350)).map(({ at }) => at);
  expect(times.length).toBeGreaterThanOrEqual(5);
  for (const [index, at] of times.entries())
    if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(0.95 * INTERVAL_MS);
});

test('two rounds of few readings go into one commit', async () => {
  const found = await dues('late', 1000, 30);
  expect(found.map(({ records }) => records)).toEqual([6, 6, 6]);
});

test('what is asked for now is due at once, also in the midst of a wait', async () => {
  const clock = new FakeClock();
  const trigger = new CommitTrigger(clock);
  let at: number | undefined;
  const start = clock.ticks();
  const due = trigger.due(INTERVAL_MS, new AbortController().signal).then(() => {
    at = clock.ticks() - start;
  });
  trigger.note('late');
  await clock.advance(100);
  expect(at).toBeUndefined();
  trigger.note('now');
  await clock.advance(10);
  await due;
  expect(at).toBe(100);
});
