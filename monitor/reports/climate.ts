import type { UnixMs } from '../../core/reading.ts';
import { type Database, unnest } from '../archive/database.ts';
import type { Span } from '../archive/history.ts';
import { type Level, partsOf, ROLLUPS, SUMS } from '../archive/rollup-sql.ts';
import { MINUTE_MS } from '../local-days.ts';
import type { ClimateFacts } from './data.ts';
import type { KeyPoint } from './key-points.ts';

/** A pause between two polls is no silence. */
const POLLS_HELD = 2.5;
const LIMITS = { series: 'INTEGER', low: 'DOUBLE', high: 'DOUBLE', hold: 'BIGINT' };

/**
 * Mean by time, extremes and time outside the range of many points at once. A value counts until the next one, but not for longer than
 * its point may be silent: what is not known is neither inside nor outside.
 */
export async function climateOf(
  database: Pick<Database, 'read'>,
  points: readonly KeyPoint[],
  { from, to }: Span,
  level: Level,
): Promise<ReadonlyMap<number, NonNullable<ClimateFacts['known']>>> {
  if (points.length === 0 || to <= from) return new Map();
  const bucketMs = level === 'raw' ? MINUTE_MS : Math.max(MINUTE_MS, ROLLUPS[level].unitMs);
  const limits = points.map(({ point, low, high }) => {
    const { everyMs = bucketMs, maxSilenceMs = 0 } = point.entry;
    const hold = Math.max(bucketMs, POLLS_HELD * everyMs, maxSilenceMs);
    return { series: point.series.id, low: low ?? null, high: high ?? null, hold: Math.round(hold) };
  });
  const ids = limits.map(({ series }) => series).join(', ');
  const where = `series IN (${ids}) AND at_ms >= ${Math.trunc(from)} AND at_ms < ${Math.trunc(to)}`;
  const rows = await database.read(
    `WITH buckets AS (
       SELECT series, (at_ms // ${bucketMs}) * ${bucketMs} AS bucket, ${SUMS.n} AS n, ${SUMS.total} AS total,
              ${SUMS.least} AS least, ${SUMS.most} AS most
         FROM (${partsOf(level, where, 'series, ')}) GROUP BY 1, 2),
     held AS (
       SELECT b.*, total / n AS mean, l.low, l.high,
              least(coalesce(lead(b.bucket) OVER (PARTITION BY b.series ORDER BY b.bucket), ${Math.trunc(to)}) - b.bucket, l.hold) AS ms
         FROM buckets b JOIN (${unnest(LIMITS)}) l ON l.series = b.series)
     SELECT series, sum(mean * ms) / sum(ms) AS mean, min(least) AS least, arg_min(bucket, least) AS least_at,
            max(most) AS most, arg_max(bucket, most) AS most_at, sum(ms)::BIGINT AS known,
            coalesce(sum(ms) FILTER (mean < low OR mean > high), 0)::BIGINT AS outside
       FROM held WHERE n > 0 GROUP BY series`,
    [JSON.stringify(limits)],
  );
  return new Map(
    rows.map((row) => [
      Number(row.series),
      {
        ...{ mean: Number(row.mean), least: Number(row.least), leastAt: Number(row.least_at) as UnixMs },
        ...{ most: Number(row.most), mostAt: Number(row.most_at) as UnixMs },
        ...{ knownMs: Number(row.known), outsideMs: Number(row.outside) },
      },
    ]),
  );
}
