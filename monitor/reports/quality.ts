import type { Database } from '../archive/database.ts';
import type { Span } from '../archive/history.ts';
import { partsOf } from '../archive/rollup-sql.ts';
import { HOUR_MS } from '../local-days.ts';
import type { KnownPoint } from '../points.ts';
import type { QualityFacts } from './data.ts';

/** Per gateway, in how many hours it brought anything. */
export interface Quality extends QualityFacts {
  readonly hoursOf: ReadonlyMap<string, number>;
}

/** Good and bad readings of many points, and hours without any: from the rollups of hours, whatever the number of readings. */
export async function qualityOf(
  database: Pick<Database, 'read'>,
  points: readonly KnownPoint[],
  { from, to }: Span,
): Promise<Quality> {
  const hours = Math.max(0, Math.ceil(to / HOUR_MS) - Math.floor(from / HOUR_MS));
  if (points.length === 0 || hours === 0) return { hours: 0, points: [], hoursOf: new Map() };
  const where = `series IN (${points.map(({ series }) => series.id).join(', ')})
    AND at_ms >= ${Math.trunc(from)} AND at_ms < ${Math.trunc(to)}`;
  const hourly = `SELECT series, at_ms // ${HOUR_MS} AS hour, sum(n) AS n, sum(bad) AS bad
    FROM (${partsOf('hour', where, 'series, ')}) GROUP BY 1, 2`;
  const rows = await database.read(
    `SELECT series, sum(n)::BIGINT AS good, sum(bad)::BIGINT AS bad, count(*)::INTEGER AS hours FROM (${hourly}) GROUP BY 1`,
  );
  const found = new Map(rows.map((row) => [Number(row.series), row]));
  const hoursOf = new Map<string, number>();
  for (const gateway of new Set(points.map((point) => point.gateway))) {
    const own = points.filter((point) => point.gateway === gateway).map(({ series }) => series.id);
    const [row] = await database.read(
      `SELECT count(DISTINCT hour)::INTEGER AS hours FROM (${hourly}) WHERE series IN (${own.join(', ')})`,
    );
    hoursOf.set(gateway, Number(row?.hours ?? 0));
  }
  return {
    hours,
    hoursOf,
    // A point that speaks when it has something to say is not silent.
    points: points
      .filter(({ entry }) => entry.everyMs !== undefined)
      .map(({ id, series }) => {
        const row = found.get(series.id);
        const known = Number(row?.hours ?? 0);
        return {
          id,
          good: Number(row?.good ?? 0),
          bad: Number(row?.bad ?? 0),
          silentHours: Math.max(0, hours - known),
        };
      }),
  };
}
