import { dateOf, utcOf } from './clock.ts';

const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;

const formats = new Map<string, Intl.DateTimeFormat>();
/** Clocks are set at whole quarter hours only, and to ask is slow. */
const offsets = new Map<string, number>();
const MOST_OFFSETS = 20_000;

/** What a zone's clock is ahead of UTC at an instant. */
export function offsetMs(at: number, zone: string): number {
  const quarter = Math.floor(at / QUARTER_MS) * QUARTER_MS;
  const key = `${zone} ${quarter}`;
  const held = offsets.get(key);
  if (held !== undefined) return held;
  const found = wallClock(quarter, zone) - quarter;
  if (offsets.size > MOST_OFFSETS) offsets.clear();
  offsets.set(key, found);
  return found;
}

/** The same time of day, so many days later or earlier: a day may have 23 or 25 hours. */
export function shiftDays(at: number, days: number, zone: string): number {
  return instantOf(at + offsetMs(at, zone) + days * DAY_MS, zone);
}

/** Midnight that begins the day of an instant. */
export function startOfDay(at: number, zone: string): number {
  const wall = at + offsetMs(at, zone);
  return instantOf(Math.floor(wall / DAY_MS) * DAY_MS, zone);
}

/** The instant at which a zone's clock shows a time, given as if it were UTC. Of two the first; of none, an hour on. */
export function instantOf(wall: number, zone: string): number {
  const before = wall - offsetMs(wall - DAY_MS, zone);
  const after = wall - offsetMs(wall + DAY_MS, zone);
  return [before, after].find((at) => at + offsetMs(at, zone) === wall) ?? before;
}

function wallClock(at: number, zone: string): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      ...({ timeZone: zone, hourCycle: 'h23' } as const),
      ...({ year: 'numeric', month: 'numeric', day: 'numeric' } as const),
      ...({ hour: 'numeric', minute: 'numeric', second: 'numeric' } as const),
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(dateOf(at)).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return utcOf(year, month, day, hour, minute, second);
}

/** Of whoever looks. */
export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** All that the browser knows; `chosen` is among them. */
export function zones(chosen: string): readonly string[] {
  const known = Intl.supportedValuesOf('timeZone');
  return known.includes(chosen) ? known : [chosen, ...known];
}
