import type { UnixMs } from '../../core/reading.ts';
import { dayOfMonth, LocalDays, MINUTE_MS } from '../local-days.ts';
import { DAYS, parseTimeOfDay } from '../notify/calendar.ts';
import type { Due } from './round-schema.ts';

/** 1970-01-01 was a Thursday. */
const FIRST_DAY = 3;
/** Two due times of a month lie within. */
const LOOK_BACK_DAYS = 70;

/** What of a round says when it is due. */
export const DUE_KEYS = ['due'];

export interface DueState {
  /** done: for the due time that comes next; open: not yet; overdue: the last due time has passed without it. */
  readonly state: 'done' | 'open' | 'overdue';
  readonly next: UnixMs;
  /** Since when; only if it is overdue. */
  readonly missed?: UnixMs;
}

/** `lastDone`: when a walk was finished; `since`: when its due times were set, before which nothing was due. */
export function dueState(due: Due, now: UnixMs, lastDone: UnixMs | undefined, since: UnixMs): DueState {
  const { before, last, next } = dueTimes(due, now);
  if (lastDone !== undefined && lastDone > last) return { state: 'done', next };
  const isMissed = last > since && (lastDone === undefined || lastDone <= before);
  return isMissed ? { state: 'overdue', next, missed: last } : { state: 'open', next };
}

/** Due times after `from`, up to and with `to`; `before`: the last one at or before `from`. */
export function dueWithin(due: Due, from: UnixMs, to: UnixMs): { readonly before: UnixMs; readonly times: UnixMs[] } {
  const times: UnixMs[] = [];
  for (let at = dueTimes(due, from).next; at <= to; at = dueTimes(due, at).next) times.push(at);
  return { before: dueTimes(due, from).last, times };
}

/** The last two due times at or before now, and the one after. */
function dueTimes({ timezone, by, days, dayOfMonth: monthly }: Due, now: UnixMs) {
  const calendar = new LocalDays(timezone);
  const today = calendar.dayOf(now);
  const isOn = (day: number) =>
    monthly === undefined
      ? days.includes(DAYS[(((day + FIRST_DAY) % 7) + 7) % 7] as (typeof DAYS)[number])
      : dayOfMonth(day) === monthly;
  const at = (day: number) => {
    const start = calendar.startOf(day);
    const guess = start + (parseTimeOfDay(by) ?? 0) * MINUTE_MS;
    // The clock may have been set since midnight.
    return guess + calendar.offsetMs(start) - calendar.offsetMs(guess);
  };
  const past: UnixMs[] = [];
  for (let day = today; past.length < 2 && day > today - LOOK_BACK_DAYS; day--) {
    if (isOn(day) && at(day) <= now) past.push(at(day));
  }
  let next = today;
  while (!isOn(next) || at(next) <= now) next++;
  const [last = 0, before = 0] = past;
  return { before, last, next: at(next) };
}
