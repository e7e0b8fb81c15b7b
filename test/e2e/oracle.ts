import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { ORACLE_STRIDE } from '../../devices/simulator/oracle.ts';
import type { Counts, Journalled, Range } from '../support/reports.ts';

export interface Verdict extends Counts {
  /** Readings that the devices answered and that stand in no journal, over all points; and at most in one run of one point. */
  readonly neverJournalled: number;
  readonly longestSkip: number;
  /** Journals whose cursor does not stand behind the last number that is stored or declared. */
  readonly cursorsOff: number;
}

/** What must be nought wherever nothing takes records away. */
export const FLAWLESS: Partial<Verdict> = {
  ...{ declared: 0, unreported: 0, undeclared: 0, twice: 0, misplaced: 0, disordered: 0, falselyDeclared: 0 },
  cursorsOff: 0,
};

type Row = Record<string, string | number | bigint>;

/**
 * Judges a stopped hub's archive from outside, by numbers and by values that name their point and reading.
 * `pointOf` gives the place of `device/point` in the simulator's plant, `leaps` the numbers that the gateway passed over.
 */
export async function judge(
  archive: string,
  journalled: Journalled,
  pointOf: ReadonlyMap<string, number>,
  leaps: ReadonlyMap<string, readonly Range[]> = new Map(),
): Promise<Verdict> {
  const instance = await DuckDBInstance.create(archive, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    const verdict = { ...NOTHING_JUDGED, ...(await judgeValues(connection, pointOf)) };
    for (const [epoch, reported] of journalled) {
      const counts = await countEpoch(connection, epoch, reported, leaps.get(epoch) ?? []);
      for (const [name, count] of Object.entries(counts)) verdict[name as keyof Verdict] += count;
    }
    return verdict;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Before anything was judged. */
export const NOTHING_JUDGED: Verdict = {
  ...{ journalled: 0, stored: 0, declared: 0, unreported: 0, undeclared: 0, twice: 0, misplaced: 0, disordered: 0 },
  ...{ neverJournalled: 0, longestSkip: 0, falselyDeclared: 0, cursorsOff: 0 },
};

async function countEpoch(
  connection: DuckDBConnection,
  epoch: string,
  reported: number,
  leaps: readonly Range[],
): Promise<Partial<Verdict>> {
  const leapt = [{ from: 0, to: 0 }, ...leaps].map(({ from, to }) => `(${from}, ${to})`).join(', ');
  const [row] = await query(
    connection,
    `WITH own AS (SELECT id, next FROM epochs WHERE epoch = '${epoch}'),
       records AS (SELECT seq FROM readings WHERE epoch IN (SELECT id FROM own)
         UNION ALL SELECT seq FROM events WHERE epoch IN (SELECT id FROM own)),
       lost AS (SELECT DISTINCT unnest(range(from_seq, to_seq)) AS seq FROM gaps WHERE epoch = '${epoch}'),
       unreported AS (SELECT seq FROM lost WHERE seq >= ${reported}
         OR seq IN (SELECT unnest(range(a, b)) FROM (VALUES ${leapt}) leaps(a, b))),
       owed AS (SELECT unnest(range(greatest(${reported}, (SELECT max(next) FROM own)))) AS seq)
     SELECT (SELECT count(DISTINCT seq) FROM records WHERE seq < ${reported}) AS stored,
       (SELECT count(*) FROM lost) AS lost,
       (SELECT count(*) FROM unreported) AS unreported,
       (SELECT count(*) FROM unreported WHERE seq < ${reported}) AS leapt,
       (SELECT count(*) FROM owed WHERE seq NOT IN (SELECT seq FROM records) AND seq NOT IN (SELECT seq FROM lost)) AS undeclared,
       (SELECT count(*) - count(DISTINCT seq) FROM records) AS twice,
       (SELECT count(*) FROM lost WHERE seq IN (SELECT seq FROM records)) AS falsely,
       (SELECT count(*) FROM own WHERE next <> 1 + greatest((SELECT max(seq) FROM records), (SELECT max(seq) FROM lost))) AS cursors_off`,
  );
  return {
    journalled: reported - Number(row?.leapt),
    stored: Number(row?.stored),
    declared: Number(row?.lost) - Number(row?.unreported),
    unreported: Number(row?.unreported),
    undeclared: Number(row?.undeclared),
    twice: Number(row?.twice),
    falselyDeclared: Number(row?.falsely),
    cursorsOff: Number(row?.cursors_off),
  };
}

/** Within each journal in the order of its numbers; in SQL, because a long run leaves tens of millions of values. */
async function judgeValues(connection: DuckDBConnection, pointOf: ReadonlyMap<string, number>) {
  const places = [...pointOf].map(([point, index]) => `('${point}', ${index})`).join(', ');
  const [row] = await query(
    connection,
    `WITH own AS (SELECT s.id, place.index FROM series s
         LEFT JOIN (VALUES ${places}) place(point, index) ON place.point = s.device || '/' || s.point WHERE s.kind = 'number'),
       told AS (SELECT r.series, coalesce(floor(r.value / ${ORACLE_STRIDE}) = own.index, false) AS placed,
           r.value - floor(r.value / ${ORACLE_STRIDE}) * ${ORACLE_STRIDE} AS n, e.first_ms, r.epoch, r.seq
         FROM readings r JOIN own ON own.id = r.series JOIN epochs e ON e.id = r.epoch WHERE r.fault = 0),
       steps AS (SELECT n - lag(n) OVER (PARTITION BY series, epoch ORDER BY seq) AS step FROM told WHERE placed)
     SELECT (SELECT count(*) FROM told WHERE NOT placed) AS misplaced,
       count(*) FILTER (step <= 0) AS disordered,
       coalesce(sum(step - 1) FILTER (step > 1), 0) AS never_journalled,
       coalesce(max(step - 1), 0) AS longest_skip FROM steps`,
  );
  return {
    misplaced: Number(row?.misplaced),
    disordered: Number(row?.disordered),
    neverJournalled: Number(row?.never_journalled),
    longestSkip: Number(row?.longest_skip),
  };
}

async function query(connection: DuckDBConnection, sql: string): Promise<Row[]> {
  return (await connection.runAndReadAll(sql)).getRowObjects() as Row[];
}
