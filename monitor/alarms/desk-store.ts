import type { DuckDBConnection } from '@duckdb/node-api';
import type { DecodedFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import { type Database, insert, type Row, unnest } from '../archive/database.ts';
import { type Alarm, isSilent } from './alarm.ts';
import type { JournalInput, JournalRecord } from './book.ts';
import { type Held, type LogEntry, Shelf, type Stage } from './stage.ts';

const LOG = {
  n: 'BIGINT',
  id: 'VARCHAR',
  gateway: 'VARCHAR',
  device: 'VARCHAR',
  rule: 'VARCHAR',
  priority: 'VARCHAR',
  what: 'VARCHAR',
  at_ms: 'BIGINT',
  logged_ms: 'BIGINT',
  told: 'BOOLEAN',
  by_whom: 'VARCHAR',
  comment: 'VARCHAR',
  body: 'VARCHAR',
};

const HISTORY = {
  id: 'VARCHAR',
  gateway: 'VARCHAR',
  device: 'VARCHAR',
  rule: 'VARCHAR',
  priority: 'VARCHAR',
  raised_ms: 'BIGINT',
  cleared_ms: 'BIGINT',
  acked_ms: 'BIGINT',
  updated_ms: 'BIGINT',
  body: 'VARCHAR',
};

const RULE = { key: 'VARCHAR', body: 'VARCHAR' };
const UPDATE_RULES = `UPDATE alarm_rules SET body = v.body FROM (${unnest(RULE)}) v WHERE alarm_rules.key = v.key`;
const CURSOR = { journal: 'INTEGER', next: 'BIGINT' };

/** The desk's tables: its log, what follows from it (rules as they stand, occurrences that are over), and a cursor per journal. */
export class DeskStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async load(): Promise<Shelf> {
    const shelf = new Shelf();
    for (const row of await this.#database.read('SELECT key, body FROM alarm_rules')) {
      shelf.set(String(row.key), JSON.parse(String(row.body)) as Held);
    }
    for (const row of await this.#database.read('SELECT journal, next FROM alarm_cursors')) {
      shelf.cursors.set(Number(row.journal), Number(row.next));
    }
    const [last] = await this.#database.read('SELECT coalesce(max(n), 0) AS n FROM alarm_log');
    shelf.next = Number(last?.n) + 1;
    return shelf;
  }

  /** All of it in one transaction, or nothing. */
  async write(stage: Stage): Promise<void> {
    await this.#database.write(async (connection) => {
      await insert(connection, 'alarm_log', LOG, stage.log.map(logRow));
      await insert(connection, 'alarm_history', HISTORY, stage.filed.map(historyRow));
      await writeRules(connection, stage);
      const cursors = [...stage.moved].map(([journal, next]) => ({ journal, next }));
      if (cursors.length === 0) return;
      await connection.run(`DELETE FROM alarm_cursors WHERE journal IN (${cursors.map(({ journal }) => journal)})`);
      await insert(connection, 'alarm_cursors', CURSOR, cursors);
    });
  }

  /** The next records of journals that the desk has not read, in their order; empty when there are no more. */
  async unread(limit: number): Promise<readonly JournalInput[]> {
    const rows = await this.#database.read(
      `SELECT p.id AS journal, p.gateway, p.epoch, e.seq, e.at_ms, e.body, e.arrived_ms
         FROM events e JOIN epochs p ON p.id = e.epoch LEFT JOIN alarm_cursors c ON c.journal = e.epoch
        WHERE e.event IN ('alarm', 'boot') AND e.seq >= coalesce(c.next, 0) ORDER BY p.id, e.seq LIMIT ${limit}`,
    );
    const inputs = new Map<number, { input: Omit<JournalInput, 'next' | 'events'>; events: JournalRecord[] }>();
    for (const row of rows) {
      const journal = Number(row.journal);
      const input = { kind: 'journal', gateway: String(row.gateway), epoch: String(row.epoch), journal } as const;
      const entry = inputs.get(journal) ?? { input, events: [] };
      inputs.set(journal, entry);
      entry.events.push(toRecord(row));
    }
    return [...inputs.values()].map(({ input, events }) => ({
      ...input,
      events,
      next: (events.at(-1)?.seq ?? 0) + 1,
    }));
  }

  /** An occurrence that is over. */
  async findFiled(id: string): Promise<Alarm | undefined> {
    const [row] = await this.#database.read('SELECT body FROM alarm_history WHERE id = ? LIMIT 1', [id]);
    return row && (JSON.parse(String(row.body)) as Alarm);
  }

  /** What the log says of one occurrence, oldest first. */
  async logOf(id: string): Promise<readonly LogEntry[]> {
    const sql = 'SELECT n, what, at_ms, by_whom, comment, body FROM alarm_log WHERE id = ? ORDER BY n';
    return (await this.#database.read(sql, [id])).map(toEntry);
  }

  /** Entries from number `from` on, oldest first: for whoever keeps up with the desk. */
  async logFrom(from: number, limit: number): Promise<readonly LogEntry[]> {
    const sql = `SELECT n, what, at_ms, by_whom, comment, body FROM alarm_log WHERE n >= ? ORDER BY n LIMIT ${Math.trunc(limit)}`;
    return (await this.#database.read(sql, [from])).map(toEntry);
  }
}

async function writeRules(connection: DuckDBConnection, stage: Stage): Promise<void> {
  const rows = [...stage.touched].map(([key, held]) => ({ key, body: JSON.stringify(held), isNew: stage.isNew(key) }));
  const toRow = ({ key, body }: { key: string; body: string }) => ({ key, body });
  const known = rows.filter(({ isNew }) => !isNew);
  if (known.length > 0) await connection.run(UPDATE_RULES, [JSON.stringify(known.map(toRow))]);
  if (stage.forgotten.size > 0) {
    await connection.run(`DELETE FROM alarm_rules WHERE key IN (SELECT unnest(from_json(?::JSON, '["VARCHAR"]')))`, [
      JSON.stringify([...stage.forgotten]),
    ]);
  }
  await insert(connection, 'alarm_rules', RULE, rows.filter(({ isNew }) => isNew).map(toRow));
}

function logRow({ n, what, at, by, comment, alarm }: LogEntry): Row {
  const { id, gateway, device, rule, priority, updatedAt, late, flapping } = alarm;
  const told = what === 'raised' && !late && !flapping && !isSilent(alarm);
  return {
    ...{ n, id, gateway, device, rule, priority, what },
    ...{
      at_ms: Math.round(at),
      logged_ms: updatedAt,
      told,
      by_whom: by ?? null,
      comment: comment ?? null,
      body: JSON.stringify(alarm),
    },
  };
}

function historyRow(alarm: Alarm): Row {
  const { id, gateway, device, rule, priority, raisedAt, clearedAt, ackedAt, updatedAt } = alarm;
  return {
    ...{ id, gateway, device, rule, priority, raised_ms: Math.round(raisedAt) },
    cleared_ms: clearedAt === undefined ? null : Math.round(clearedAt),
    ...{ acked_ms: ackedAt ?? null, updated_ms: updatedAt, body: JSON.stringify(alarm) },
  };
}

function toEntry(row: Row): LogEntry {
  return {
    n: Number(row.n),
    what: String(row.what) as LogEntry['what'],
    at: Number(row.at_ms),
    alarm: JSON.parse(String(row.body)) as Alarm,
    ...(row.by_whom === null ? {} : { by: String(row.by_whom) }),
    ...(row.comment === null ? {} : { comment: String(row.comment) }),
  };
}

/** `at_ms` is the stamp as it was corrected since. */
function toRecord(row: Row): JournalRecord {
  const event = { ...(JSON.parse(String(row.body)) as JournalRecord['event']), at: Number(row.at_ms) };
  return { seq: Number(row.seq), event, heardAt: Number(row.arrived_ms) };
}

/** What the desk reads of frames, one input for each journal among them; none if there is nothing for it. */
export function journalInput(
  gateway: string,
  frames: readonly DecodedFrame[],
  journal: (epoch: string) => number | undefined,
  heardAt: number,
): readonly JournalInput[] {
  const inputs: JournalInput[] = [];
  for (const frame of frames) {
    if (frame.kind !== 'events') continue;
    const { epoch, first, count } = frame.header;
    const id = journal(epoch);
    const events = frame.events
      .map((event, index) => ({ seq: first + index, event, heardAt }))
      .filter(({ event }) => event.event === 'alarm' || event.event === 'boot');
    if (id === undefined || events.length === 0) continue;
    inputs.push({ kind: 'journal', gateway, epoch, journal: id, events, next: first + count });
  }
  return inputs;
}
