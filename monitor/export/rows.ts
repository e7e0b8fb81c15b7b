import { seqToJson } from '../../cloud-sync/protocol/numbers.ts';
import type { UnixMs, Value } from '../../core/reading.ts';
import type { History, Span } from '../archive/history.ts';
import { type Aggregate, type KeptFrom, TEXT_AGGREGATES, type Trends } from '../archive/trends.ts';
import { DAY_MS, LocalDays } from '../local-days.ts';
import type { KnownPoint } from '../points.ts';
import type { ExportRequest } from './request.ts';

/** What exports are made of. */
export interface ExportSource {
  readonly history: History;
  readonly trends: Trends;
  readonly keptFrom: () => KeptFrom;
}

/** What one point has to say at one time. */
export interface ExportRow {
  readonly at: UnixMs;
  readonly cells: readonly (Value | null)[];
}

export type Parts = AsyncIterable<readonly ExportRow[]>;

/** Readings: value, quality, fault, and on request their numbers. */
export async function* readingRows({ history }: ExportSource, point: KnownPoint, request: ExportRequest): Parts {
  for await (const rows of history.rows(point.series, request)) {
    yield rows.map(({ at, value, fault, epoch, seq }) => {
      const cells = [value, fault === undefined ? 'good' : 'bad', fault ?? null];
      return { at, cells: request.numbers ? [...cells, epoch, seqToJson(seq)] : cells };
    });
  }
}

/** A file of years is made a stretch at a time. */
const STRETCH_STEPS = 10_000;

/** One row per step that holds readings, its cells as `agg` has them. */
export async function* stepRows(
  { trends, keptFrom }: ExportSource,
  point: KnownPoint,
  { from, to, agg }: ExportRequest,
  { stepMs, zone }: { readonly stepMs: number; readonly zone: string },
): Parts {
  const aggregates = agg.filter((name) => point.entry.kind !== 'text' || TEXT_AGGREGATES.includes(name));
  for (const span of stretches({ from, to }, stepMs, zone)) {
    const options = { stepMs, zone, aggregates, keptFrom: keptFrom() };
    const { rows } = await trends.steps(point.series, span, options);
    yield rows.map(([at, ...figures]) => ({ at, cells: agg.map((name) => figures[aggregates.indexOf(name)] ?? null) }));
  }
}

/** The span, cut at midnights of the site at which a step begins. */
function stretches({ from, to }: Span, stepMs: number, zone: string): readonly Span[] {
  const days = new LocalDays(zone);
  const stepDays = Math.max(1, stepMs / DAY_MS);
  const count = Math.max(1, Math.floor((STRETCH_STEPS * stepMs) / DAY_MS / stepDays)) * stepDays;
  const spans: Span[] = [];
  for (let start = from; start < to; ) {
    const next = Math.floor(days.dayOf(start) / stepDays) * stepDays + count;
    const end = Math.min(to, days.startOf(next));
    spans.push({ from: start, to: end });
    start = end;
  }
  return spans;
}

/** The columns of one point in a table of steps. */
export function stepColumns(agg: readonly Aggregate[], prefix = ''): string[] {
  return agg.map((name) => `${prefix}${name}`);
}

/** Several points side by side: one row per time that any of them knows; what a point does not know then is null. */
export async function* sideBySide(parts: readonly Parts[], widths: readonly number[]): Parts {
  const cursors = await Promise.all(parts.map((each) => Cursor.open(each)));
  try {
    let rows: ExportRow[] = [];
    for (;;) {
      const at = Math.min(...cursors.map((cursor) => cursor.at));
      if (at === Number.POSITIVE_INFINITY) break;
      rows.push({ at, cells: await cellsAt(at, cursors, widths) });
      if (rows.length < PART_ROWS) continue;
      yield rows;
      rows = [];
    }
    yield rows;
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
}

const PART_ROWS = 1000;

async function cellsAt(at: UnixMs, cursors: readonly Cursor[], widths: readonly number[]) {
  const cells: (Value | null)[] = [];
  for (const [index, cursor] of cursors.entries()) {
    const own = cursor.at === at ? await cursor.take() : [];
    for (let i = 0; i < (widths[index] ?? 0); i++) cells.push(own[i] ?? null);
  }
  return cells;
}

/** Reads parts row by row. */
class Cursor {
  readonly #parts: AsyncIterator<readonly ExportRow[]>;
  #part: readonly ExportRow[] = [];
  #index = 0;

  private constructor(parts: Parts) {
    this.#parts = parts[Symbol.asyncIterator]();
  }

  static async open(parts: Parts): Promise<Cursor> {
    const cursor = new Cursor(parts);
    await cursor.#fill();
    return cursor;
  }

  /** Time of the next row; infinite after the last. */
  get at(): UnixMs {
    return this.#part[this.#index]?.at ?? Number.POSITIVE_INFINITY;
  }

  async take(): Promise<ExportRow['cells']> {
    const cells = this.#part[this.#index]?.cells ?? [];
    this.#index += 1;
    if (this.#index >= this.#part.length) await this.#fill();
    return cells;
  }

  async close(): Promise<void> {
    await this.#parts.return?.();
  }

  async #fill(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#parts.next();
      this.#part = done ? [] : value;
      this.#index = 0;
      if (done || this.#part.length > 0) return;
    }
  }
}
