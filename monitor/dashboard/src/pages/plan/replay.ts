import { signal } from '@preact/signals';
import { type Alarm, ask, type Last, type Point, type Rows, readingsPath, type Value } from '../../data/api.ts';
import type { PointState } from '../../data/point-state.ts';

export const STEP_MS = 5 * 60_000;
export const SPAN_MS = 24 * 3_600_000;
/** Points asked for; a plan with more shows the rest without their past. */
export const MOST_POINTS = 60;
const AT_ONCE = 4;

/** Of each step that has one: its last reading. `null`: nothing in it was good. */
export type Past = ReadonlyMap<string, ReadonlyMap<number, Value | null>>;

/** What a point said at a time that is over: the last reading of the step that ends there. */
export function readingAt(
  past: Past,
  point: string,
  at: number,
): { readonly last: Last | null; readonly state: PointState } {
  const value = past.get(point)?.get(at - STEP_MS);
  if (value === undefined) return { last: null, state: 'empty' };
  return value === null
    ? { last: { at, value, quality: 'bad' }, state: 'bad' }
    : { last: { at, value, quality: 'good' }, state: 'live' };
}

export type Happened = Pick<
  Alarm,
  'id' | 'gateway' | 'device' | 'point' | 'priority' | 'active' | 'raisedAt' | 'clearedAt'
>;

/** The alarms that were active at a time, as far as the hub still knows. */
export function alarmsAt(alarms: readonly Happened[], at: number): readonly Happened[] {
  return alarms
    .filter(({ raisedAt, clearedAt, active }) => raisedAt <= at && (clearedAt === undefined ? active : clearedAt > at))
    .map((alarm) => ({ ...alarm, active: true }));
}

/** The times that can be chosen: ends of steps, the newest last. */
export function stepsUntil(now: number): readonly number[] {
  const newest = Math.floor(now / STEP_MS) * STEP_MS;
  return Array.from({ length: SPAN_MS / STEP_MS }, (_, index) => newest - SPAN_MS + (index + 1) * STEP_MS);
}

/** The last day of what a plan shows, fetched when somebody first moves the slider. */
export class Replay {
  readonly past = signal<Past>(new Map());
  readonly alarms = signal<readonly Happened[]>([]);
  /** 0 to 1; `failed`: what is missing is shown as missing. */
  readonly progress = signal<{ readonly share: number; readonly failed: number }>({ share: 0, failed: 0 });
  readonly steps: readonly number[];
  readonly #points: readonly Point[];
  #isOver = false;

  constructor(points: readonly Point[], now: number) {
    this.#points = points.slice(0, MOST_POINTS);
    this.steps = stepsUntil(now);
  }

  async load(): Promise<void> {
    const waiting = [...this.#points];
    let done = 0;
    let failed = 0;
    const worker = async () => {
      for (let point = waiting.shift(); point && !this.#isOver; point = waiting.shift()) {
        const rows = await this.#fetch(point).catch(() => undefined);
        if (rows === undefined) failed++;
        else this.past.value = new Map([...this.past.value, [point.id, rows]]);
        done++;
        this.progress.value = { share: done / this.#points.length, failed };
      }
    };
    await Promise.all([this.#loadAlarms(), ...Array.from({ length: AT_ONCE }, worker)]);
    this.progress.value = { share: 1, failed };
  }

  stop(): void {
    this.#isOver = true;
  }

  async #loadAlarms(): Promise<void> {
    const path = `/alarms?state=history&limit=5000&updatedFrom=${this.#from}`;
    const [over, standing] = await Promise.all(
      [path, '/alarms?state=active,unacked'].map((each) => ask<{ alarms: Happened[] }>(each)),
    );
    this.alarms.value = [...(over?.alarms ?? []), ...(standing?.alarms ?? [])];
  }

  get #from(): number {
    return (this.steps[0] ?? 0) - STEP_MS;
  }

  async #fetch(point: Point): Promise<ReadonlyMap<number, Value | null>> {
    const query = { from: this.#from, to: this.steps.at(-1) ?? 0, step: STEP_MS, agg: 'last' };
    const { rows } = await ask<Rows>(readingsPath(point.id, query));
    return new Map(rows.map((row) => [Number(row[0]), row[1] ?? null]));
  }
}
