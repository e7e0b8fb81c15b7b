import type { Window } from '../../kit/plot/window.ts';

export const RANGES = ['15m', '1h', '6h', '24h', '7d', '30d', '1y'] as const;
export type Range = (typeof RANGES)[number];

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;
export const RANGE_MS: Readonly<Record<Range, number>> = {
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '6h': 360 * MINUTE_MS,
  '24h': DAY_MS,
  '7d': 7 * DAY_MS,
  '30d': 30 * DAY_MS,
  '1y': 365 * DAY_MS,
};

export const COMPARES = ['none', 'yesterday', 'last-week'] as const;
export type Compare = (typeof COMPARES)[number];
export const DAYS_BACK: Readonly<Record<Compare, number | undefined>> = {
  none: undefined,
  yesterday: 1,
  'last-week': 7,
};

export const MOST_POINTS = 16;

/** What the page shows. All of it stands in the address. */
export interface TrendView {
  readonly points: readonly string[];
  /** How far back from now. */
  readonly range: Range;
  /** A stretch that does not move on; instead of the range. */
  readonly span?: Window;
  readonly compare: Compare;
}

export function viewOf(query: Readonly<Record<string, string>>): TrendView {
  const points = [...new Set((query.points ?? '').split(',').filter((id) => id !== ''))].slice(0, MOST_POINTS);
  const [from, to] = [Number(query.from ?? Number.NaN), Number(query.to ?? Number.NaN)];
  return {
    points,
    range: RANGES.find((name) => name === query.range) ?? '24h',
    compare: COMPARES.find((name) => name === query.compare) ?? 'none',
    ...(Number.isFinite(from) && Number.isFinite(to) && to > from ? { span: { from, to } } : {}),
  };
}

export function queryOf({ points, range, span, compare }: TrendView): Record<string, string> {
  return {
    ...(points.length > 0 ? { points: points.join(',') } : {}),
    range,
    ...(span ? { from: String(Math.round(span.from)), to: String(Math.round(span.to)) } : {}),
    ...(compare === 'none' ? {} : { compare }),
  };
}

export function windowOf({ range, span }: Pick<TrendView, 'range' | 'span'>, now: number): Window {
  return span ?? { from: now - RANGE_MS[range], to: now };
}
