import { expect, test } from 'vitest';
import { playLine } from '../support/played-line.ts';
import { type Asked, deviceWith } from '../support/poll-line.ts';

/** A device that refuses long blocks is asked for short ones, and now and then for a longer one: it may take it by now. */

const MINUTE_MS = 60_000;
const REGISTERS = Array.from({ length: 40 }, (_, i) => i);

/** A device of forty registers in a row that takes blocks of up to `longest()`. */
const play = (longest: () => number, more: Parameters<typeof playLine>[2] = {}) =>
  playLine([deviceWith(1, REGISTERS, 1000)], ({ count }) => ({ answer: count > longest() ? 2 : 'values' }), more);

const lengthsOf = (asked: readonly Asked[]) => [...new Set(asked.map(({ count }) => count))];
const allGood = (newest: ReadonlyMap<string, { quality: string }>) =>
  REGISTERS.every((register) => newest.get(`d1/p${register}`)?.quality === 'good');

test('one longer block is tried after a minute, ten, and each hour, as long as it is refused', async () => {
  const { clock, asked, newest, plans } = play(() => 10);
  await clock.advance(MINUTE_MS / 2);
  expect(plans[0]?.learnt).toEqual({ place: 'here', refused: [], registers: 10 });
  asked.length = 0;
  await clock.advance(190 * MINUTE_MS);
  const longer = asked.filter(({ count }) => count > 10);
  expect(longer.map(({ at, count }) => [Math.round(at / MINUTE_MS), count])).toEqual(
    [1, 11, 71, 131].map((at) => [at, 20]),
  );
  expect(lengthsOf(asked).sort()).toEqual([10, 20]);
  expect(plans[0]?.learnt).toMatchObject({ registers: 10 });
  expect(allGood(newest)).toBe(true);
});

test('a device that takes longer ones by now gets them, step by step, and nothing is left of what was learnt', async () => {
  let longest = 10;
  const { clock, asked, newest, plans } = play(() => longest);
  await clock.advance(MINUTE_MS / 2);
  longest = 125;
  await clock.advance(3 * MINUTE_MS);
  expect(plans[0]?.learnt).toBeUndefined();
  asked.length = 0;
  await clock.advance(MINUTE_MS);
  expect(lengthsOf(asked)).toEqual([40]);
  expect(allGood(newest)).toBe(true);
});

test('also after a restart, and only as far as it goes', async () => {
  const learnt = { place: 'here', refused: [], registers: 10 };
  const { clock, asked, newest, plans } = play(() => 30, { learnt });
  await clock.advance(30 * MINUTE_MS);
  expect(plans[0]?.learnt).toEqual({ ...learnt, registers: 20 });
  asked.length = 0;
  await clock.advance(MINUTE_MS);
  expect(lengthsOf(asked)).toEqual([20]);
  expect(allGood(newest)).toBe(true);
});

test('a device that is gone is not asked for longer ones; when it is back, it soon is', async () => {
  let isOff = false;
  const { clock, asked, plans } = playLine([deviceWith(1, REGISTERS, 1000)], ({ count }) => ({
    answer: isOff ? 'silence' : count > 10 ? 2 : 'values',
  }));
  await clock.advance(MINUTE_MS / 2);
  isOff = true;
  asked.length = 0;
  await clock.advance(60 * MINUTE_MS);
  expect(lengthsOf(asked)).toEqual([10]);
  isOff = false;
  await clock.advance(2 * MINUTE_MS);
  expect(lengthsOf(asked)).toContain(20);
  expect(plans[0]?.learnt).toMatchObject({ registers: 10 });
});
