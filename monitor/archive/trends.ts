import type { UnixMs, Value } from '../../core/reading.ts';
import { DAY_MS, HOUR_MS, LocalDays, MINUTE_MS } from '../local-days.ts';
import type { Database, Parameter, Row } from './database.ts';
import type { Span } from './history.ts';
import type { Series } from './registry.ts';
import { LEVELS, type Level, partsOf, ROLLUPS, SUMS } from './rollup-sql.ts';

/** What can be asked of the readings of a step. `good` is the share of them that are no faults, 0..1. */
export const AGGREGATES = ['avg', 'min', 'max', 'first', 'last', 'sum', 'count', 'bad', 'good'] as const;
export type Aggregate = (typeof AGGREGATES)[number];
/** Of a text there is no mean. */
export const TEXT_AGGREGATES: readonly Aggregate[] = ['last', 'count', 'bad', 'good'];

export type TrendRow = readonly [UnixMs, ...(Value | null)[]];

export interface Trend {
  readonly level: Level;
  /** Longer than was asked for where readings as fine as that are not kept any more. */
  readonly stepMs: number;
  readonly rows: readonly TrendRow[];
}

/** From when on each level is kept. A level left out is kept for ever. */
export type KeptFrom = Partial<Readonly<Record<Level, UnixMs>>>;

export interface TrendOptions {
  readonly aggregates: readonly Aggregate[];
  readonly zone: string;
  readonly keptFrom?: KeptFrom;
}

/** The coarsest level whose buckets make up steps of this length in the site's time. */
export function levelOfStep(stepMs: number): Level {
  if (stepMs % DAY_MS === 0) return 'day';
  if (stepMs % HOUR_MS === 0 && DAY_MS % stepMs === 0) return 'hour';
  return stepMs % MINUTE_MS === 0 ? 'minute' : 'raw';
}

/** The coarsest level that still gives a column four buckets, so that columns do not show where buckets are cut. */
export function levelOfColumn(columnMs: number): Level {
  if (columnMs >= 4 * DAY_MS) return 'day';
  if (columnMs >= 4 * HOUR_MS) return 'hour';
  return columnMs >= 4 * MINUTE_MS ? 'minute' : 'raw';
}

/** This level, or the finest coarser one that goes back as far. */
export function levelKept(wanted: Level, from: UnixMs, keptFrom: KeptFrom = {}): Level {
  const levels = LEVELS.slice(LEVELS.indexOf(wanted));
  return levels.find((level) => from >= (keptFrom[level] ?? Number.NEGATIVE_INFINITY)) ?? 'day';
}

/** Reads history as a chart or a table wants it: so many readings to a step, or to a column of the screen. */
export class Trends {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** One row per step that holds readings: its start, then the aggregates in the order asked for. Steps of whole hours and days are the site's. */
  async steps(series: Series, span: Span, { stepMs: asked, ...options }: TrendOptions & { readonly stepMs: number }) {
    const days = new LocalDays(options.zone);
    const wanted = levelOfStep(asked);
    const level = levelKept(wanted, span.from, options.keptFrom);
    const stepMs = level === wanted ? asked : ROLLUPS[level as Exclude<Level, 'raw'>].unitMs;
    const rows =
      level === 'hour' || level === 'day' || stepMs % HOUR_MS === 0
        ? await this.#calendar(series, days.steps(span.from, span.to, stepMs), span, { level, stepMs, ...options })
        : await this.#regular(series, span, { level, stepMs, offsetMs: days.offsetMs(span.from), ...options });
    return { level, stepMs, rows } satisfies Trend;
  }

  /**
   * At most `width` rows, one per column that holds readings: what a chart of that many pixels must show so that no spike is lost.
   * Columns without readings are left out.
   */
  async columns(series: Series, { from, to }: Span, { width, ...options }: TrendOptions & { readonly width: number }) {
    const columnMs = Math.max(1, (to - from) / width);
    const level = levelKept(levelOfColumn(columnMs), from, options.keptFrom);
    const unitMs = level === 'raw' ? 1 : ROLLUPS[level].unitMs;
    // The bucket that `from` lies in belongs to the first column.
    const column = `greatest(0, ((at_ms - $2) * ${Math.trunc(width)}) // ($3 - $2))`;
    const where = `series = $1 AND at_ms > $2 - ${unitMs} AND at_ms < $3`;
    const rows = await this.#sums(partsOf(level, where), column, [series.id, from, to].map(Math.trunc));
    const startOf = (index: number) => Math.round(from + (index * (to - from)) / width);
    return {
      level,
      stepMs: columnMs,
      rows: rows.map((row) => toTrendRow(startOf(Number(row.bucket)), row, series, options.aggregates)),
    } satisfies Trend;
  }

  /**
   * What is known of a series, in order of time: a row per bucket of the level, or per minute (`bucketMs`) where that is finer. Both
   * ends of the span are rounded to the level's buckets.
   */
  async parts(series: Series, { from, to }: Span, level: Level, bucketMs = MINUTE_MS): Promise<readonly TrendPart[]> {
    const unitMs = level === 'raw' ? 1 : ROLLUPS[level].unitMs;
    const where = `series = $1 AND at_ms > $2 - ${unitMs} AND at_ms < $3`;
    const bucket = level === 'raw' ? 'at_ms' : `at_ms // ${bucketMs}`;
    const rows = await this.#sums(partsOf(level, where), bucket, [series.id, from, to].map(Math.trunc));
    return rows.map((row) => {
      const [n, bad] = [Number(row.n_), Number(row.bad_)];
      if (n === 0) return { at: Number(row.bucket) * (level === 'raw' ? 1 : bucketMs), n, bad };
      const good = {
        ...{ first: Number(row.first_value_), firstAt: Number(row.first_at_), last: Number(row.last_value_) },
        ...{ lastAt: Number(row.last_at_), least: Number(row.least_), most: Number(row.most_) },
        mean: Number(row.total_) / n,
      };
      return { at: good.firstAt, n, bad, good };
    });
  }

  /** Where readings came later than that after they were taken, one span per column of the screen, each with when its last one came. */
  async late(
    series: Series,
    { from, to }: Span,
    { width, lateMs }: { readonly width: number; readonly lateMs: number },
  ) {
    const column = `((at_ms - $2) * ${Math.trunc(width)}) // ($3 - $2)`;
    const rows = await this.#database.read(
      `SELECT min(at_ms) AS first_at, max(at_ms) AS last_at, max(arrived_ms) AS arrived FROM readings
        WHERE series = $1 AND at_ms >= $2 AND at_ms < $3 AND arrived_ms - at_ms >= $4 GROUP BY ${column} ORDER BY 1`,
      [series.id, from, to, lateMs].map(Math.trunc),
    );
    return rows.map((row): LateSpan => {
      return { from: Number(row.first_at), to: Number(row.last_at), arrivedAt: Number(row.arrived) };
    });
  }

  async #regular(series: Series, { from, to }: Span, options: Stepping & { readonly offsetMs: number }) {
    const { level, stepMs, offsetMs, aggregates } = options;
    const start = level === 'raw' ? from : Math.floor((from + offsetMs) / stepMs) * stepMs - offsetMs;
    const bucket = `((at_ms + ${offsetMs}) // ${stepMs}) * ${stepMs} - ${offsetMs}`;
    const where = 'series = $1 AND at_ms >= $2 AND at_ms < $3';
    const rows = await this.#sums(partsOf(level, where), bucket, [series.id, start, to].map(Math.trunc));
    return rows.map((row) => toTrendRow(Number(row.bucket), row, series, aggregates));
  }

  async #calendar(series: Series, starts: readonly UnixMs[], { to }: Span, { level, aggregates }: Stepping) {
    const [first] = starts;
    if (first === undefined) return [];
    const where = 'series = $1 AND at_ms >= $2 AND at_ms < $3';
    const parts = `SELECT p.*, b.start FROM (${partsOf(level, where)}) p
      ASOF JOIN (SELECT unnest(from_json($4::JSON, '["BIGINT"]')) AS start) b ON p.at_ms >= b.start`;
    const rows = await this.#sums(parts, 'start', [series.id, first, Math.trunc(to), JSON.stringify(starts)]);
    return rows.map((row) => toTrendRow(Number(row.bucket), row, series, aggregates));
  }

  #sums(parts: string, bucket: string, parameters: readonly Parameter[]): Promise<readonly Row[]> {
    const columns = Object.entries(SUMS).map(([name, sql]) => `${sql} AS ${name}_`);
    return this.#database.read(
      `SELECT bucket, ${columns.join(', ')} FROM (SELECT *, ${bucket} AS bucket FROM (${parts})) GROUP BY 1 ORDER BY 1`,
      parameters,
    );
  }
}

/** Readings of one bucket, taken together. */
export interface TrendPart {
  readonly at: UnixMs;
  readonly n: number;
  readonly bad: number;
  /** Left out where all are faults. */
  readonly good?: {
    readonly first: number;
    readonly firstAt: UnixMs;
    readonly last: number;
    readonly lastAt: UnixMs;
    readonly least: number;
    readonly most: number;
    readonly mean: number;
  };
}

/** Readings that the hub got long after they were taken: a link was down. Both ends are readings. */
export interface LateSpan {
  readonly from: UnixMs;
  readonly to: UnixMs;
  readonly arrivedAt: UnixMs;
}

interface Stepping extends TrendOptions {
  readonly level: Level;
  readonly stepMs: number;
}

function toTrendRow(at: UnixMs, row: Row, { kind }: Series, aggregates: readonly Aggregate[]): TrendRow {
  const number = (name: string) => {
    const value = row[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  const [n, bad, total] = [number('n_') ?? 0, number('bad_') ?? 0, number('total_')];
  const value = (name: 'first_value_' | 'last_value_') => {
    const found = number(name);
    return kind === 'boolean' && found !== null ? found !== 0 : found;
  };
  const figures: Readonly<Record<Aggregate, () => Value | null>> = {
    avg: () => (total === null || n === 0 ? null : total / n),
    min: () => number('least_'),
    max: () => number('most_'),
    first: () => value('first_value_'),
    last: () => (kind === 'text' ? ((row.last_text_ ?? null) as string | null) : value('last_value_')),
    sum: () => total,
    count: () => n,
    bad: () => bad,
    good: () => (n + bad === 0 ? null : n / (n + bad)),
  };
  return [at, ...aggregates.map((name) => figures[name]())];
}
