import { Fault } from '../../core/faults.ts';
import type { Database, Row } from './database.ts';

export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface StoredUser {
  readonly name: string;
  readonly role: Role;
  /** As `auth/password.ts` writes it. */
  readonly password: string;
}

export interface StoredSession {
  /** SHA-256 of the cookie's secret, hex. */
  readonly hash: string;
  readonly name: string;
  readonly createdMs: number;
  readonly usedMs: number;
}

export interface StoredKey {
  readonly hash: string;
  readonly name: string;
  readonly role: Role;
}

/** Users, sessions and API keys. Secrets are kept as hashes only. */
export class PeopleStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async users(): Promise<readonly { readonly name: string; readonly role: Role; readonly createdMs: number }[]> {
    const rows = await this.#database.read('SELECT name, role, created_ms FROM users ORDER BY name');
    return rows.map((row) => ({ name: String(row.name), role: roleOf(row), createdMs: Number(row.created_ms) }));
  }

  async findUser(name: string): Promise<StoredUser | undefined> {
    const [row] = await this.#database.read('SELECT * FROM users WHERE name = ?', [name]);
    return row && { name, role: roleOf(row), password: String(row.password) };
  }

  /** Throws Fault request-invalid if the name is taken. */
  async addUser(user: StoredUser, nowMs: number): Promise<void> {
    await this.#database.write(async (connection) => {
      const taken = await connection.runAndReadAll('SELECT 1 FROM users WHERE name = ?', [user.name]);
      if (taken.getRows().length > 0) throw new Fault('request-invalid', `the user ${user.name} exists already`);
      await connection.run('INSERT INTO users VALUES (?, ?, ?, ?)', [user.name, user.role, user.password, nowMs]);
    });
  }

  /** Ends the user's sessions too: whoever knew the old password is out. Throws Fault not-found. */
  async setPassword(name: string, password: string): Promise<void> {
    await this.#database.write(async (connection) => {
      const known = await connection.runAndReadAll('SELECT 1 FROM users WHERE name = ?', [name]);
      if (known.getRows().length === 0) throw new Fault('not-found', `user ${name}`);
      await connection.run('UPDATE users SET password = ? WHERE name = ?', [password, name]);
      await connection.run('DELETE FROM sessions WHERE name = ?', [name]);
    });
  }

  async addSession({ hash, name, createdMs, usedMs }: StoredSession, expireBeforeMs: number): Promise<void> {
    await this.#database.write(async (connection) => {
      await connection.run('DELETE FROM sessions WHERE created_ms < ?', [expireBeforeMs]);
      await connection.run('INSERT INTO sessions VALUES (?, ?, ?, ?)', [hash, name, createdMs, usedMs]);
    });
  }

  /** The session with its user's role now. */
  async findSession(hash: string): Promise<(StoredSession & { readonly role: Role }) | undefined> {
    const [row] = await this.#database.read(
      'SELECT s.*, u.role FROM sessions s JOIN users u ON u.name = s.name WHERE s.hash = ?',
      [hash],
    );
    if (!row) return undefined;
    return {
      hash,
      name: String(row.name),
      role: roleOf(row),
      createdMs: Number(row.created_ms),
      usedMs: Number(row.used_ms),
    };
  }

  async touchSession(hash: string, usedMs: number): Promise<void> {
    await this.#database.write((connection) =>
      connection.run('UPDATE sessions SET used_ms = ? WHERE hash = ?', [usedMs, hash]),
    );
  }

  async endSession(hash: string): Promise<void> {
    await this.#database.write((connection) => connection.run('DELETE FROM sessions WHERE hash = ?', [hash]));
  }

  async addKey({ hash, name, role }: StoredKey, nowMs: number): Promise<void> {
    await this.#database.write((connection) =>
      connection.run('INSERT INTO api_keys VALUES (?, ?, ?, ?)', [hash, name, role, nowMs]),
    );
  }

  async findKey(hash: string): Promise<StoredKey | undefined> {
    const [row] = await this.#database.read('SELECT * FROM api_keys WHERE hash = ?', [hash]);
    return row && { hash, name: String(row.name), role: roleOf(row) };
  }
}

function roleOf(row: Row): Role {
  const role = ROLES.find((name) => name === row.role);
  if (role === undefined) throw new TypeError(`no such role: ${row.role}`);
  return role;
}
