import type { DuckDBConnection } from '@duckdb/node-api';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import { Fault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';
import { type Database, query, type Row } from '../archive/database.ts';
import type { Member, MemberState, Rollout, RolloutState, RolloutTerms } from './rollout.ts';

/** A rollout before it begins. */
interface NewRollout {
  readonly terms: RolloutTerms;
  readonly by: string;
  readonly at: UnixMs;
  readonly members: readonly Pick<Member, 'gateway' | 'ring' | 'state'>[];
}

const KEPT = 200;
const OVER = `('done', 'stopped', 'reverted')`;

/** Rollouts in the archive: every step is a row that changes, so that a restart at any instant goes on where it was. */
export class RolloutStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** `check` the others that are under way in the same transaction; a fault of it keeps nothing. */
  async add({ terms, by, at, members }: NewRollout, check: (busy: ReadonlySet<GatewayId>) => void): Promise<number> {
    return this.#database.write(async (connection) => {
      const busy = await query(
        connection,
        `SELECT m.gateway FROM rollout_members m JOIN rollouts r ON r.id = m.rollout WHERE r.state NOT IN ${OVER}`,
      );
      check(new Set(busy.map(({ gateway }) => String(gateway))));
      const [last] = await query(connection, 'SELECT coalesce(max(id), 0) AS id FROM rollouts');
      const id = Number(last?.id) + 1;
      await connection.run('INSERT INTO rollouts VALUES (?, ?, ?, ?, ?, ?, NULL)', [
        ...[id, JSON.stringify(terms), by, Math.trunc(at), 'running', Math.trunc(at)],
      ]);
      for (const [place, { gateway, ring, state }] of members.entries())
        await connection.run('INSERT INTO rollout_members VALUES (?, ?, ?, ?, ?, ?, ?)', [
          ...[id, place, gateway, ring, state, Math.trunc(at), '{}'],
        ]);
      await connection.run(`DELETE FROM rollouts WHERE id <= ? AND state IN ${OVER}`, [id - KEPT]);
      await connection.run('DELETE FROM rollout_members WHERE rollout NOT IN (SELECT id FROM rollouts)');
      return id;
    });
  }

  /** Newest first. */
  async list(): Promise<readonly Rollout[]> {
    return this.#read('true');
  }

  async find(id: number): Promise<Rollout | undefined> {
    return (await this.#read('id = ?', id))[0];
  }

  /** Those in which anything may still happen by itself. */
  async open(): Promise<readonly Rollout[]> {
    return this.#read(`state NOT IN ('done', 'reverted')`);
  }

  /** How many there are in a state. */
  async count(state: RolloutState): Promise<number> {
    const [row] = await this.#database.read('SELECT count(*) AS n FROM rollouts WHERE state = ?', [state]);
    return Number(row?.n);
  }

  /** Keeps what `make` makes of its state; undefined changes nothing. Answers whether anything has changed. */
  async turn(
    id: number,
    make: (state: RolloutState) => Pick<Rollout, 'state' | 'since' | 'why'> | undefined,
    beside: (connection: DuckDBConnection) => Promise<void> = async () => {},
  ): Promise<boolean> {
    return this.#database.write(async (connection) => {
      const [row] = await query(connection, 'SELECT state FROM rollouts WHERE id = ?', [id]);
      const next = row && make(row.state as RolloutState);
      if (next === undefined) return false;
      const { state, since, why } = next;
      await connection.run('UPDATE rollouts SET state = ?, since_ms = ?, why = ? WHERE id = ?', [
        ...[state, Math.trunc(since), why, id],
      ]);
      await beside(connection);
      return true;
    });
  }

  async putMember(id: number, member: Member): Promise<void> {
    await this.#database.write((connection) => putMember(connection, id, member));
  }

  async #read(condition: string, ...parameters: readonly number[]): Promise<readonly Rollout[]> {
    const rows = await this.#database.read(`SELECT * FROM rollouts WHERE ${condition} ORDER BY id DESC`, parameters);
    if (rows.length === 0) return [];
    const members = await this.#database.read(
      `SELECT * FROM rollout_members WHERE rollout IN (SELECT id FROM rollouts WHERE ${condition}) ORDER BY rollout, place`,
      parameters,
    );
    const byRollout = new Map<number, Member[]>(rows.map(({ id }) => [Number(id), []]));
    for (const row of members) byRollout.get(Number(row.rollout))?.push(memberOf(row));
    return rows.map((row) => rolloutOf(row, byRollout.get(Number(row.id)) ?? []));
  }
}

/** Within a transaction of somebody else. Throws Fault rollout-over if it is in another state now. */
export async function checkState(connection: DuckDBConnection, id: number, state: RolloutState): Promise<void> {
  const [row] = await query(connection, 'SELECT state FROM rollouts WHERE id = ?', [id]);
  if (row?.state !== state) throw new Fault('rollout-over', `it is ${String(row?.state)}`);
}

/** Within a transaction of somebody else. */
export async function putMember(connection: DuckDBConnection, id: number, member: Member): Promise<void> {
  const { gateway, state, since, was, version, reason, detail, isAccepted, down } = member;
  await connection.run(
    'UPDATE rollout_members SET state = ?, since_ms = ?, body = ? WHERE rollout = ? AND gateway = ?',
    [
      ...[state, Math.trunc(since)],
      ...[JSON.stringify({ was, version, reason, detail, isAccepted, down }), id, gateway],
    ],
  );
}

/**
 * Of a hub restored from a backup: gateways may be further than it knows, and a person looks first. What was being taken back is stopped: it
 * can only be taken back again, and never goes on.
 */
export async function haltOpen(connection: DuckDBConnection, at: UnixMs): Promise<void> {
  await connection.run(
    `UPDATE rollouts SET state = CASE state WHEN 'running' THEN 'halted' ELSE 'stopped' END, why = 'restored', since_ms = ?
     WHERE state IN ('running', 'reverting')`,
    [Math.trunc(at)],
  );
}

function rolloutOf(row: Row, members: readonly Member[]): Rollout {
  return {
    ...(JSON.parse(String(row.terms)) as RolloutTerms),
    ...{ id: Number(row.id), by: String(row.by_whom), madeAt: Number(row.made_ms) },
    ...{ state: row.state as RolloutState, since: Number(row.since_ms), why: row.why as Rollout['why'], members },
  };
}

function memberOf(row: Row): Member {
  return {
    ...{ gateway: String(row.gateway), ring: Number(row.ring), state: row.state as MemberState },
    ...{ since: Number(row.since_ms), ...JSON.parse(String(row.body)) },
  };
}
