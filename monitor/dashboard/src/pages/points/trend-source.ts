import { signal } from '@preact/signals';
import { ask, type Point, type Rows, readingsPath } from '../../data/api.ts';
import { after } from '../../data/clock.ts';
import { onFilled, onReading } from '../../data/live.ts';
import { now } from '../../data/store.ts';
import { RANGE_MS, type Range, STEP_MS } from './place.ts';
import { append, dropBefore, merge, NO_DATA, type Stretch, type TrendData } from './trend-data.ts';

export type TrendState = 'loading' | 'ready' | 'failed';

/** A second's worth of back-filled spans is fetched at once. */
const FILL_MS = 1000;
const PAGE_ROWS = 50_000;

/** The history behind one chart: fetched once, then kept up by the live stream and by what arrives late. */
export class TrendSource {
  readonly data = signal<TrendData>(NO_DATA);
  readonly state = signal<TrendState>('loading');
  readonly #point: Point;
  readonly #range: Range;
  readonly #stops: (() => void)[] = [];
  #missing: Stretch | undefined;

  constructor(point: Point, range: Range) {
    this.#point = point;
    this.#range = range;
  }

  get stepMs(): number | undefined {
    return this.#point.kind === 'number' ? STEP_MS[this.#range] : undefined;
  }

  start(): () => void {
    void this.load();
    const stopReading = onReading((reading) => {
      if (reading.point === this.#point.id && this.stepMs === undefined) {
        this.#set(append(this.data.value, reading.at, numeric(reading.value)));
      }
    });
    const stopFilled = onFilled(({ point, from, to }) => {
      if (point === '*' || point === this.#point.id) this.#fill({ from, to });
    });
    this.#stops.push(stopReading, stopFilled);
    if (this.stepMs !== undefined) this.#refreshSteps(this.stepMs);
    return () => {
      for (const stop of this.#stops) stop();
    };
  }

  async load(): Promise<void> {
    this.state.value = 'loading';
    try {
      const to = now.value;
      this.data.value = await this.#fetch({ from: to - RANGE_MS[this.#range], to: to + 60_000 });
      this.state.value = 'ready';
    } catch {
      this.state.value = 'failed';
    }
  }

  #set(data: TrendData): void {
    this.data.value = dropBefore(data, now.value - RANGE_MS[this.#range]);
  }

  #fill({ from, to }: Stretch): void {
    if (to < now.value - RANGE_MS[this.#range]) return;
    const waiting = this.#missing;
    this.#missing = { from: Math.min(from, waiting?.from ?? from), to: Math.max(to, waiting?.to ?? to) };
    if (waiting) return;
    this.#stops.push(after(FILL_MS, () => void this.#fillNow()));
  }

  async #fillNow(): Promise<void> {
    const span = this.#missing;
    this.#missing = undefined;
    if (!span) return;
    if (this.stepMs !== undefined) {
      await this.load();
      return;
    }
    const from = Math.max(span.from, now.value - RANGE_MS[this.#range]);
    const fetched = await this.#fetch({ from, to: span.to + 1 }).catch(() => undefined);
    if (fetched) this.#set(merge(this.data.value, fetched, { from, to: span.to }));
  }

  #refreshSteps(stepMs: number): void {
    this.#stops.push(
      after(stepMs, () => {
        void this.load();
        this.#refreshSteps(stepMs);
      }),
    );
  }

  async #fetch({ from, to }: Stretch): Promise<TrendData> {
    const span = { from: Math.floor(from), to: Math.ceil(to) };
    if (this.stepMs !== undefined) {
      const query = { ...span, step: this.stepMs, agg: 'avg,min,max,bad' };
      const { rows } = await ask<Rows>(readingsPath(this.#point.id, query));
      return {
        at: rows.map((row) => Number(row[0]) + (this.stepMs ?? 0) / 2),
        value: rows.map((row) => numeric(row[1] ?? null)),
        low: rows.map((row) => numeric(row[2] ?? null)),
        high: rows.map((row) => numeric(row[3] ?? null)),
        bad: rows.map((row) => Number(row[4])),
      };
    }
    const { rows } = await ask<Rows>(readingsPath(this.#point.id, { ...span, limit: PAGE_ROWS }));
    return {
      at: rows.map((row) => Number(row[0])),
      value: rows.map((row) => numeric(row[1] ?? null)),
      bad: rows.map((row) => (row[2] === 'bad' ? 1 : 0)),
    };
  }
}

/** Texts have no height on a chart. */
function numeric(value: number | boolean | string | null): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'number' ? value : null;
}
