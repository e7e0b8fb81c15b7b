import type { UnixMs } from '../core/reading.ts';
import { STAMP } from './archive/clock-correction.ts';
import type { Database } from './archive/database.ts';
import { type Level, ROLLUPS, type Rollup } from './archive/rollup-sql.ts';
import type { KeptFrom } from './archive/trends.ts';
import { DAY_MS } from './local-days.ts';

/** How long each level of history is kept, in ms; left out: for ever. Days, events and gaps stay: they are small, and they explain. */
export type Keep = Partial<Readonly<Record<Exclude<Level, 'day'>, number>>>;

export function keptFrom(keep: Keep, now: UnixMs): KeptFrom {
  return Object.fromEntries(Object.entries(keep).map(([level, ms]) => [level, now - ms]));
}

/** Removes what is older than `keep` says, and answers how many rows that were. Readings must have been settled. */
export async function prune(database: Database, keep: Keep, now: UnixMs): Promise<number> {
  let removed = 0;
  for (const [level, from] of Object.entries(keptFrom(keep, now))) {
    removed += await (level === 'raw' ? removeBefore(database, from) : removeRollups(database, level as Rollup, from));
  }
  return removed;
}

/**
 * Removes readings with the counters that say how many rows there ought to be, a day's in a transaction of the writer: ingest
 * waits for none of them longer than a few hundredths of a second. What is not in the rollups yet stays until it is.
 */
export async function removeBefore(database: Database, at: UnixMs): Promise<number> {
  let removed = 0;
  for (const [from, to] of await daysBefore(database, 'readings', at)) {
    const old = `at_ms >= ${from} AND at_ms < ${to}`;
    const unsettled = `${old} AND flags = ${STAMP.uncertain}`;
    await database.write(async (connection) => {
      await connection.run(
        `UPDATE epochs SET removed = removed + r.n
           FROM (SELECT epoch, count(*) AS n FROM
                   (SELECT epoch FROM settled WHERE ${old} UNION ALL SELECT epoch FROM arrivals WHERE ${unsettled})
                 GROUP BY epoch) r WHERE epochs.id = r.epoch`,
      );
      removed += (await connection.run(`DELETE FROM settled WHERE ${old}`)).rowsChanged;
      removed += (await connection.run(`DELETE FROM arrivals WHERE ${unsettled}`)).rowsChanged;
    });
  }
  return removed;
}

async function removeRollups(database: Database, level: Rollup, at: UnixMs): Promise<number> {
  const { table } = ROLLUPS[level];
  let removed = 0;
  for (const [from, to] of await daysBefore(database, table, at)) {
    await database.write(async (connection) => {
      const deleted = await connection.run(`DELETE FROM ${table} WHERE at_ms >= ${from} AND at_ms < ${to}`);
      removed += deleted.rowsChanged;
    });
  }
  return removed;
}

async function daysBefore(database: Database, table: string, at: UnixMs): Promise<readonly [UnixMs, UnixMs][]> {
  const before = Math.trunc(at);
  const days = await database.read(
    `SELECT DISTINCT at_ms // ${DAY_MS} AS day FROM ${table} WHERE at_ms < ? ORDER BY 1`,
    [before],
  );
  return days.map(({ day }) => [Number(day) * DAY_MS, Math.min(before, (Number(day) + 1) * DAY_MS)]);
}
