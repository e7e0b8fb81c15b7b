import type { Access } from '../auth/access.ts';
import { accessOf, sitesText, textOf } from './access-columns.ts';
import type { Database, Row } from './database.ts';

export interface StoredSession extends Access {
  /** SHA-256 of the cookie's secret, hex. */
  readonly hash: string;
  readonly name: string;
  /** Who vouched: the password here, or the provider of single sign-on, whose word on role and sites holds for the session. */
  readonly via: 'password' | 'oidc';
  readonly createdMs: number;
  readonly usedMs: number;
  readonly address: string | undefined;
  /** What the browser calls itself. */
  readonly browser: string | undefined;
}

/** Role and sites are those of the user now. */
const SESSIONS = `SELECT s.hash, s.name, s.created_ms, s.used_ms, s.address, s.browser, coalesce(s.via, 'password') AS via,
    CASE WHEN s.via = 'oidc' THEN s.role ELSE u.role END AS role, CASE WHEN s.via = 'oidc' THEN s.sites ELSE u.sites END AS sites
  FROM sessions s LEFT JOIN users u ON u.name = s.name
  WHERE (s.via = 'oidc' OR u.name IS NOT NULL)`;

/** Who is logged in. */
export class SessionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Removes what began before `expireBeforeMs`. */
  async add(session: StoredSession, expireBeforeMs: number): Promise<void> {
    const { hash, name, createdMs, usedMs, via, role, sites, address, browser } = session;
    const own = via === 'oidc' ? [role, sitesText(sites)] : [null, null];
    await this.#database.write(async (connection) => {
      await connection.run('DELETE FROM sessions WHERE created_ms < ?', [expireBeforeMs]);
      await connection.run(
        `INSERT INTO sessions (hash, name, created_ms, used_ms, via, role, sites, address, browser)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [hash, name, createdMs, usedMs, via, ...own, address ?? null, browser ?? null],
      );
    });
  }

  async find(hash: string): Promise<StoredSession | undefined> {
    const [row] = await this.#database.read(`${SESSIONS} AND s.hash = ?`, [hash]);
    return row && sessionOf(row);
  }

  /** Newest use first. */
  async list(): Promise<readonly StoredSession[]> {
    return (await this.#database.read(`${SESSIONS} ORDER BY s.used_ms DESC, s.hash`)).map(sessionOf);
  }

  async touch(hash: string, usedMs: number, address: string | undefined): Promise<void> {
    await this.#database.write((connection) =>
      connection.run('UPDATE sessions SET used_ms = ?, address = coalesce(?, address) WHERE hash = ?', [
        ...[usedMs, address ?? null, hash],
      ]),
    );
  }

  async end(hash: string): Promise<void> {
    await this.#database.write((connection) => connection.run('DELETE FROM sessions WHERE hash = ?', [hash]));
  }

  /** All of a user; `except`: but one. Those of single sign-on belong to no user here. */
  async endOf(name: string, except?: string): Promise<void> {
    await this.#database.write((connection) =>
      connection.run(
        "DELETE FROM sessions WHERE name = ? AND coalesce(via, 'password') = 'password' AND hash IS DISTINCT FROM ?",
        [name, except ?? null],
      ),
    );
  }
}

function sessionOf(row: Row): StoredSession {
  return {
    ...{ hash: String(row.hash), name: String(row.name), via: row.via === 'oidc' ? 'oidc' : 'password' },
    ...{ createdMs: Number(row.created_ms), usedMs: Number(row.used_ms), ...accessOf(row) },
    ...{ address: textOf(row.address), browser: textOf(row.browser) },
  };
}
