import { z } from 'zod';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

const HOUR_MINUTE = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;
const time = z.string().regex(HOUR_MINUTE, 'expected a time of day such as 08:30, at most 24:00');

const windowSchema = z.strictObject({
  days: z.array(z.enum(DAYS)).min(1).optional(),
  from: time,
  to: time,
});

/** When a rule applies: windows of the week in the site's time zone, and what holds on holidays. */
export const scheduleSchema = z.strictObject({
  windows: z.array(windowSchema).min(1),
  /** `as-usual`: like any such day; `on`: the whole day; `off`: not at all. */
  holidays: z.enum(['as-usual', 'on', 'off']).default('as-usual'),
});
export type ScheduleGiven = z.output<typeof scheduleSchema>;

/** Minutes since midnight. `from` above `to` reaches into the next morning, which belongs to the day it began on. */
export interface Window {
  readonly days: readonly Day[];
  readonly from: number;
  readonly to: number;
}

export interface Schedule {
  readonly windows: readonly Window[];
  readonly holidays: 'as-usual' | 'on' | 'off';
}

export function toSchedule({ windows, holidays }: ScheduleGiven): Schedule {
  return {
    holidays,
    windows: windows.map(({ days = DAYS, from, to }) => ({ days: [...days], from: minuteOf(from), to: minuteOf(to) })),
  };
}

function minuteOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

/** An instant as a site's wall calendar has it. `today`: days since 1970-01-01, local. */
export interface LocalInstant {
  readonly today: number;
  readonly minute: number;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** `local`: wall time as if it were UTC, in milliseconds. */
export function localInstant(local: number): LocalInstant {
  const minutes = Math.floor(local / MINUTE_MS);
  return {
    today: Math.floor(minutes / DAY_MINUTES),
    minute: ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES,
  };
}

/** 1970-01-01 was a Thursday. */
export function weekdayOf(day: number): Day {
  return DAYS[(((day + 3) % 7) + 7) % 7] as Day;
}

/** Does the schedule hold at this instant? */
export function isWithin(schedule: Schedule, at: LocalInstant, isHoliday: (day: number) => boolean): boolean {
  const { holidays, windows } = schedule;
  if (holidays !== 'as-usual' && isHoliday(at.today)) return holidays === 'on';
  /** A night that began on a holiday is part of it. */
  const begins = (day: number, { days }: Window) =>
    days.includes(weekdayOf(day)) && !(holidays === 'off' && isHoliday(day));
  return windows.some((window) => {
    const { from, to } = window;
    if (from < to) return from <= at.minute && at.minute < to && begins(at.today, window);
    if (at.minute >= from) return begins(at.today, window);
    return at.minute < to && begins(at.today - 1, window);
  });
}

/** What is wrong with windows: those that are empty, and those that overlap, by their place. */
export function scheduleProblems({ windows }: Schedule): { readonly window: number; readonly message: string }[] {
  const problems: { window: number; message: string }[] = [];
  const taken = new Map<number, number>();
  for (const [i, { days, from, to }] of windows.entries()) {
    if (from === to) {
      problems.push({ window: i, message: 'is empty: it begins when it ends' });
      continue;
    }
    const length = from < to ? to - from : DAY_MINUTES - from + to;
    const starts = days.map((day) => DAYS.indexOf(day) * DAY_MINUTES + from);
    const minutes = starts.flatMap((start) => Array.from({ length }, (_, m) => (start + m) % (7 * DAY_MINUTES)));
    const other = minutes.map((minute) => taken.get(minute)).find((found) => found !== undefined);
    if (other !== undefined) problems.push({ window: i, message: `overlaps with window ${other + 1}` });
    for (const minute of minutes) taken.set(minute, i);
  }
  return problems;
}
