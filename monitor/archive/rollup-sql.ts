import { DAY_MS, HOUR_MS, MINUTE_MS } from '../local-days.ts';

/** How finely history is looked at: reading by reading, or by what the hub keeps for each minute, hour and local day. */
export const LEVELS = ['raw', 'minute', 'hour', 'day'] as const;
export type Level = (typeof LEVELS)[number];
export type Rollup = Exclude<Level, 'raw'>;

export const ROLLUPS: Readonly<Record<Rollup, { readonly table: string; readonly unitMs: number }>> = {
  minute: { table: 'minutes', unitMs: MINUTE_MS },
  hour: { table: 'hours', unitMs: HOUR_MS },
  day: { table: 'days', unitMs: DAY_MS },
};

/**
 * A part is what is known of some readings of a series: a rollup's row, or a single reading. Parts of one bucket add up in any
 * order, so a late reading is one part more, and nothing is ever computed anew. `total`, `least`, `most` and `first_value` are
 * left out where a part has one good reading: they are its `last_value`. `first_ms` and `last_ms` count from `at_ms`.
 */
const SINGLE = `at_ms, (fault = 0)::INTEGER AS n, (fault <> 0)::INTEGER AS bad, NULL::DOUBLE AS total, NULL::DOUBLE AS least,
  NULL::DOUBLE AS most, NULL::DOUBLE AS first_value, value AS last_value, 0 AS first_ms, 0 AS last_ms, text AS last_text`;
const PART = 'at_ms, n, bad, total, least, most, first_value, last_value, first_ms, last_ms, last_text';

/** A query for the parts of a level; every reading is in exactly one. */
export function partsOf(level: Level, where: string, more = ''): string {
  if (level === 'raw') return `SELECT ${more}${SINGLE} FROM readings WHERE ${where}`;
  return `SELECT ${more}${PART} FROM ${ROLLUPS[level].table} WHERE ${where}
    UNION ALL SELECT ${more}${SINGLE} FROM arrivals WHERE ${where}`;
}

/** What parts add up to. Of two readings at one millisecond either is the first or the last. */
export const SUMS = {
  n: 'sum(n)',
  bad: 'sum(bad)',
  total: 'sum(coalesce(total, last_value)) FILTER (n > 0)',
  least: 'min(coalesce(least, last_value)) FILTER (n > 0)',
  most: 'max(coalesce(most, last_value)) FILTER (n > 0)',
  first_value: 'arg_min(coalesce(first_value, last_value), at_ms + first_ms) FILTER (n > 0)',
  last_value: 'arg_max(last_value, at_ms + last_ms) FILTER (n > 0)',
  first_at: 'min(at_ms + first_ms) FILTER (n > 0)',
  last_at: 'max(at_ms + last_ms) FILTER (n > 0)',
  last_text: 'arg_max(last_text, at_ms + last_ms) FILTER (n > 0)',
} as const;

/** A rollup's rows out of parts, `bucket` being the start of the bucket that a part is in. */
export function rollUp(parts: string, bucket: string): string {
  const single = (column: keyof typeof SUMS) => `CASE WHEN n > 1 THEN ${column} END AS ${column}`;
  return `SELECT series, bucket AS at_ms, n, bad, ${single('total')}, ${single('least')}, ${single('most')},
      ${single('first_value')}, last_value, coalesce(first_at - bucket, 0)::INTEGER AS first_ms,
      coalesce(last_at - bucket, 0)::INTEGER AS last_ms, last_text
    FROM (SELECT series, ${bucket} AS bucket, sum(n)::INTEGER AS n, sum(bad)::INTEGER AS bad, ${sums()}
            FROM (${parts}) GROUP BY 1, 2)`;
}

function sums(): string {
  return Object.entries(SUMS)
    .filter(([name]) => name !== 'n' && name !== 'bad')
    .map(([name, sql]) => `${sql} AS ${name}`)
    .join(', ');
}
