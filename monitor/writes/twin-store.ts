import type { DuckDBConnection } from '@duckdb/node-api';
import { hashOf } from '../../cloud-sync/protocol/document.ts';
import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import {
  type TwinDocument,
  type TwinStand,
  twinDocumentSchema,
  twinStandSchema,
} from '../../cloud-sync/protocol/twins.ts';
import type { UnixMs } from '../../core/reading.ts';
import { type Database, query, type Row } from '../archive/database.ts';

/** All that is wanted of a gateway's points. */
export interface StoredTwins {
  readonly version: number;
  readonly hash: string;
  readonly text: string;
  readonly document: TwinDocument;
}

const NONE: StoredTwins = storedOf(0, { points: {} });

/** The newest document of each gateway's twins, and what the gateway says of it. Who changed it when is in the audit log. */
export class TwinStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Version 0 where nothing was ever wanted. */
  async wanted(gateway: GatewayId): Promise<StoredTwins> {
    const [row] = await this.#database.read('SELECT * FROM twins WHERE gateway = ?', [gateway]);
    return row ? twinsOf(row) : NONE;
  }

  /** Keeps what `make` makes of it under the next number; undefined changes nothing, and so does a fault of it. */
  async change(
    gateway: GatewayId,
    at: UnixMs,
    make: (twins: StoredTwins, next: number) => TwinDocument | undefined,
  ): Promise<StoredTwins> {
    return this.#database.write((connection) => changeTwins(connection, gateway, at, make));
  }

  /** In the place of what is there: of a hub that was restored, from a gateway that knows better. */
  async put(gateway: GatewayId, version: number, document: TwinDocument, at: UnixMs): Promise<void> {
    await this.#database.write((connection) => putTwins(connection, gateway, storedOf(version, document), at));
  }

  async stand(gateway: GatewayId): Promise<TwinStand | undefined> {
    const [row] = await this.#database.read(`SELECT body FROM gateway_facts WHERE gateway = ? AND name = 'twins'`, [
      gateway,
    ]);
    return row && twinStandSchema.safeParse(JSON.parse(String(row.body))).data;
  }

  async setStand(gateway: GatewayId, stand: TwinStand, at: UnixMs): Promise<void> {
    await this.#database.write(async (connection) => {
      await connection.run(`DELETE FROM gateway_facts WHERE gateway = ? AND name = 'twins'`, [gateway]);
      await connection.run(`INSERT INTO gateway_facts VALUES (?, 'twins', ?, ?, ?)`, [
        ...[gateway, stand.held.hash, JSON.stringify(stand), Math.trunc(at)],
      ]);
    });
  }
}

/** As `change`, within a transaction of somebody else. */
export async function changeTwins(
  connection: DuckDBConnection,
  gateway: GatewayId,
  at: UnixMs,
  make: (twins: StoredTwins, next: number) => TwinDocument | undefined,
): Promise<StoredTwins> {
  const [row] = await query(connection, 'SELECT * FROM twins WHERE gateway = ?', [gateway]);
  const before = row ? twinsOf(row) : NONE;
  const document = make(before, before.version + 1);
  if (document === undefined) return before;
  const after = storedOf(before.version + 1, document);
  await putTwins(connection, gateway, after, at);
  return after;
}

async function putTwins(connection: DuckDBConnection, gateway: GatewayId, twins: StoredTwins, at: UnixMs) {
  await connection.run('DELETE FROM twins WHERE gateway = ?', [gateway]);
  await connection.run('INSERT INTO twins VALUES (?, ?, ?, ?, ?)', [
    ...[gateway, twins.version, twins.hash, twins.text, Math.trunc(at)],
  ]);
}

function storedOf(version: number, document: TwinDocument): StoredTwins {
  const text = JSON.stringify(document);
  return { version, hash: hashOf(text), text, document };
}

function twinsOf(row: Row): StoredTwins {
  const text = String(row.body);
  const document = twinDocumentSchema.parse(JSON.parse(text));
  return { version: Number(row.version), hash: String(row.hash), text, document };
}
