import { dateOf } from './clock.ts';
import { locale, t } from './i18n.ts';

const MOST_DECIMALS = 3;
const SIGNIFICANT = 6;

/** Decimals a value needs, at six significant digits and at most three decimals. */
export function decimalsOf(value: number): number {
  const whole = Math.abs(value) < 1 ? 1 : Math.floor(Math.log10(Math.abs(value))) + 1;
  const most = Math.max(0, Math.min(MOST_DECIMALS, SIGNIFICANT - whole));
  const text = Math.abs(value).toFixed(most);
  return text.includes('.') ? text.replace(/0+$/, '').length - text.indexOf('.') - 1 : 0;
}

export function formatNumber(value: number, decimals: number): string {
  const digits = Math.min(decimals, 6);
  return new Intl.NumberFormat(locale.value, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
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
