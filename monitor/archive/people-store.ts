import type { DuckDBConnection } from '@duckdb/node-api';
import { Fault } from '../../core/faults.ts';
import { type Access, hasRole, isEverywhere } from '../auth/access.ts';
import { accessOf, sitesText, textOf } from './access-columns.ts';
import { type Database, query, type Row } from './database.ts';

/** How somebody likes to see the page. */
export interface Likes {
  readonly language: string | undefined;
  readonly timezone: string | undefined;
}

export interface User extends Access, Likes {
  readonly name: string;
  readonly createdMs: number;
}

export interface StoredUser extends User {
  /** As `auth/password.ts` writes it. */
  readonly password: string;
}

/** People who log in here. */
export class PeopleStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async users(): Promise<readonly User[]> {
    return (await this.#database.read('SELECT * FROM users ORDER BY name')).map(userOf);
  }

  async findUser(name: string): Promise<StoredUser | undefined> {
    const [row] = await this.#database.read('SELECT * FROM users WHERE name = ?', [name]);
    return row && { ...userOf(row), password: String(row.password) };
  }

  /** `isFirst`: only where there is nobody yet. Throws Fault request-invalid if the name is taken, setup-refused. */
  async addUser(user: StoredUser, isFirst = false): Promise<void> {
    await this.#database.write(async (connection) => {
      if (isFirst && (await query(connection, 'SELECT 1 FROM users LIMIT 1')).length > 0)
        throw new Fault('setup-refused', 'this hub has its first user already');
      if (await find(connection, user.name)) throw new Fault('request-invalid', `the user ${user.name} exists already`);
      const { name, role, password, createdMs, sites, language, timezone } = user;
      await connection.run(
        `INSERT INTO users (name, role, password, created_ms, sites, language, timezone) VALUES (?, ?, ?, ?, ?, ?, ?)`,
        [name, role, password, createdMs, sitesText(sites), language ?? null, timezone ?? null],
      );
    });
  }

  /** Answers what they were before. Throws Fault not-found, last-admin. */
  async setAccess(name: string, access: Access): Promise<User> {
    return this.#database.write(async (connection) => {
      const before = await needed(connection, name);
      await connection.run('UPDATE users SET role = ?, sites = ? WHERE name = ?', [
        ...[access.role, sitesText(access.sites), name],
      ]);
      await expectAdmin(connection, before);
      return before;
    });
  }

  /** Throws Fault not-found, last-admin. */
  async removeUser(name: string): Promise<User> {
    return this.#database.write(async (connection) => {
      const before = await needed(connection, name);
      await connection.run('DELETE FROM users WHERE name = ?', [name]);
      await expectAdmin(connection, before);
      return before;
    });
  }

  /** Throws Fault not-found. */
  async setPassword(name: string, password: string): Promise<void> {
    await this.#database.write(async (connection) => {
      await needed(connection, name);
      await connection.run('UPDATE users SET password = ? WHERE name = ?', [password, name]);
    });
  }

  /** What is undefined stays. Throws Fault not-found. */
  async setLikes(name: string, { language, timezone }: Likes): Promise<void> {
    await this.#database.write(async (connection) => {
      await needed(connection, name);
      await connection.run(
        'UPDATE users SET language = coalesce(?, language), timezone = coalesce(?, timezone) WHERE name = ?',
        [language ?? null, timezone ?? null, name],
      );
    });
  }
}

async function find(connection: DuckDBConnection, name: string): Promise<Row | undefined> {
  return (await query(connection, 'SELECT * FROM users WHERE name = ?', [name]))[0];
}

async function needed(connection: DuckDBConnection, name: string): Promise<User> {
  const row = await find(connection, name);
  if (!row) throw new Fault('not-found', `user ${name}`);
  return userOf(row);
}

/** Within the transaction of the change, which is undone by the throw. */
async function expectAdmin(connection: DuckDBConnection, before: Access): Promise<void> {
  if (!hasRole(before, 'admin') || !isEverywhere(before)) return;
  const left = await query(connection, "SELECT 1 FROM users WHERE role = 'admin' AND sites IS NULL LIMIT 1");
  if (left.length === 0) throw new Fault('last-admin');
}

function userOf(row: Row): User {
  return {
    ...{ name: String(row.name), createdMs: Number(row.created_ms), ...accessOf(row) },
    ...{ language: textOf(row.language), timezone: textOf(row.timezone) },
  };
}
