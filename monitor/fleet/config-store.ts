import type { DuckDBConnection } from '@duckdb/node-api';
import { z } from 'zod';
import { configOutcome } from '../../cloud-sync/protocol/downlink.ts';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import type { UnixMs } from '../../core/reading.ts';
import { type Database, query, type Row } from '../archive/database.ts';

/** So many versions of a gateway's configuration can be brought back. */
const KEPT_VERSIONS = 200;
const MOST_OUTCOMES = 100;

export interface ConfigHead {
  readonly version: number;
  readonly hash: string;
  readonly savedAt: UnixMs;
  readonly savedBy: string;
}

export interface ConfigText extends ConfigHead {
  readonly text: string;
}

const outcomeSchema = z.object({ ...configOutcome, at: z.number() });
export type ConfigOutcome = z.output<typeof outcomeSchema>;

export interface Fact {
  readonly hash: string;
  readonly body: string;
  readonly at: UnixMs;
}

/** Something else that is stored with a configuration, or not at all. */
export type Beside = (connection: DuckDBConnection, saved: ConfigHead) => Promise<void>;

/** Every configuration that was wanted of a gateway, and what the gateway said of itself. What became of each is in the events. */
export class ConfigStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The newest that is wanted; that of the gateway's own file, version 0, is not. */
  async newest(gateway: GatewayId): Promise<ConfigText | undefined> {
    const [row] = await this.#database.read(
      'SELECT * FROM configs WHERE gateway = ? AND version > 0 ORDER BY version DESC LIMIT 1',
      [gateway],
    );
    return row && textOf(row);
  }

  async find(gateway: GatewayId, version: number): Promise<ConfigText | undefined> {
    const [row] = await this.#database.read('SELECT * FROM configs WHERE gateway = ? AND version = ?', [
      gateway,
      version,
    ]);
    return row && textOf(row);
  }

  /** Newest first. */
  async versions(gateway: GatewayId): Promise<readonly ConfigHead[]> {
    const rows = await this.#database.read(
      'SELECT gateway, version, hash, saved_ms, by_whom FROM configs WHERE gateway = ? ORDER BY version DESC',
      [gateway],
    );
    return rows.map(headOf);
  }

  /** Keeps it in the place of what had this version. */
  async put(gateway: GatewayId, config: ConfigText): Promise<void> {
    await this.#database.write((connection) => putConfig(connection, gateway, config));
  }

  /** Keeps what `make` makes of the newest, and what `beside` does, in one transaction; a fault of either changes nothing. */
  async add(
    gateway: GatewayId,
    make: (newest: ConfigHead | undefined) => ConfigText,
    beside: Beside = async () => {},
  ): Promise<ConfigText> {
    return this.#database.write(async (connection) => {
      const [row] = await query(
        connection,
        'SELECT gateway, version, hash, saved_ms, by_whom FROM configs WHERE gateway = ? AND version > 0 ORDER BY version DESC LIMIT 1',
        [gateway],
      );
      const config = make(row && headOf(row));
      await putConfig(connection, gateway, config);
      await connection.run('DELETE FROM configs WHERE gateway = ? AND version > 0 AND version <= ?', [
        ...[gateway, config.version - KEPT_VERSIONS],
      ]);
      await beside(connection, config);
      return config;
    });
  }

  /** Of all gateways: the newest that is wanted, and what the gateway said of itself. */
  async stands(): Promise<ReadonlyMap<GatewayId, { readonly version: number; readonly stand: string | undefined }>> {
    const rows = await this.#database.read(
      `SELECT coalesce(c.gateway, f.gateway) AS gateway, coalesce(c.version, 0) AS version, f.body
       FROM (SELECT gateway, max(version) AS version FROM configs GROUP BY gateway) c
       FULL JOIN (SELECT gateway, body FROM gateway_facts WHERE name = 'stand') f ON f.gateway = c.gateway`,
    );
    const standOf = ({ version, body }: Row) => ({
      version: Number(version),
      stand: body === null ? undefined : String(body),
    });
    return new Map(rows.map((row) => [String(row.gateway), standOf(row)]));
  }

  /** What the gateway said became of each, newest first. */
  async outcomes(gateway: GatewayId): Promise<readonly ConfigOutcome[]> {
    const rows = await this.#database.read(
      `SELECT e.body FROM events e JOIN epochs p ON p.id = e.epoch WHERE p.gateway = ? AND e.event = 'config'
       ORDER BY e.at_ms DESC, e.seq DESC LIMIT ${MOST_OUTCOMES}`,
      [gateway],
    );
    return rows.flatMap(({ body }) => {
      const outcome = outcomeSchema.safeParse(JSON.parse(String(body)));
      return outcome.success ? [outcome.data] : [];
    });
  }

  async fact(gateway: GatewayId, name: 'stand' | 'schema'): Promise<Fact | undefined> {
    const [row] = await this.#database.read('SELECT * FROM gateway_facts WHERE gateway = ? AND name = ?', [
      gateway,
      name,
    ]);
    return row && { hash: String(row.hash), body: String(row.body), at: Number(row.at_ms) };
  }

  async setFact(gateway: GatewayId, name: 'stand' | 'schema', { hash, body, at }: Fact): Promise<void> {
    await this.#database.write(async (connection) => {
      await connection.run('DELETE FROM gateway_facts WHERE gateway = ? AND name = ?', [gateway, name]);
      await connection.run('INSERT INTO gateway_facts VALUES (?, ?, ?, ?, ?)', [gateway, name, hash, body, at]);
    });
  }
}

async function putConfig(connection: DuckDBConnection, gateway: GatewayId, config: ConfigText): Promise<void> {
  const { version, hash, text, savedAt, savedBy } = config;
  await connection.run('DELETE FROM configs WHERE gateway = ? AND version = ?', [gateway, version]);
  await connection.run('INSERT INTO configs VALUES (?, ?, ?, ?, ?, ?)', [
    gateway,
    version,
    hash,
    text,
    savedAt,
    savedBy,
  ]);
}

function headOf(row: Row): ConfigHead {
  return {
    ...{ version: Number(row.version), hash: String(row.hash) },
    ...{ savedAt: Number(row.saved_ms), savedBy: String(row.by_whom) },
  };
}

function textOf(row: Row): ConfigText {
  return { ...headOf(row), text: String(row.body) };
}
