import { expect, test } from 'vitest';
import { longestGap } from '../../core/longest-gap.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

test.each([
  ['* * * * * *', 1],
  ['*/20 * * * * *', 20],
  ['0 */15 * * * *', 15 * 60],
  ['0 * * * *', HOUR],
  ['0 0,5 * * * *', 55 * 60],
  ['30 8 * * *', DAY],
  ['0 6,18 * * *', 12 * HOUR],
  ['0 8-17 * * MON-FRI', 2 * DAY + 15 * HOUR],
  ['0 0 1 * *', 31 * DAY],
  ['0 0 L * *', 31 * DAY],
  ['0 3 1 JAN *', 365 * DAY],
])('%s is silent for %i s at the most', (expression, seconds) => {
  expect(longestGap(expression)).toBe(seconds * 1000);
});

test.each(['@hourly', '0 0 0 29 2 *'])('of %s nobody can tell', (expression) => {
  expect(longestGap(expression)).toBeUndefined();
});
