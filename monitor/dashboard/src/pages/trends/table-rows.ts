import { nearest, type TrendData } from '../../kit/plot/trend-data.ts';
import type { Window } from '../../kit/plot/window.ts';

export interface TableRow {
  readonly at: number;
  /** Undefined: nothing at this instant. Null: a reading without a value. */
  readonly cells: readonly (number | null | undefined)[];
}

export interface TableRows {
  readonly rows: readonly TableRow[];
  /** How many more there are. */
  readonly left: number;
}

/** What the window shows, newest first, a row per instant. */
export function tableRows(lines: readonly TrendData[], { from, to }: Window, most: number): TableRows {
  const times = [...new Set(lines.flatMap(({ at }) => at.filter((time) => time >= from && time <= to)))];
  times.sort((a, b) => b - a);
  const rows = times.slice(0, most).map((at) => ({
    at,
    cells: lines.map(({ at: own, value }) => {
      const index = nearest(own, at, 0);
      return index === undefined ? undefined : (value[index] ?? null);
    }),
  }));
  return { rows, left: times.length - rows.length };
}
