import { dateOf } from '../../core/rules/holidays.ts';
import type { Span } from '../archive/history.ts';
import { dayOfMonth, type LocalDays } from '../local-days.ts';
import type { ReportKind } from './report.ts';

/** Days of a site that a report is about, counted since 1970-01-01. */
export interface Period extends Span {
  readonly kind: ReportKind;
  readonly firstDay: number;
  /** Not included. */
  readonly endDay: number;
}

/** 1970-01-01 was a Thursday; a week begins on Monday [ISO 8601]. */
const FIRST_WEEKDAY = 3;

/** The day, week or month that holds a day. */
export function periodOf(kind: ReportKind, day: number, days: LocalDays): Period {
  const [firstDay, endDay] = daysOf(kind, day);
  return { kind, firstDay, endDay, from: days.startOf(firstDay), to: days.startOf(endDay) };
}

export function periodBefore({ kind, firstDay }: Period, days: LocalDays): Period {
  return periodOf(kind, firstDay - 1, days);
}

/** `2026-11-20`, or its first and last day. */
export function daysText({ firstDay, endDay }: Period): string {
  return endDay - firstDay === 1 ? dateOf(firstDay) : `${dateOf(firstDay)} – ${dateOf(endDay - 1)}`;
}

function daysOf(kind: ReportKind, day: number): readonly [number, number] {
  if (kind === 'daily') return [day, day + 1];
  if (kind === 'weekly') {
    const monday = day - ((((day + FIRST_WEEKDAY) % 7) + 7) % 7);
    return [monday, monday + 7];
  }
  const first = day - dayOfMonth(day) + 1;
  // The 32nd of a month lies in the next.
  return [first, first + 32 - dayOfMonth(first + 31)];
}
