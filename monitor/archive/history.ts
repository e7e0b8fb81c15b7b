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

  async countAll(series: readonly SeriesId[], { from, to }: Span): Promise<number> {
    const sql = `SELECT count(*) AS n FROM readings WHERE series IN (${series.map(whole).join(', ')}) AND at_ms >= ? AND at_ms < ?`;
    return Number((await this.#database.read(sql, [from, to].map(whole)))[0]?.n ?? 0);
  }

  /** The newest reading of each series, of those that have any. */
  async newest(): Promise<ReadonlyMap<SeriesId, HistoryRow>> {
    const rows = await this.#database.read(
      `WITH tops AS (SELECT series, max(at_ms) AS at_ms FROM arrivals GROUP BY 1)
       SELECT at_ms, value, text, fault, epoch, seq, series FROM
         (SELECT ${COLUMNS}, series FROM arrivals SEMI JOIN tops USING (series, at_ms)
          UNION ALL SELECT ${COLUMNS}, series FROM newest)
       QUALIFY row_number() OVER (PARTITION BY series ORDER BY at_ms DESC, seq DESC, epoch DESC) = 1`,
    );
    return new Map(
      rows.map((row) => {
        const raw = [row.at_ms, row.value, row.text, row.fault, row.epoch, row.seq] as DuckDBValue[];
        // The kind is not known here: the caller turns the number into what the series holds.
        const text = row.text as string | null;
        return [Number(row.series), this.#toRow(raw, text === null ? 'number' : 'text')];
      }),
    );
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

/** Whole numbers: a parameter of type DOUBLE would turn every comparison into one of doubles. */
function whole(value: number): number {
  return Math.trunc(value);
}
