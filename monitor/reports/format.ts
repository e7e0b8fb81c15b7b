import type { UnixMs } from '../../core/reading.ts';
import type { Titles } from '../../core/units.ts';
import { ZoneTime } from '../zone-time.ts';
import type { Cell, Column, Report, ReportLanguage } from './report.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const numbers = new Map<number, Intl.NumberFormat>();

/** The same in both languages: `1,234.5`. */
export function numberText(value: number, decimals: number): string {
  let format = numbers.get(decimals);
  if (!format) {
    format = new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
    numbers.set(decimals, format);
  }
  return format.format(value);
}

/** Two decimals where all but a little is; never 100 % where it is less. */
export function shareText(share: number): string {
  const percent = 100 * share;
  const cut = percent > 99.9 && percent < 100 ? Math.floor(percent * 100) / 100 : percent;
  return `${numberText(cut, percent > 99 && percent < 100 ? 2 : 1)} %`;
}

/** The two largest units that say something. */
export function durationText(ms: number, language: ReportLanguage): string {
  const [d, h, m, s] =
    language === 'ko' ? (['일', '시간', '분', '초'] as const) : ([' d', ' h', ' min', ' s'] as const);
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}${s}`;
  const whole = Math.round(ms / MINUTE) * MINUTE;
  if (whole < HOUR) return `${whole / MINUTE}${m}`;
  if (whole < DAY) return joined(Math.floor(whole / HOUR), h, (whole % HOUR) / MINUTE, m);
  return joined(Math.floor(whole / DAY), d, Math.floor((whole % DAY) / HOUR), h);
}

function joined(large: number, unit: string, small: number, smaller: string): string {
  return small === 0 ? `${large}${unit}` : `${large}${unit} ${small}${smaller}`;
}

/** Writes instants as the site's clock showed them. */
export class SiteTime {
  readonly #zone: ZoneTime;

  constructor(zone: string) {
    this.#zone = new ZoneTime(zone);
  }

  /** `2026-11-21 14:05` */
  minute(at: UnixMs): string {
    return this.#zone.iso(at).slice(0, 16).replace('T', ' ');
  }

  /** `11-21 14:05` */
  short(at: UnixMs): string {
    return this.minute(at).slice(5);
  }

  /** `11-21` */
  day(at: UnixMs): string {
    return this.minute(at).slice(5, 10);
  }

  /** `14` */
  hour(at: UnixMs): string {
    return this.minute(at).slice(11, 13);
  }
}

/** A cell of a table as people read it. */
export function cellText(value: Cell, { kind, decimals = 1 }: Column, report: Report, time: SiteTime): string {
  if (value === null) return report.unknown;
  if (typeof value === 'string') return value;
  switch (kind) {
    case 'time':
      return time.minute(value);
    case 'duration':
      return durationText(value, report.language);
    case 'share':
      return shareText(value);
    default:
      return numberText(value, decimals);
  }
}

/** A title in the report's language, else in the other, else the name. */
export function titleIn(titles: Titles | undefined, language: ReportLanguage, name: string): string {
  const other = language === 'ko' ? 'en' : 'ko';
  return titles?.[language] || titles?.[other] || name;
}
