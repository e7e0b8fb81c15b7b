import type { TrendData } from '../kit/plot/trend-data.ts';
import type { Point, Rows, Value } from './api.ts';

/** How finely the readings stand on the chart. */
export type Resolution =
  | { readonly kind: 'raw' }
  | { readonly kind: 'columns'; readonly ms: number; readonly of: Level };
export type Level = 'raw' | 'minute' | 'hour' | 'day';

/** What a column is asked for, in the order in which `ofColumns` reads it. */
export const COLUMN_AGGREGATES = 'avg,min,max,last,bad';

export function isState(point: Pick<Point, 'kind' | 'enum'>): boolean {
  return point.kind === 'boolean' || point.enum !== undefined;
}

export function ofReadings({ rows }: Rows): TrendData {
  return {
    at: rows.map((row) => Number(row[0])),
    value: rows.map((row) => numeric(row[1] ?? null)),
    bad: rows.map((row) => (row[2] === 'bad' ? 1 : 0)),
    fault: rows.map((row) => (typeof row[3] === 'string' ? row[3] : undefined)),
  };
}

/** A column stands at its middle. The mean of states says nothing: there the last one counts. */
export function ofColumns({ rows }: Rows, columnMs: number, states: boolean): TrendData {
  return {
    at: rows.map((row) => Number(row[0]) + columnMs / 2),
    value: rows.map((row) => numeric(row[states ? 4 : 1] ?? null)),
    low: rows.map((row) => numeric(row[2] ?? null)),
    high: rows.map((row) => numeric(row[3] ?? null)),
    bad: rows.map((row) => Number(row[5])),
  };
}

/** Texts have no height on a chart. */
export function numeric(value: Value | null): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' ? value : null;
}

/** So many readings to a pixel are still drawn one by one. */
const READINGS_PER_PIXEL = 2;

/** Whether the readings of a span are few enough to be drawn one by one, as far as the point's rhythm tells. */
export function fitsRaw(spanMs: number, intervalMs: number | undefined, width: number): boolean {
  return intervalMs === undefined || spanMs / intervalMs <= mostReadings(width);
}

export function mostReadings(width: number): number {
  return READINGS_PER_PIXEL * width;
}
