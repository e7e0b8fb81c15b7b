import type { UnixMs } from '../../core/reading.ts';
import { ZoneTime } from '../zone-time.ts';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof DAYS)[number];

/** Times of day in minutes; `to` at or before `from` is on the next day. */
export interface Hours {
  readonly from: number;
  readonly to: number;
}

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
const DAY_MS = DAY_MINUTES * MINUTE;
/** 1970-01-01 was a Thursday. */
const FIRST_DAY = 3;

/** `08:30` in minutes; undefined if the text is no time of day. `24:00` is the end of the day. */
export function parseTimeOfDay(text: string): number | undefined {
  const match = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text);
  const minutes = match ? Number(match[1]) * 60 + Number(match[2]) : undefined;
  return minutes === undefined || minutes > DAY_MINUTES ? undefined : minutes;
}

function local(at: UnixMs, zone: ZoneTime): { readonly day: number; readonly minute: number } {
  const ms = at + zone.offsetMs(at);
  const days = Math.floor(ms / DAY_MS);
  return { day: (((days + FIRST_DAY) % 7) + 7) % 7, minute: Math.floor((ms - days * DAY_MS) / MINUTE) };
}

/** Are these hours now, on one of the days? What goes on past midnight belongs to the day on which it began. */
export function isWithin(at: UnixMs, zone: ZoneTime, { from, to }: Hours, days: readonly Day[] = DAYS): boolean {
  const { day, minute } = local(at, zone);
  const isOn = (index: number) => days.includes(DAYS[(index + 7) % 7] as Day);
  if (from < to) return isOn(day) && minute >= from && minute < to;
  return (isOn(day) && minute >= from) || (isOn(day - 1) && minute < to);
}

/** When these hours end; undefined if they are not now. */
export function endOf(at: UnixMs, zone: ZoneTime, hours: Hours): UnixMs | undefined {
  if (!isWithin(at, zone, hours)) return undefined;
  const { minute } = local(at, zone);
  const left = (hours.to - minute + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
  const guess = Math.floor(at / MINUTE) * MINUTE + left * MINUTE;
  // The clocks may be changed in between.
  return guess + zone.offsetMs(at) - zone.offsetMs(guess);
}

const zones = new Map<string, ZoneTime>();

/** Throws RangeError if there is no such zone. */
export function zoneOf(name: string): ZoneTime {
  const known = zones.get(name) ?? new ZoneTime(name);
  zones.set(name, known);
  return known;
}
