import type { DuckDBValue } from '@duckdb/node-api';
import { type FaultCode, findFaultByWire } from '../../core/faults.ts';
import type { UnixMs, Value } from '../../core/reading.ts';
import type { Database, Parameter } from './database.ts';
import type { Series, SeriesId } from './registry.ts';

/** One stored reading; the value is null where a fault stands. */
export interface HistoryRow {
  readonly at: UnixMs;
  readonly value: Value | null;
  readonly fault?: FaultCode;
  readonly epoch: string;
  readonly seq: number;
}

/** Where a page of readings ended: order is by time, then by number. */
export interface After {
  readonly at: UnixMs;
  readonly epoch: number;
  readonly seq: number;
}

export interface Span {
  readonly from: UnixMs;
  /** Not included. */
  readonly to: UnixMs;
}

export const AGGREGATES = {
  avg: 'avg(value)',
  min: 'min(value)',
  max: 'max(value)',
  last: 'arg_max(value, (at_ms, seq)) FILTER (fault = 0)',
  count: 'count(*) FILTER (fault = 0)',
  bad: 'count(*) FILTER (fault <> 0)',
} as const;
export type Aggregate = keyof typeof AGGREGATES;

const COLUMNS = 'at_ms, value, text, fault, epoch, seq';

/** Reads history out of the archive. */
export class History {
  readonly #database: Database;
  readonly #epochNames: (id: number) => string;

  /** `epochNames` gives the epoch of an internal id. */
  constructor(database: Database, epochNames: (id: number) => string) {
    this.#database = database;
    this.#epochNames = epochNames;
  }

  /** At most `limit` readings; `next` is there when more follow. */
  async page(
    series: Series,
    span: Span,
    limit: number,
    after?: After,
  ): Promise<{ readonly rows: readonly HistoryRow[]; readonly next?: After }> {
    const rows: HistoryRow[] = [];
    let last: After | undefined;
    for await (const part of this.#select(series.id, span, after, limit + 1)) {
      for (const raw of part) {
        if (rows.length === limit) return last ? { rows, next: last } : { rows };
        rows.push(this.#toRow(raw, series.kind));
        last = { at: Number(raw[0]), epoch: Number(raw[4]), seq: Number(raw[5]) };
      }
    }
    return { rows };
  }

  /** All readings of a span, in order, in parts. */
  async *rows(series: Series, span: Span): AsyncGenerator<readonly HistoryRow[], void> {
    for await (const part of this.#select(series.id, span)) yield part.map((raw) => this.#toRow(raw, series.kind));
  }

  async count(series: SeriesId, { from, to }: Span): Promise<number> {
    const sql = 'SELECT count(*) AS n FROM readings WHERE series = ? AND at_ms >= ? AND at_ms < ?';
    return Number((await this.#database.read(sql, [series, from, to]))[0]?.n ?? 0);
  }

  /** One row per step that holds readings: its start, then the aggregates in the order asked for. */
  async stepped(
    series: SeriesId,
    { from, to }: Span,
    { stepMs, offsetMs, aggregates }: { stepMs: number; offsetMs: number; aggregates: readonly Aggregate[] },
  ): Promise<readonly (readonly [UnixMs, ...(number | null)[]])[]> {
    const columns = aggregates.map((name) => `${AGGREGATES[name]} AS ${name}_`).join(', ');
    const rows = await this.#database.read(
      `SELECT ((at_ms + $4) // $5) * $5 - $4 AS step, ${columns} FROM readings
         WHERE series = $1 AND at_ms >= $2 AND at_ms < $3 GROUP BY 1 ORDER BY 1`,
      [series, from, to, offsetMs, stepMs].map(whole),
    );
    return rows.map((row) => [Number(row.step), ...aggregates.map((name) => numberOrNull(row[`${name}_`]))]);
  }

  /** The newest reading of each series in a window before the newest of all. Series silent for longer are left out. */
  async newest(windowMs: number): Promise<ReadonlyMap<SeriesId, HistoryRow>> {
    const [newest] = await this.#database.read('SELECT max(at_ms) AS at FROM readings');
    const found = new Map<SeriesId, HistoryRow>();
    if (newest?.at == null) return found;
    const rows = await this.#database.read(
      `SELECT series, max(at_ms) AS at_ms, arg_max(coalesce(value, 0), (at_ms, seq)) AS value,
              arg_max(coalesce(text, ''), (at_ms, seq)) AS text, arg_max(fault, (at_ms, seq)) AS fault,
              arg_max(epoch, (at_ms, seq)) AS epoch, arg_max(seq, (at_ms, seq)) AS seq
         FROM readings WHERE at_ms > ? GROUP BY series`,
      [Number(newest.at) - windowMs],
    );
    for (const row of rows) {
      const raw = [row.at_ms, row.value, row.text, row.fault, row.epoch, row.seq] as DuckDBValue[];
      // The kind is not known here: the caller turns the number into what the series holds.
      found.set(Number(row.series), this.#toRow(raw, row.text === '' ? 'number' : 'text'));
    }
    return found;
  }

  async *#select(series: SeriesId, { from, to }: Span, after?: After, limit?: number) {
    const parameters: Parameter[] = [series, from, to].map(whole);
    let where = 'series = $1 AND at_ms >= $2 AND at_ms < $3';
    if (after) {
      where += ' AND (at_ms, epoch, seq) > ($4::BIGINT, $5::INTEGER, $6::BIGINT)';
      parameters.push(...[after.at, after.epoch, after.seq].map(whole));
    }
    const tail = limit === undefined ? '' : `LIMIT ${limit}`;
    const sql = `SELECT ${COLUMNS} FROM readings WHERE ${where} ORDER BY at_ms, epoch, seq ${tail}`;
    for await (const columns of this.#database.stream(sql, parameters)) {
      yield (columns[0] ?? []).map((_, row) => columns.map((values) => values[row] ?? null));
    }
  }

  #toRow([at, value, text, wire, epoch, seq]: readonly DuckDBValue[], kind: Series['kind']): HistoryRow {
    const place = { at: Number(at), epoch: this.#epochNames(Number(epoch)), seq: Number(seq) };
    if (Number(wire) !== 0) {
      return { ...place, value: null, fault: findFaultByWire(Number(wire)) ?? 'fault-unknown' };
    }
    return { ...place, value: toValue(kind, value as number | null, text as string | null) };
  }
}

export function toValue(kind: Series['kind'], value: number | null, text: string | null): Value | null {
  if (kind === 'text') return text;
  return kind === 'boolean' && value !== null ? value !== 0 : value;
}

function numberOrNull(value: Parameter | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Whole numbers: a parameter of type DOUBLE would turn every comparison into one of doubles. */
function whole(value: number): number {
  return Math.trunc(value);
}
