import type { Access } from '../auth/access.ts';
import { accessOf, sitesText, textOf, timeOf } from './access-columns.ts';
import type { Database, Row } from './database.ts';

export interface StoredKey extends Access {
  /** SHA-256 of the key, hex. */
  readonly hash: string;
  /** What it is for. */
  readonly name: string;
  readonly createdMs: number;
  readonly madeBy: string | undefined;
  readonly expiresMs: number | undefined;
  readonly usedMs: number | undefined;
  readonly revokedMs: number | undefined;
}

/** Programs. A key that was revoked stays in the list: the audit log speaks of it. */
export class KeyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add({ hash, name, role, sites, createdMs, madeBy, expiresMs }: StoredKey): Promise<void> {
    await this.#database.write((connection) =>
      connection.run(
        'INSERT INTO api_keys (hash, name, role, created_ms, sites, made_by, expires_ms) VALUES (?, ?, ?, ?, ?, ?, ?)',
        [hash, name, role, createdMs, sitesText(sites), madeBy ?? null, expiresMs ?? null],
      ),
    );
  }

  async find(hash: string): Promise<StoredKey | undefined> {
    const [row] = await this.#database.read('SELECT * FROM api_keys WHERE hash = ?', [hash]);
    return row && keyOf(row);
  }

  /** Newest first. */
  async list(): Promise<readonly StoredKey[]> {
    return (await this.#database.read('SELECT * FROM api_keys ORDER BY created_ms DESC, hash')).map(keyOf);
  }

  async touch(hash: string, usedMs: number): Promise<void> {
    await this.#database.write((connection) =>
      connection.run('UPDATE api_keys SET used_ms = ? WHERE hash = ?', [usedMs, hash]),
    );
  }

  async revoke(hash: string, revokedMs: number): Promise<void> {
    await this.#database.write((connection) =>
      connection.run('UPDATE api_keys SET revoked_ms = ? WHERE hash = ? AND revoked_ms IS NULL', [revokedMs, hash]),
    );
  }
}

function keyOf(row: Row): StoredKey {
  return {
    ...{ hash: String(row.hash), name: String(row.name), createdMs: Number(row.created_ms), ...accessOf(row) },
    ...{ madeBy: textOf(row.made_by), expiresMs: timeOf(row.expires_ms) },
    ...{ usedMs: timeOf(row.used_ms), revokedMs: timeOf(row.revoked_ms) },
  };
}
