import { signal } from '@preact/signals';
import { ask, type Point, type Rows, readingsPath } from '../../data/api.ts';
import { now } from '../../data/store.ts';
import type { SparkPoint } from '../../kit/spark-path.ts';

export const HOUR_MS = 3_600_000;
export const STEP_MS = 60_000;

export interface Spark {
  readonly from: number;
  readonly to: number;
  readonly points: readonly SparkPoint[];
}

/** The last hour of a point in steps of a minute. */
export class SparkSource {
  readonly #point: Point;
  readonly held = signal<Spark | undefined>(undefined);

  constructor(point: Point) {
    this.#point = point;
  }

  async load(): Promise<void> {
    const to = Math.ceil(now.peek());
    const from = to - HOUR_MS;
    const query = { from, to, step: '1m', agg: 'avg' };
    const { columns, rows } = await ask<Rows>(readingsPath(this.#point.id, query));
    const [at, value] = [columns.indexOf('at'), columns.indexOf('avg')];
    const points = rows.map((row) => ({
      at: Number(row[at]),
      value: typeof row[value] === 'number' ? row[value] : null,
    }));
    this.held.value = { from, to, points };
  }
}
