import { signal } from '@preact/signals';
import { aligned } from '../kit/plot/align.ts';
import { append, dropBefore, merge, NO_DATA, type Stretch, type TrendData } from '../kit/plot/trend-data.ts';
import type { Window } from '../kit/plot/window.ts';
import { ask, type Point, type Rows, readingsPath } from './api.ts';
import { after, browserNow } from './clock.ts';
import { onFilled, onReading } from './live.ts';
import { expectedInterval } from './point-state.ts';
import {
  COLUMN_AGGREGATES,
  fitsRaw,
  isState,
  type Level,
  mostReadings,
  numeric,
  ofColumns,
  ofReadings,
  type Resolution,
} from './trend-answer.ts';
import { learnDecimals } from './value-text.ts';
import { shiftDays } from './zone.ts';

export type TrendState = 'loading' | 'ready' | 'failed';

export interface LateSpan extends Stretch {
  readonly arrivedAt: number;
}

/** Fingers and wheels ask many times a second. */
const QUIET_MS = 120;
/** A second's worth of back-filled spans is fetched at once. */
const FILL_MS = 1000;
/** So long after it was told live, a reading may be missing in an answer: that may have been on its way, or the archive not yet written. */
const RECENT_MS = 30_000;
const FILL_AGAIN_MS = 3000;
/** What is fetched on both sides of what is seen, so that moving shows something at once. */
const MARGIN = 0.25;
/** Columns of a window that slides are fetched again after one more has passed, not more often than this. */
const REFRESH_MS = 2000;
/** Beyond, readings themselves are mostly gone, and nobody knows when they came. */
const LATE_SPAN_MS = 32 * 86_400_000;

interface Recent {
  readonly heardAt: number;
  readonly at: number;
  readonly value: number | null;
  readonly fault: string | undefined;
}

interface Fetched extends Window {
  readonly resolution: Resolution;
  readonly at: number;
}

export interface SourceOptions {
  /** Shows what was so many days ago, at the time of day of now. */
  readonly daysBack?: number;
  readonly zone: string;
}

/**
 * The history of a point behind one line of a chart: fetched as finely as the screen can show, kept up by the live stream and by
 * what arrives late. The old picture stays until the new one has come.
 */
export class TrendSource {
  readonly data = signal<TrendData>(NO_DATA);
  readonly late = signal<readonly LateSpan[]>([]);
  readonly state = signal<TrendState>('loading');
  readonly resolution = signal<Resolution>({ kind: 'raw' });
  readonly #point: Point;
  readonly #options: SourceOptions;
  #wanted: Window & { readonly isLive: boolean; readonly width: number } = { from: 0, to: 0, isLive: true, width: 0 };
  #fetched: Fetched | undefined;
  #asked = 0;
  #askedAt = 0;
  #stopWaiting: (() => void) | undefined;
  #stopFilling: (() => void) | undefined;
  #missing: Stretch | undefined;
  #recent: readonly Recent[] = [];

  constructor(point: Point, options: SourceOptions) {
    this.#point = point;
    this.#options = options;
  }

  /** Keeps it up to date; answers how to end that. */
  start(): () => void {
    const isNow = this.#options.daysBack === undefined;
    const stops = isNow ? [this.#followReadings(), this.#followFilled()] : [];
    return () => {
      for (const stop of stops) stop();
      this.#stopWaiting?.();
      this.#stopFilling?.();
      this.#asked++;
    };
  }

  /** What is to be seen, in so many pixels. */
  show(window: Window, isLive: boolean, width: number): void {
    this.#wanted = { ...window, isLive, width };
    if (width === 0 || this.#stopWaiting || this.#isGood()) return;
    const waitMs = this.#askedAt + QUIET_MS - browserNow();
    if (waitMs <= 0) {
      void this.load();
      return;
    }
    this.#stopWaiting = after(waitMs, () => {
      this.#stopWaiting = undefined;
      if (!this.#isGood()) void this.load();
    });
  }

  async load(): Promise<void> {
    this.#askedAt = browserNow();
    const turn = ++this.#asked;
    const { from, to, isLive, width } = this.#wanted;
    const room = isLive ? 0 : (to - from) * MARGIN;
    const span = { from: Math.floor(from - room), to: Math.ceil(to + Math.max(room, (to - from) / 50)) };
    const columns = Math.round((width * (span.to - span.from)) / (to - from));
    if (this.state.peek() === 'failed') this.state.value = 'loading';
    try {
      const { data, resolution } = await this.#fetch(span, columns);
      if (turn !== this.#asked) return;
      this.#fetched = { ...span, resolution, at: this.#askedAt };
      this.resolution.value = resolution;
      this.data.value = resolution.kind === 'raw' ? this.#withRecent(data, isLive ? Infinity : span.to) : data;
      this.state.value = 'ready';
      if (this.#missing && !this.#stopFilling) this.#fillSoon(FILL_MS);
      await this.#loadLate(span, columns, turn);
    } catch {
      if (turn === this.#asked) this.state.value = 'failed';
    }
  }

  /** Whether what is there is as wide and as fine as what is wanted. */
  #isGood(): boolean {
    const held = this.#fetched;
    if (!held) return false;
    const { from, to, isLive, width } = this.#wanted;
    const { resolution } = held;
    const grows = isLive && this.#options.daysBack === undefined;
    if (from < held.from || (to > held.to && !(grows && resolution.kind === 'raw'))) return false;
    if (resolution.kind === 'raw') return true;
    if (grows && browserNow() - held.at > Math.max(resolution.ms, REFRESH_MS)) return false;
    const wantedMs = (to - from) / width;
    return resolution.ms <= wantedMs * 1.3 && resolution.ms >= wantedMs / 3;
  }

  async #fetch(span: Stretch, width: number): Promise<{ data: TrendData; resolution: Resolution }> {
    const { daysBack, zone } = this.#options;
    if (daysBack === undefined) return this.#ask(span, width);
    const back = (at: number) => shiftDays(at, -daysBack, zone);
    const { data, resolution } = await this.#ask({ from: back(span.from), to: back(span.to) }, width);
    return { data: aligned(data, (at) => shiftDays(at, daysBack, zone)), resolution };
  }

  async #ask(span: Stretch, width: number): Promise<{ data: TrendData; resolution: Resolution }> {
    const { id } = this.#point;
    if (fitsRaw(span.to - span.from, expectedInterval(this.#point), width)) {
      const answer = await ask<Rows>(readingsPath(id, { ...span, limit: 2 * mostReadings(width) }));
      if (answer.cursor === undefined) return { data: this.#learn(ofReadings(answer)), resolution: { kind: 'raw' } };
    }
    const query = { ...span, width, agg: COLUMN_AGGREGATES };
    const answer = await ask<Rows & { resolution: Level }>(readingsPath(id, query));
    const ms = answer.step ?? 0;
    return {
      data: this.#learn(ofColumns(answer, ms, isState(this.#point))),
      resolution: { kind: 'columns', ms, of: answer.resolution },
    };
  }

  /** A mean has any number of decimals; the least and the greatest of a column are values as they were read. */
  #learn(data: TrendData): TrendData {
    const read = data.low && data.high ? [...data.low, ...data.high] : data.value;
    if (!isState(this.#point)) learnDecimals(this.#point, read);
    return data;
  }

  async #loadLate(span: Stretch, width: number, turn: number): Promise<void> {
    if (this.#options.daysBack !== undefined) return;
    if (span.to - span.from > LATE_SPAN_MS) {
      this.late.value = [];
      return;
    }
    const parts = Object.entries({ point: this.#point.id, ...span, width }).map(
      ([name, value]) => `${name}=${encodeURIComponent(value)}`,
    );
    const { spans } = await ask<{ spans: LateSpan[] }>(`/readings/late?${parts.join('&')}`);
    if (turn === this.#asked) this.late.value = spans;
  }

  #withRecent(data: TrendData, to: number): TrendData {
    const first = data.at[0] ?? Number.NEGATIVE_INFINITY;
    const missing = this.#recent.filter(({ at }) => at >= first && at <= to);
    return missing.reduce((sum, { at, value, fault }) => append(sum, at, value, fault), data);
  }

  #followReadings(): () => void {
    return onReading((reading) => {
      if (reading.point !== this.#point.id) return;
      const { at, fault } = reading;
      const value = numeric(reading.value);
      const heardAt = browserNow();
      this.#recent = [
        ...this.#recent.filter((old) => heardAt - old.heardAt < RECENT_MS),
        { heardAt, at, value, fault },
      ];
      const held = this.#fetched;
      const { isLive, from } = this.#wanted;
      if (held?.resolution.kind !== 'raw' || !(isLive || at <= held.to)) return;
      const data = append(this.data.peek(), at, value, fault);
      this.data.value = isLive ? dropBefore(data, from) : data;
      if (isLive) this.#fetched = { ...held, from: Math.max(held.from, from) };
    });
  }

  #followFilled(): () => void {
    return onFilled(({ point, from, to }) => {
      if (point !== '*' && point !== this.#point.id) return;
      if (to < this.#wanted.from || from > this.#wanted.to) return;
      const waiting = this.#missing;
      this.#missing = { from: Math.min(from, waiting?.from ?? from), to: Math.max(to, waiting?.to ?? to) };
      if (!waiting) this.#fillSoon(FILL_MS);
    });
  }

  #fillSoon(ms: number): void {
    this.#stopFilling?.();
    this.#stopFilling = after(ms, () => {
      this.#stopFilling = undefined;
      void this.#fill();
    });
  }

  async #fill(): Promise<void> {
    const missing = this.#missing;
    const held = this.#fetched;
    // The first answer is under way, and may be older: once it is there, what is missing is asked for.
    if (!missing || !held) return;
    this.#missing = undefined;
    if (held.resolution.kind !== 'raw') {
      await this.load();
      return;
    }
    const turn = this.#asked;
    const span = { from: Math.floor(Math.max(missing.from, held.from)), to: Math.ceil(missing.to) + 1 };
    const answer = await ask<Rows>(readingsPath(this.#point.id, { ...span, limit: 50_000 })).catch(() => undefined);
    if (turn !== this.#asked) return;
    if (!answer) {
      const { from, to } = this.#missing ?? missing;
      this.#missing = { from: Math.min(from, missing.from), to: Math.max(to, missing.to) };
      this.#fillSoon(FILL_AGAIN_MS);
      return;
    }
    this.data.value = merge(this.data.peek(), ofReadings(answer), { from: span.from, to: span.to - 1 });
    await this.#loadLate({ from: held.from, to: Math.max(held.to, span.to) }, this.#wanted.width, turn).catch(() => {});
  }
}
