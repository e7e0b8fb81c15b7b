import { LocalTime } from '../core/local-time.ts';
import type { UnixMs } from '../core/reading.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Writes instants in the zone of a site. */
export class ZoneTime {
  readonly #local: LocalTime;

  /** Throws RangeError if there is no such zone. */
  constructor(zone: string) {
    this.#local = new LocalTime(zone);
  }

  /** Local time minus UTC at that instant. */
  offsetMs(at: UnixMs): number {
    return this.#local.offset(at);
  }

  /** ISO 8601 with offset: `2026-11-21T09:30:00.000+09:00`. */
  iso(at: UnixMs): string {
    const offset = this.offsetMs(at);
    const minutes = Math.abs(offset) / MINUTE;
    const sign = offset < 0 ? '-' : '+';
    return `${localTime(at + offset)}${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }
}

/** Days to date after H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (public domain). */
function localTime(ms: number): string {
  const days = Math.floor(ms / DAY);
  const rest = ms - days * DAY;
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const clock = `${two(Math.floor(rest / 3_600_000))}:${two(Math.floor(rest / MINUTE) % 60)}:${two(Math.floor(rest / 1000) % 60)}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock}.${String(rest % 1000).padStart(3, '0')}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
