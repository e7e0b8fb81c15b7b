import { z } from 'zod';
import type { UnixMs } from '../../core/reading.ts';
import { label } from '../documents/parts.ts';
import { type LocalDays, MINUTE_MS } from '../local-days.ts';
import { parseTimeOfDay } from '../notify/calendar.ts';
import { type Period, periodOf } from './period.ts';
import { REPORT_KINDS, REPORT_LANGUAGES } from './report.ts';

export const FILE_FORMATS = ['pdf', 'xlsx'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** A report that is made and sent after each day, week or month of a site. */
export const scheduleSchema = z.strictObject({
  name: label,
  site: z.string().min(1).max(200),
  kind: z.enum(REPORT_KINDS),
  language: z.enum(REPORT_LANGUAGES).default('en'),
  /** Of the site, on the first day after the period. */
  at: z.string().refine((text) => parseTimeOfDay(text) !== undefined, {
    message: 'expected a time of day such as 07:00',
  }),
  to: z
    .array(z.string().regex(/^[^\s@<>,;]+@[^\s@<>,;]+$/, { message: 'expected a mail address' }))
    .min(1)
    .max(50),
  formats: z.array(z.enum(FILE_FORMATS)).min(1).max(2).default(['pdf']),
  /** False: it is kept, and nothing is sent. */
  enabled: z.boolean().default(true),
});
export type Schedule = z.output<typeof scheduleSchema>;

export interface Due {
  readonly at: UnixMs;
  readonly period: Period;
}

/** The last time at or before now at which it should have been sent, and of what. */
export function lastDue(schedule: Pick<Schedule, 'kind' | 'at'>, now: UnixMs, days: LocalDays): Due {
  const due = dueOf(schedule, periodOf(schedule.kind, days.dayOf(now), days).firstDay, days);
  return due.at <= now ? due : dueOf(schedule, due.period.firstDay, days);
}

export function nextDue(schedule: Pick<Schedule, 'kind' | 'at'>, now: UnixMs, days: LocalDays): Due {
  const { endDay } = lastDue(schedule, now, days).period;
  return dueOf(schedule, periodOf(schedule.kind, endDay, days).endDay, days);
}

/** For the period that ends before `day`. */
function dueOf({ kind, at }: Pick<Schedule, 'kind' | 'at'>, day: number, days: LocalDays): Due {
  const period = periodOf(kind, day - 1, days);
  const guess = period.to + (parseTimeOfDay(at) ?? 0) * MINUTE_MS;
  // The clock may have been set since midnight.
  return { period, at: guess + days.offsetMs(period.to) - days.offsetMs(guess) };
}
