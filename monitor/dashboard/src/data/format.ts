import { dateOf } from './clock.ts';
import { locale, t } from './i18n.ts';

const MOST_DECIMALS = 3;
const SIGNIFICANT = 6;
/** Below this three decimals would say nothing: three significant digits do. */
const SMALL = 0.001;
const SMALL_SIGNIFICANT = 3;
/** Whatever needs more is written with a power of ten. */
const MOST_WRITTEN = 6;
/** As far as a number can say it. */
const MOST_KNOWN = 100;

/** Decimals a value needs, at so many significant digits and at most three decimals; a small one has what it needs not to look like 0. */
export function decimalsOf(value: number, significant = SIGNIFICANT): number {
  const size = Math.abs(value);
  const whole = size < 1 ? 1 : Math.floor(Math.log10(size)) + 1;
  const most =
    size > 0 && size < SMALL
      ? Math.min(MOST_KNOWN, SMALL_SIGNIFICANT - 1 - Math.floor(Math.log10(size)))
      : Math.max(0, Math.min(MOST_DECIMALS, significant - whole));
  const text = size.toFixed(most);
  return text.includes('.') ? text.replace(/0+$/, '').length - text.indexOf('.') - 1 : 0;
}

/** Decimals at which a value stands in line with others of its point that had as many: a small one has not made them all as long. */
export function decimalsAmong(value: number, most: number): number {
  return Math.min(most, Math.max(MOST_DECIMALS, decimalsOf(value)));
}

export function formatNumber(value: number, decimals: number): string {
  const digits =
    decimals > MOST_WRITTEN
      ? { notation: 'scientific' as const, maximumSignificantDigits: SMALL_SIGNIFICANT }
      : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(locale.value, digits).format(value);
}

export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return t('age.s', { n: seconds });
  if (seconds < 7200) return t('age.m', { n: Math.floor(seconds / 60) });
  if (seconds < 172_800) return t('age.h', { n: Math.floor(seconds / 3600) });
  return t('age.d', { n: Math.floor(seconds / 86_400) });
}

export function formatAgo(ms: number): string {
  return ms < 1500 ? t('now') : t('ago', { age: formatAge(ms) });
}

/** An interval in settings: 500 ms, 5 s, 15 min. */
export function formatInterval(ms: number): string {
  return ms < 1000 ? `${ms} ms` : formatAge(ms);
}

/** `2026-11-21 14:02:05`, in the zone of the site. */
export function formatTime(at: number, zone: string, parts: 'time' | 'full' = 'full'): string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    ...(parts === 'full' ? { year: 'numeric', month: '2-digit', day: '2-digit' } : {}),
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  return format.format(dateOf(at));
}
