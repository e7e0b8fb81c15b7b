import type { DuckDBConnection } from '@duckdb/node-api';
import type { UnixMs } from '../../core/reading.ts';
import { DAY_MS, type DayPiece, LocalDays } from '../local-days.ts';
import { STAMP } from './clock-correction.ts';
import { type Database, query, unnest } from './database.ts';
import { partsOf, rollUp } from './rollup-sql.ts';

/** Rows moved in one transaction: some tens of megabytes, a third of a second. */
const MOST_ROWS = 1_000_000;
/**
 * Series with fewer rows in a slice than DuckDB packs together lie behind the others, in the order of their journal: where one series
 * ends and the next begins, stamps and numbers jump by a day, and each jump widens 2,048 packed values. One that is read skips what
 * lies in other groups of rows (122,880 of them), so not all series of a large gateway are mixed.
 */
const PACKED_ROWS = 2048;
const NEIGHBOURS = 4096;

export interface SettleOptions {
  /** Readings stamped before this are moved. */
  readonly before: UnixMs;
  /** So are those, whatever their stamp, that arrived before this: a clock years ahead must not keep them for ever. */
  readonly arrivedBefore: UnixMs;
  /** Time zone of a gateway's site. */
  readonly zoneOf: (gateway: string) => string;
  /** For tests. */
  readonly mostRows?: number;
  readonly signal?: AbortSignal;
}

/**
 * Moves closed hours from where they arrived to where they are sorted by series, and adds them to the rollups. A reading is in
 * the rollups if and only if it is settled: both come about in one transaction, so that an end at any instant leaves the row
 * where it was or where it goes. Answers how many rows went. Ingest goes on meanwhile, on another connection.
 */
export async function settle(database: Database, options: SettleOptions): Promise<number> {
  return database.work(async (connection) => {
    await connection.run('SET SESSION preserve_insertion_order = true');
    let moved = 0;
    for (const slice of await slicesOf(connection, options)) {
      if (options.signal?.aborted) break;
      moved += await settleSlice(connection, slice, options);
    }
    return moved;
  });
}

function closed({ before, arrivedBefore }: SettleOptions): string {
  return `flags <> ${STAMP.uncertain} AND (at_ms < ${Math.trunc(before)} OR arrived_ms < ${Math.trunc(arrivedBefore)})`;
}

/** Whole days [UTC] of some series. Both ends included. */
interface Slice {
  readonly days: readonly [number, number];
  readonly series: readonly [number, number];
}

interface DayRows {
  readonly day: number;
  readonly rows: number;
}

async function slicesOf(connection: DuckDBConnection, options: SettleOptions): Promise<readonly Slice[]> {
  const { mostRows = MOST_ROWS } = options;
  const days = (
    await query(
      connection,
      `SELECT at_ms // ${DAY_MS} AS day, count(*) AS n FROM arrivals WHERE ${closed(options)} GROUP BY 1 ORDER BY 1`,
    )
  ).map((row) => ({ day: Number(row.day), rows: Number(row.n) }));
  const slices: Slice[] = [];
  for (const [first, last, rows] of joinDays(days, mostRows)) {
    const ranges = rows <= mostRows ? [ALL_SERIES] : await seriesRanges(connection, first, { ...options, mostRows });
    slices.push(...ranges.map((series) => ({ days: [first, last] as const, series })));
  }
  return slices;
}

const ALL_SERIES = [0, 2_147_483_647] as const;

/** Days in a row that fit into one transaction; a day that does not fit is alone. */
export function joinDays(days: readonly DayRows[], most: number): (readonly [number, number, number])[] {
  const joined: [number, number, number][] = [];
  for (const { day, rows } of days) {
    const last = joined.at(-1);
    if (last === undefined || last[2] + rows > most) joined.push([day, day, rows]);
    else {
      last[1] = day;
      last[2] += rows;
    }
  }
  return joined;
}

async function seriesRanges(
  connection: DuckDBConnection,
  day: number,
  options: SettleOptions & { readonly mostRows: number },
): Promise<readonly (readonly [number, number])[]> {
  const counts = await query(
    connection,
    `SELECT series AS day, count(*) AS rows FROM arrivals WHERE ${closed(options)} AND at_ms // ${DAY_MS} = ${day}
       GROUP BY 1 ORDER BY 1`,
  );
  return joinDays(counts as never, options.mostRows).map(([first, last]) => [first, last]);
}

const PIECE = { gateway: 'VARCHAR', from_ms: 'BIGINT', day_ms: 'BIGINT', offset_ms: 'BIGINT' };

async function settleSlice(connection: DuckDBConnection, slice: Slice, options: SettleOptions): Promise<number> {
  const { days, series } = slice;
  const where = `${closed(options)} AND at_ms >= ${days[0] * DAY_MS} AND at_ms < ${(days[1] + 1) * DAY_MS}
    AND series BETWEEN ${series[0]} AND ${series[1]}`;
  await connection.run('BEGIN');
  try {
    await connection.run(
      `INSERT INTO settled SELECT series, epoch, seq, at_ms, value, text, fault, flags, (arrived_ms - at_ms) // 60000
         FROM (SELECT * FROM arrivals WHERE ${where})
         JOIN (SELECT series, count(*) AS n FROM arrivals WHERE ${where} GROUP BY 1) USING (series)
        ORDER BY n < ${PACKED_ROWS}, if(n < ${PACKED_ROWS}, epoch, series), if(n < ${PACKED_ROWS}, series // ${NEIGHBOURS}, 0),
                 if(n < ${PACKED_ROWS}, seq, at_ms), epoch, seq`,
    );
    await rollUpSlice(connection, where, options);
    await keepNewest(connection, where);
    const deleted = await connection.run(`DELETE FROM arrivals WHERE ${where}`);
    await connection.run('COMMIT');
    return deleted.rowsChanged;
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => {});
    throw error;
  }
}

async function rollUpSlice(connection: DuckDBConnection, where: string, options: SettleOptions): Promise<void> {
  const singles = partsOf('raw', where, 'series, ').replace('FROM readings', 'FROM arrivals');
  await connection.run(`CREATE OR REPLACE TEMP TABLE new_minutes AS ${rollUp(singles, 'at_ms // 60000 * 60000')}`);
  await fillPieces(connection, options);
  // One join finds the offset and the day of each minute; hours and days then begin where the site's clock says.
  const located = `SELECT m.*, p.offset_ms, p.day_ms FROM new_minutes m JOIN series s ON s.id = m.series
    ASOF JOIN pieces p ON p.gateway = s.gateway AND m.at_ms >= p.from_ms`;
  const hour = '(at_ms + offset_ms) // 3600000 * 3600000 - offset_ms';
  for (const [table, sql] of [
    ['minutes', 'SELECT * FROM new_minutes'],
    ['hours', rollUp(located, hour)],
    ['days', rollUp(located, 'day_ms')],
  ]) {
    await connection.run(`INSERT INTO ${table} SELECT * FROM (${sql}) ORDER BY series, at_ms`);
  }
}

/** When the local days of the slice begin, and how far the sites' clocks are from UTC, for each gateway. */
async function fillPieces(connection: DuckDBConnection, { zoneOf }: SettleOptions): Promise<void> {
  const found = await query(
    connection,
    `SELECT s.gateway, m.at_ms // ${DAY_MS} AS day FROM new_minutes m JOIN series s ON s.id = m.series GROUP BY ALL`,
  );
  const zones = new Map<string, { readonly days: LocalDays; readonly pieces: Map<number, readonly DayPiece[]> }>();
  const rows = new Map<string, object>();
  for (const { gateway, day } of found) {
    const name = zoneOf(String(gateway));
    const zone = zones.get(name) ?? { days: new LocalDays(name), pieces: new Map<number, readonly DayPiece[]>() };
    zones.set(name, zone);
    // A day of UTC lies in two or three local ones.
    for (let local = Number(day) - 1; local <= Number(day) + 1; local++) {
      const pieces = zone.pieces.get(local) ?? zone.days.pieces(local);
      zone.pieces.set(local, pieces);
      for (const { from, day: start, offsetMs } of pieces) {
        rows.set(`${gateway}/${from}`, { gateway, from_ms: from, day_ms: start, offset_ms: offsetMs });
      }
    }
  }
  await connection.run(`CREATE OR REPLACE TEMP TABLE pieces AS ${unnest(PIECE)}`, [JSON.stringify([...rows.values()])]);
}

const NEWEST = 'series, epoch, seq, at_ms, value, text, fault';

/** The newest reading of each series that has none but settled ones: what a start would else have to look for everywhere. */
async function keepNewest(connection: DuckDBConnection, where: string): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE new_newest AS
       WITH found AS (SELECT ${NEWEST} FROM arrivals WHERE ${where}),
            tops AS (SELECT series, max(at_ms) AS at_ms FROM found GROUP BY 1)
       SELECT ${NEWEST} FROM
         (SELECT ${NEWEST} FROM found SEMI JOIN tops USING (series, at_ms)
          UNION ALL SELECT ${NEWEST} FROM newest SEMI JOIN tops USING (series))
       QUALIFY row_number() OVER (PARTITION BY series ORDER BY at_ms DESC, seq DESC, epoch DESC) = 1`,
  );
  await connection.run('DELETE FROM newest WHERE series IN (SELECT series FROM new_newest)');
  await connection.run(`INSERT INTO newest SELECT ${NEWEST} FROM new_newest`);
}
