import { Fault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';
import { type Database, query, type Row } from '../archive/database.ts';
import { markPhotos } from '../documents/picture-store.ts';
import type { Answer, Result } from './round-schema.ts';

export interface StoredResult extends Result {
  readonly round: string;
  readonly by: string;
  /** Hub's clock. */
  readonly receivedAt: UnixMs;
  /** Items that were not in order. */
  readonly abnormal: readonly string[];
}

/** What was found on rounds: written once, never changed. */
export class RoundStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The same result again is no second one: answers the one that is kept. Throws Fault document-changed if another one has its id. */
  async add(result: StoredResult): Promise<StoredResult> {
    const { id, round, version, startedAt, finishedAt, receivedAt, by, abnormal, answers } = result;
    const body = JSON.stringify({ answers, abnormal });
    return this.#database.write(async (connection) => {
      const [held] = await query(connection, 'SELECT * FROM round_results WHERE id = ?', [id]);
      if (held?.round === round && held.by_whom === by && held.body === body) return resultOf(held);
      if (held !== undefined)
        throw new Fault('document-changed', `the result ${id} is there already, and says something else`);
      await connection.run('INSERT INTO round_results VALUES (?, ?, ?, ?, ?, ?, ?, ?)', [
        ...[id, round, version, startedAt, finishedAt, receivedAt, by, body],
      ]);
      await markPhotos(
        connection,
        Object.values(answers).flatMap(({ photo }) => photo ?? []),
      );
      return result;
    });
  }

  /** Newest first. */
  async list(
    round: string,
    { from, to, limit }: { from: UnixMs; to: UnixMs; limit: number },
  ): Promise<readonly StoredResult[]> {
    const rows = await this.#database.read(
      `SELECT * FROM round_results WHERE round = ? AND received_ms >= ? AND received_ms < ?
       ORDER BY received_ms DESC LIMIT ?`,
      [round, from, to, limit],
    );
    return rows.map(resultOf);
  }

  /** When each round was last walked: what was done in time without a link counts as done in time. No clock is believed that is ahead. */
  async lastDone(): Promise<ReadonlyMap<string, UnixMs>> {
    const rows = await this.#database.read(
      'SELECT round, max(least(finished_ms, received_ms)) AS at FROM round_results GROUP BY round',
    );
    return new Map(rows.map(({ round, at }) => [String(round), Number(at)]));
  }
}

function resultOf(row: Row): StoredResult {
  const { answers, abnormal } = JSON.parse(String(row.body)) as { answers: Record<string, Answer>; abnormal: string[] };
  return {
    ...{ id: String(row.id), round: String(row.round), version: Number(row.version), by: String(row.by_whom) },
    ...{ startedAt: Number(row.started_ms), finishedAt: Number(row.finished_ms), receivedAt: Number(row.received_ms) },
    ...{ answers, abnormal },
  };
}
