import type { DuckDBConnection } from '@duckdb/node-api';
import type { UnixMs } from '../../core/reading.ts';
import type { Alarm } from '../alarms/alarm.ts';
import { type Database, insert, type Row, unnest } from '../archive/database.ts';
import { type Draft, NotifyState } from './draft.ts';
import type { Delivery, Lane, Notice, Reason, Watch } from './notice.ts';
import type { Settled } from './tell-all.ts';

export type DeliveryState = 'waiting' | 'delivered' | 'given-up';

/** A message on its way, or what became of it. */
export interface Sent extends Delivery {
  readonly state: DeliveryState;
  readonly attempts: number;
  /** When it is tried again, hub's clock. */
  readonly nextAt: UnixMs;
  readonly doneAt?: UnixMs;
  readonly error?: string;
  readonly response?: string;
  readonly settled?: Settled;
}

const NOTICE = {
  ...{ key: 'VARCHAR', n: 'BIGINT', alarm: 'VARCHAR', what: 'VARCHAR', receiver: 'VARCHAR' },
  ...{ delivery: 'VARCHAR', at_ms: 'BIGINT', body: 'VARCHAR' },
};
const DELIVERY = {
  ...{ id: 'VARCHAR', receiver: 'VARCHAR', reason: 'VARCHAR', notices: 'INTEGER', created_ms: 'BIGINT' },
  ...{ place: 'INTEGER', state: 'VARCHAR', attempts: 'INTEGER', next_ms: 'BIGINT', done_ms: 'BIGINT' },
  ...{ error: 'VARCHAR', response: 'VARCHAR', settled: 'VARCHAR' },
};
const STATE = { key: 'VARCHAR', body: 'VARCHAR' };
const UPDATE_STATE = `UPDATE notify_state SET body = v.body FROM (${unnest(STATE)}) v WHERE notify_state.key = v.key`;
const CURSOR = 'cursor';
/** Messages that wait for more. */
const COLLECTING = `SELECT unnest(json_extract_string(body, '$.open.*.id')) FROM notify_state WHERE key LIKE 'lane/%'`;

/** What is stored of notifications: what planning remembers, every notice, and what became of every message. */
export class NotifyStore {
  readonly #database: Database;
  /** Keys of `notify_state` that are in the table. */
  #known = new Set<string>();

  constructor(database: Database) {
    this.#database = database;
  }

  async load(): Promise<NotifyState> {
    const state = new NotifyState();
    this.#known = new Set();
    for (const row of await this.#database.read('SELECT key, body FROM notify_state')) {
      const key = String(row.key);
      this.#known.add(key);
      const body: unknown = JSON.parse(String(row.body));
      if (key === CURSOR) state.cursor = Number(body);
      else if (key.startsWith('lane/')) state.lanes.set(key.slice('lane/'.length), body as Lane);
      else state.watches.set(key.slice('watch/'.length), body as Watch);
    }
    return state;
  }

  /** All of it in one transaction, or nothing. */
  async write(draft: Draft): Promise<void> {
    const rows: { key: string; body: string }[] = [{ key: CURSOR, body: JSON.stringify(draft.cursor) }];
    const gone: string[] = [];
    for (const [receiver, lane] of draft.lanes) rows.push({ key: `lane/${receiver}`, body: JSON.stringify(lane) });
    for (const [rule, watch] of draft.watches) {
      if (watch) rows.push({ key: `watch/${rule}`, body: JSON.stringify(watch) });
      else gone.push(`watch/${rule}`);
    }
    const fresh = rows.filter(({ key }) => !this.#known.has(key));
    const known = rows.filter(({ key }) => this.#known.has(key));
    await this.#database.write(async (connection) => {
      await insert(connection, 'notices', NOTICE, draft.notices.map(noticeRow));
      await insert(connection, 'deliveries', DELIVERY, draft.deliveries.map(deliveryRow));
      if (gone.length > 0) await removeState(connection, gone);
      if (known.length > 0) await connection.run(UPDATE_STATE, [JSON.stringify(known)]);
      await insert(connection, 'notify_state', STATE, fresh);
    });
    for (const { key } of fresh) this.#known.add(key);
    for (const key of gone) this.#known.delete(key);
  }

  /** Messages on their way, oldest first. */
  async waiting(): Promise<readonly Sent[]> {
    const rows = await this.#database.read(
      "SELECT * FROM deliveries WHERE state = 'waiting' ORDER BY created_ms, place",
    );
    return rows.map(toSent);
  }

  /** What a message tells, in the order of the desk's log. */
  async noticesOf(delivery: string, limit: number): Promise<readonly Notice[]> {
    const sql = `SELECT * FROM notices WHERE delivery = ? ORDER BY n LIMIT ${Math.trunc(limit)}`;
    return (await this.#database.read(sql, [delivery])).map(toNotice);
  }

  async record(sent: Sent): Promise<void> {
    const { state, attempts, nextAt, doneAt = null, error = null, response = null, settled, id } = sent;
    await this.#database.write(async (connection) => {
      await connection.run(
        'UPDATE deliveries SET state = ?, attempts = ?, next_ms = ?, done_ms = ?, error = ?, response = ?, settled = ? WHERE id = ?',
        [
          state,
          attempts,
          BigInt(Math.round(nextAt)),
          doneAt === null ? null : BigInt(Math.round(doneAt)),
          error,
          response,
          settled === undefined ? null : JSON.stringify(settled),
          id,
        ],
      );
    });
  }

  /** A message that was sent outside the queue: a test. */
  async add(sent: Sent): Promise<void> {
    await this.#database.write((connection) => insert(connection, 'deliveries', DELIVERY, [sentRow(sent, 0)]));
  }

  /** The newest message of each receiver that was delivered, and the newest that failed. */
  async newest(): Promise<readonly Sent[]> {
    const rows = await this.#database.read(
      `SELECT * FROM deliveries WHERE done_ms IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY receiver, state ORDER BY done_ms DESC) = 1`,
    );
    return rows.map(toSent);
  }

  /** The first entry of the desk's log that was written at `at` or later; undefined if there is none. */
  async firstSince(at: UnixMs): Promise<number | undefined> {
    const sql = 'SELECT min(n) AS n FROM alarm_log WHERE logged_ms >= ?';
    const [row] = await this.#database.read(sql, [Math.trunc(at)]);
    return row?.n == null ? undefined : Number(row.n);
  }

  /** Notices and messages from before `at` are removed, but for what is still on its way. Answers how many. */
  async removeBefore(at: UnixMs): Promise<number> {
    const before = BigInt(Math.trunc(at));
    return this.#database.write(async (connection) => {
      const sent = await connection.run("DELETE FROM deliveries WHERE created_ms < ? AND state <> 'waiting'", [before]);
      const told = await connection.run(
        `DELETE FROM notices WHERE at_ms < ? AND delivery NOT IN (SELECT id FROM deliveries) AND delivery NOT IN (${COLLECTING})`,
        [before],
      );
      return sent.rowsChanged + told.rowsChanged;
    });
  }
}

async function removeState(connection: DuckDBConnection, keys: readonly string[]): Promise<void> {
  await connection.run(`DELETE FROM notify_state WHERE key IN (SELECT unnest(from_json(?::JSON, '["VARCHAR"]')))`, [
    JSON.stringify(keys),
  ]);
}

function noticeRow({ key, n, what, receiver, delivery, alarm, at }: Notice): Row {
  return { key, n, alarm: alarm.id, what, receiver, delivery, at_ms: Math.round(at), body: JSON.stringify(alarm) };
}

function deliveryRow(delivery: Delivery, place: number): Row {
  return sentRow({ ...delivery, state: 'waiting', attempts: 0, nextAt: delivery.createdAt }, place);
}

function sentRow(sent: Sent, place: number): Row {
  const { id, receiver, reason, notices, createdAt, state, attempts, nextAt, doneAt, error, response, settled } = sent;
  return {
    ...{ id, receiver, reason, notices, created_ms: Math.round(createdAt), place, state, attempts },
    ...{ next_ms: Math.round(nextAt), done_ms: doneAt === undefined ? null : Math.round(doneAt) },
    ...{ error: error ?? null, response: response ?? null, settled: settled ? JSON.stringify(settled) : null },
  };
}

function toSent(row: Row): Sent {
  return {
    ...{ id: String(row.id), receiver: String(row.receiver), reason: String(row.reason) as Reason },
    ...{ notices: Number(row.notices), createdAt: Number(row.created_ms), state: String(row.state) as DeliveryState },
    ...{ attempts: Number(row.attempts), nextAt: Number(row.next_ms) },
    ...(row.done_ms === null ? {} : { doneAt: Number(row.done_ms) }),
    ...(row.error === null ? {} : { error: String(row.error) }),
    ...(row.response === null ? {} : { response: String(row.response) }),
    ...(row.settled === null ? {} : { settled: JSON.parse(String(row.settled)) as Settled }),
  };
}

function toNotice(row: Row): Notice {
  return {
    ...{
      key: String(row.key),
      n: Number(row.n),
      what: String(row.what) as Notice['what'],
      receiver: String(row.receiver),
    },
    ...{ delivery: String(row.delivery), alarm: JSON.parse(String(row.body)) as Alarm, at: Number(row.at_ms) },
  };
}
