import { z } from 'zod';
import { instant, isoTime } from '../clock.ts';
import { koreanHolidays } from './korea.ts';

const DAY_MS = 86_400_000;

const calendar = z.literal('korea', 'expected `korea`, or a day such as 2026-06-03');
const day = z
  .string()
  .refine((text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(dayOf(text)), 'expected a day such as 2026-06-03');

/** Holidays as a configuration gives them: `korea`, days such as 2026-06-03, or a list of both. */
export const holidaysSchema = z.union([
  calendar.transform((name) => [name]),
  z.array(z.union([calendar, day])).max(1000),
]);
export type HolidaysGiven = readonly string[];

/** Which days of a site are holidays. Days are counted since 1970-01-01. Years are computed when they are asked for. */
export function holidayTable(given: HolidaysGiven): (day: number) => boolean {
  const own = new Set(given.filter((text) => text !== 'korea').map(dayOf));
  if (!given.includes('korea')) return (day) => own.has(day);
  const years = new Map<number, ReadonlySet<number>>();
  return (day) => {
    if (own.has(day)) return true;
    const year = instant(day * DAY_MS).getUTCFullYear();
    const known = years.get(year) ?? new Set(koreanHolidays(year).map(({ day: each }) => each));
    years.set(year, known);
    return known.has(day);
  };
}

/** Days since 1970-01-01 of `2026-06-03`; NaN if there is no such day. */
export function dayOf(date: string): number {
  const at = instant(`${date}T00:00:00Z`).getTime();
  return Number.isNaN(at) || !isoTime(at).startsWith(date) ? Number.NaN : at / DAY_MS;
}

/** `2026-06-03` of days since 1970-01-01. */
export function dateOf(day: number): string {
  return isoTime(day * DAY_MS).slice(0, 10);
}
