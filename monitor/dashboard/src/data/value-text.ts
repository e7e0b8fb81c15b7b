import type { Last, Point } from './api.ts';
import { decimalsAmong, decimalsOf, formatAge, formatNumber } from './format.ts';
import { t, titleOf } from './i18n.ts';

/** The most decimals a point's values have had: its numbers then stay in line while they change. */
const decimals = new Map<string, number>();

/** A value as people read it; a dash where there is none, never a zero. */
export function valueText(point: Point, last: Pick<Last, 'value'> | null): string {
  const value = last?.value ?? null;
  if (value === null) return '–';
  const named = point.enum?.[String(value)];
  if (named) return titleOf(named, String(value));
  if (typeof value === 'boolean') return value ? t('on') : t('off');
  // Words of a status, of which none is set; a device may also have nothing to say.
  if (typeof value === 'string') return value === '' ? t('text.empty') : value;
  const digits = Math.max(decimals.get(point.id) ?? 0, decimalsOf(value));
  decimals.set(point.id, digits);
  return formatNumber(value, decimalsAmong(value, digits));
}

/** Values that have come, shown or not: what is written of their point is then as fine as they are. */
export function learnDecimals(point: Pick<Point, 'id'>, values: readonly (number | null)[]): void {
  const found = values.map((value) => (value === null ? 0 : decimalsOf(value)));
  decimals.set(point.id, Math.max(decimals.get(point.id) ?? 0, ...found));
}

/** A figure worked out from a point's values, no finer than they are. */
export function derivedText(point: Point, value: number): string {
  return formatNumber(value, decimalsAmong(value, decimals.get(point.id) ?? decimalsOf(value)));
}

export function ageText(ms: number): string {
  return ms < 1500 ? t('now') : formatAge(ms);
}

/** A value as it stands in a column of numbers. */
export function readText(point: Point, value: number): string {
  return valueText(point, { value: point.kind === 'boolean' ? value !== 0 : value });
}

/** Between two states of an axis there is nothing. */
export function axisText(point: Point, value: number): string {
  if (point.kind === 'boolean' || point.enum) return Number.isInteger(value) ? readText(point, value) : '';
  return formatNumber(value, decimalsOf(value));
}
