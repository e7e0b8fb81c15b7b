import { signal } from '@preact/signals';
import { ask, type Point, type Rows, readingsPath } from '../../data/api.ts';
import type { Range } from './board.ts';

const MINUTE_MS = 60_000;
export const RANGE_MS: Readonly<Record<Range, number>> = {
  '15m': 15 * MINUTE_MS,
  '1h': 60 * MINUTE_MS,
  '24h': 1440 * MINUTE_MS,
  '7d': 7 * 1440 * MINUTE_MS,
};
/** About two hundred steps in any range: as fine as a tile is wide. */
export const STEP_MS: Readonly<Record<Range, number>> = {
  '15m': 5000,
  '1h': 20_000,
  '24h': 5 * MINUTE_MS,
  '7d': 60 * MINUTE_MS,
};

export interface Line {
  readonly point: Point;
  /** `null`: nothing good was read in that step. */
  readonly rows: readonly { readonly at: number; readonly value: number | null }[];
}

export interface Lines {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly Line[];
}

export type LinesState = Lines | 'loading' | 'failed';

/** Means of several points over the same time. */
export class TrendLines {
  readonly held = signal<LinesState>('loading');
  readonly #points: readonly Point[];
  readonly #range: Range;

  constructor(points: readonly Point[], range: Range) {
    this.#points = points;
    this.#range = range;
  }

  async load(now: number): Promise<void> {
    const to = Math.ceil(now);
    const from = to - RANGE_MS[this.#range];
    try {
      const lines = await Promise.all(this.#points.map((point) => this.#line(point, from, to)));
      this.held.value = { from, to, lines };
    } catch {
      this.held.value = 'failed';
    }
  }

  async #line(point: Point, from: number, to: number): Promise<Line> {
    const { rows } = await ask<Rows>(readingsPath(point.id, { from, to, step: STEP_MS[this.#range], agg: 'avg' }));
    return {
      point,
      rows: rows.map((row) => ({ at: Number(row[0]), value: typeof row[1] === 'number' ? row[1] : null })),
    };
  }
}

export interface Span {
  readonly low: number;
  readonly high: number;
}

/** Of all lines together; undefined if none has a value. A flat line stands in the middle. */
export function spanOf(lines: readonly Line[]): Span | undefined {
  const values = lines.flatMap(({ rows }) => rows.flatMap(({ value }) => (value === null ? [] : [value])));
  if (values.length === 0) return undefined;
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const room = high > low ? (high - low) * 0.08 : Math.max(Math.abs(high) * 0.02, 0.5);
  return { low: low - room, high: high + room };
}

/** Open where nothing was measured: two steps further apart than `gapMs` are not joined. */
export function linePath(
  rows: Line['rows'],
  { from, to }: Pick<Lines, 'from' | 'to'>,
  { low, high }: Span,
  gapMs: number,
  size: { readonly width: number; readonly height: number },
): string {
  let before: number | undefined;
  let path = '';
  for (const { at, value } of rows) {
    if (value === null) {
      before = undefined;
      continue;
    }
    const x = (((at - from) / (to - from)) * size.width).toFixed(1);
    const y = ((1 - (value - low) / (high - low)) * size.height).toFixed(1);
    const isJoined = before !== undefined && at - before <= gapMs;
    // A lone step is a dot: round ends make it one.
    path += `${isJoined ? 'L' : 'M'}${x} ${y}${isJoined ? '' : 'h.01'}`;
    before = at;
  }
  return path;
}
