import type { DuckDBConnection } from '@duckdb/node-api';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import type { TwinWanted } from '../../cloud-sync/protocol/twins.ts';
import type { WriteOutcome } from '../../cloud-sync/protocol/writes.ts';
import type { UnixMs } from '../../core/reading.ts';
import { type Database, type Parameter, query, type Row } from '../archive/database.ts';
import { aged, answered, type CommandState, FORGOTTEN_MS, isOpen, type StoredCommand } from './command.ts';
import { giveBack } from './former.ts';

export interface CommandFilter {
  readonly gateway?: string | undefined;
  /** `device/point`, or a device. */
  readonly place?: string | undefined;
  readonly state?: CommandState | undefined;
}

export type NumberedCommand = StoredCommand & { readonly n: number };

const KEPT_MS = 2 * 366 * 86_400_000;
/** As `aged` says it, of a time and a time after which a sent one is forgotten. */
const STATE_NOW = `CASE WHEN state = 'pending' AND expires_ms < ? THEN 'expired'
  WHEN state = 'sent' AND expires_ms < ? THEN 'unknown' ELSE state END`;
const COLUMNS = 'n, id, gateway, point, asked, by_whom, made_ms, expires_ms, state, ended_ms, outcome, sent_to';

/** Commands in the archive: rows outlive restarts of the hub, and stay as the record of who changed what. */
export class CommandStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** `beside`: done in the same transaction, all or nothing; it answers what was wanted of the point until now. */
  async add(
    command: StoredCommand,
    beside: (connection: DuckDBConnection) => Promise<TwinWanted | undefined>,
  ): Promise<void> {
    await this.#database.write(async (connection) => {
      const [last] = await query(connection, 'SELECT coalesce(max(n), 0) AS n FROM commands');
      await connection.run('DELETE FROM commands WHERE made_ms < ?', [Math.trunc(command.madeAt - KEPT_MS)]);
      const former = await beside(connection);
      await insert(connection, { ...command, former, n: Number(last?.n) + 1 });
    });
  }

  async find(id: string): Promise<NumberedCommand | undefined> {
    const [row] = await this.#database.read(`SELECT ${COLUMNS} FROM commands WHERE id = ?`, [id]);
    return row && commandOf(row);
  }

  /** Newest first; `before`: only those with lower numbers. A state is the one that each has now. */
  async list({ gateway, place, state }: CommandFilter, now: UnixMs, limit: number, before?: number) {
    const conditions = ['true'];
    const parameters: Parameter[] = [];
    const add = (condition: string, ...values: Parameter[]) => {
      conditions.push(condition);
      parameters.push(...values);
    };
    if (gateway !== undefined) add('gateway = ?', gateway);
    if (place !== undefined) add('(point = ? OR starts_with(point, ?))', place, `${place}/`);
    if (state !== undefined) add(`${STATE_NOW} = ?`, Math.trunc(now), Math.trunc(now - FORGOTTEN_MS), state);
    if (before !== undefined) add('n < ?', before);
    const where = `${conditions.join(' AND ')} ORDER BY n DESC LIMIT ${Math.trunc(limit)}`;
    return (await this.#database.read(`SELECT ${COLUMNS} FROM commands WHERE ${where}`, parameters)).map(commandOf);
  }

  /** Oldest first: those that still wait, which now count as sent, to this process if to none before. What has expired meanwhile is noted. */
  async sending(gateway: GatewayId, process: string, now: UnixMs): Promise<readonly StoredCommand[]> {
    const read = async () => {
      const sql = `SELECT ${COLUMNS} FROM commands WHERE gateway = ? AND state IN ('pending', 'sent') ORDER BY n`;
      return (await this.#database.read(sql, [gateway])).map(commandOf);
    };
    const open = await read();
    const next = open.map((command) => {
      const older = aged(command, now);
      return isOpen(older) && older.sentTo === undefined
        ? { ...older, state: 'sent' as const, sentTo: process }
        : older;
    });
    const isChanged = (command: StoredCommand, i: number) =>
      command.state !== open[i]?.state || command.sentTo !== open[i]?.sentTo;
    if (next.some(isChanged))
      await this.#database.write(async (connection) => {
        for (const [i, command] of next.entries()) if (isChanged(command, i)) await keep(connection, command, now);
      });
    return next.filter(isOpen);
  }

  /** How many wait for their gateway or its answer. */
  async waiting(now: UnixMs): Promise<number> {
    const sql = `SELECT count(*) AS n FROM commands WHERE state = 'sent' OR (state = 'pending' AND expires_ms >= ?)`;
    const [row] = await this.#database.read(sql, [Math.trunc(now)]);
    return Number(row?.n);
  }

  /** Only the gateway that was asked answers. Where nothing was written, what was wanted before is wanted again, in the same transaction. */
  async answered(
    gateway: GatewayId,
    id: string,
    outcome: WriteOutcome,
    at: UnixMs,
  ): Promise<StoredCommand | undefined> {
    const command = await this.find(id);
    if (command?.gateway !== gateway || !isOpen(command)) return undefined;
    const ended = answered(command, outcome, at);
    await this.#database.write((connection) => keep(connection, ended, at));
    return ended;
  }
}

/** Of a hub restored from a backup: what was open then may have been done since. */
export async function forgetOpen(connection: DuckDBConnection, at: UnixMs): Promise<void> {
  const outcome = JSON.stringify({ code: 'write-unknown' });
  await connection.run(
    `UPDATE commands SET state = 'unknown', outcome = ?, ended_ms = ? WHERE state IN ('pending', 'sent')`,
    [outcome, Math.trunc(at)],
  );
}

async function insert(connection: DuckDBConnection, command: NumberedCommand): Promise<void> {
  const { n, id, gateway, point, value, expect, confirm, by, madeAt, expires, state, former } = command;
  await connection.run(`INSERT INTO commands (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
    ...[n, id, gateway, point, JSON.stringify({ value, expect, confirm, former }), by],
    ...[Math.trunc(madeAt), Math.trunc(expires), state, null, '{}', null],
  ]);
}

async function keep(connection: DuckDBConnection, command: StoredCommand, at: UnixMs): Promise<void> {
  await update(connection, command);
  await giveBack(connection, command, at, async (id) => {
    const [row] = await query(connection, `SELECT ${COLUMNS} FROM commands WHERE id = ?`, [id]);
    return row && commandOf(row);
  });
}

async function update(connection: DuckDBConnection, command: StoredCommand): Promise<void> {
  const { id, state, endedAt, code, detail, before, readBack, sentTo = null } = command;
  await connection.run('UPDATE commands SET state = ?, ended_ms = ?, outcome = ?, sent_to = ? WHERE id = ?', [
    ...[state, endedAt === undefined ? null : Math.trunc(endedAt)],
    ...[JSON.stringify({ code, detail, before, readBack }), sentTo, id],
  ]);
}

function commandOf(row: Row): NumberedCommand {
  const asked = JSON.parse(String(row.asked)) as Pick<StoredCommand, 'value' | 'expect' | 'confirm' | 'former'>;
  const outcome = JSON.parse(String(row.outcome)) as Pick<StoredCommand, 'code' | 'detail' | 'before' | 'readBack'>;
  return {
    ...{ n: Number(row.n), id: String(row.id), gateway: String(row.gateway), point: String(row.point) },
    ...asked,
    ...{ by: String(row.by_whom), madeAt: Number(row.made_ms), expires: Number(row.expires_ms) },
    state: row.state as CommandState,
    ...(row.sent_to === null || row.state === 'pending' ? {} : { sentTo: String(row.sent_to) }),
    ...(row.ended_ms === null ? {} : { endedAt: Number(row.ended_ms) }),
    ...outcome,
  };
}
