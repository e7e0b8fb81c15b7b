import { createTask } from 'node-cron';
import { instant } from './clock.ts';
import type { UnixMs } from './reading.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Days are looked at from here: any midnight would do. */
const MIDNIGHT: UnixMs = 1_767_225_600_000;
/** What comes once a year comes twice in them. */
const LOOKED_AT = 2 * 366;

const known = new Map<string, number | undefined>();

/**
 * The longest time between two runs of a calendar job, as long as clocks are not changed. Undefined where nobody can tell from its
 * fields: of a name such as `@daily`, and of a day that no two years in a row have.
 */
export function longestGap(expression: string): number | undefined {
  if (!known.has(expression)) known.set(expression, findGap(expression));
  return known.get(expression);
}

function findGap(expression: string): number | undefined {
  const fields = expression.trim().split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  const [second, minute, hour, ...date] = fields;
  if (date.length !== 3) return undefined;
  const seconds = matching(`${second} * * * * *`, SECOND_MS, 60);
  const minutes = matching(`0 ${minute} * * * *`, MINUTE_MS, 60);
  const hours = matching(`0 0 ${hour} * * *`, HOUR_MS, 24);
  const times = hours.flatMap((h) => minutes.flatMap((m) => seconds.map((s) => h + m + s)));
  const days = matching(`0 0 0 ${date.join(' ')}`, DAY_MS, LOOKED_AT);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined || days.length < 2) return undefined;
  return Math.max(widest(times), widest(days) - last + first);
}

/** Those of `count` steps from midnight that the expression fits, in ms. */
function matching(expression: string, stepMs: number, count: number): number[] {
  const task = createTask(expression, () => {}, { timezone: 'Etc/UTC' });
  return Array.from({ length: count }, (_, step) => step * stepMs).filter((ms) => task.match(instant(MIDNIGHT + ms)));
}

function widest(times: readonly number[]): number {
  return times.reduce((most, at, index) => Math.max(most, at - (times[index - 1] ?? at)), 0);
}
