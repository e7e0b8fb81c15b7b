import { DuckDBInstance } from '@duckdb/node-api';
import { readOracle } from '../../devices/simulator/oracle.ts';
import type { Journalled } from './site.ts';

export interface Verdict {
  /** Records the gateway said it had on disk. */
  readonly journalled: number;
  /** Records of those that the hub has. */
  readonly stored: number;
  readonly declared: number;
  readonly undeclared: number;
  readonly twice: number;
  /** Values that belong to another point. */
  readonly misplaced: number;
  /** Readings of a point that do not follow the one before. */
  readonly disordered: number;
}

/**
 * Judges a stopped hub's archive from outside, by numbers and by values that name their point and reading.
 * `pointOf` gives the place of `device/point` in the simulator's plant.
 */
export async function judge(
  archive: string,
  journalled: Journalled,
  pointOf: ReadonlyMap<string, number>,
): Promise<Verdict> {
  const instance = await DuckDBInstance.create(archive, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const query = async (sql: string) =>
    (await connection.runAndReadAll(sql)).getRowObjects() as Record<string, string | number | bigint>[];
  let [stored, declared, undeclared, twice, total] = [0, 0, 0, 0, 0];
  for (const [epoch, next] of journalled) {
    const records = `(SELECT seq FROM readings JOIN epochs e ON e.id = readings.epoch WHERE e.epoch = '${epoch}'
      UNION ALL SELECT seq FROM events JOIN epochs e ON e.id = events.epoch WHERE e.epoch = '${epoch}')`;
    const [counts] = await query(
      `SELECT count(*) AS all_rows, count(DISTINCT seq) AS seqs, count(DISTINCT seq) FILTER (seq < ${next}) AS below FROM ${records}`,
    );
    const [gaps] = await query(`SELECT coalesce(sum(to_seq - from_seq), 0) AS lost FROM gaps WHERE epoch = '${epoch}'`);
    total += next;
    stored += Number(counts?.below);
    declared += Number(gaps?.lost);
    undeclared += next - Number(counts?.below) - Number(gaps?.lost);
    twice += Number(counts?.all_rows) - Number(counts?.seqs);
  }
  const { misplaced, disordered } = judgeValues(
    await query(`SELECT s.device || '/' || s.point AS point, r.value FROM readings r JOIN series s ON s.id = r.series JOIN epochs e ON e.id = r.epoch
      WHERE r.fault = 0 AND s.kind = 'number' ORDER BY e.first_ms, r.epoch, r.seq`),
    pointOf,
  );
  connection.closeSync();
  instance.closeSync();
  return { journalled: total, stored, declared, undeclared, twice, misplaced, disordered };
}

function judgeValues(rows: readonly Record<string, string | number | bigint>[], pointOf: ReadonlyMap<string, number>) {
  let [misplaced, disordered] = [0, 0];
  const last = new Map<string, number>();
  for (const { point, value } of rows) {
    const { index, n } = readOracle(Number(value));
    if (pointOf.get(String(point)) !== index) misplaced += 1;
    else if (n <= (last.get(String(point)) ?? -1)) disordered += 1;
    last.set(String(point), n);
  }
  return { misplaced, disordered };
}
