import type { DuckDBConnection } from '@duckdb/node-api';
import { Fault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';
import { type Database, query, type Row } from '../archive/database.ts';
import type { StoredKind } from './kinds.ts';

/** So many versions of a document can be brought back. */
const KEPT_VERSIONS = 50;
/** Documents of one kind. */
const MOST_DOCUMENTS = 500;

export interface DocumentHead {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly savedAt: UnixMs;
  readonly savedBy: string;
}

export interface Document extends DocumentHead {
  /** As its kind's schema has it. */
  readonly body: unknown;
}

export interface Saving {
  readonly kind: StoredKind;
  readonly id: string;
  readonly name: string;
  readonly body: object;
  /** The version that was changed; 0 for a new one. */
  readonly from: number;
  readonly by: string;
  readonly at: UnixMs;
}

const NEWEST = `SELECT * FROM documents WHERE kind = ? QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC) = 1`;

/** Every version is a row; one without a body says that the document was removed. */
export class DocumentStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(kind: StoredKind): Promise<readonly DocumentHead[]> {
    const rows = await this.#database.read(`SELECT * FROM (${NEWEST}) WHERE body IS NOT NULL ORDER BY name, id`, [
      kind,
    ]);
    return rows.map(headOf);
  }

  /** The newest version, or the one asked for. Throws Fault not-found. */
  async get(kind: StoredKind, id: string, version?: number): Promise<Document> {
    const [row] = await this.#database.read(
      `SELECT * FROM documents WHERE kind = ? AND id = ? AND (? IS NULL OR version = ?) ORDER BY version DESC LIMIT 1`,
      [kind, id, version ?? null, version ?? null],
    );
    if (row?.body === undefined || row.body === null) throw new Fault('not-found', `${kind} ${id}`);
    return documentOf(row);
  }

  /** All of a kind, and since when each has said the same under `keys`, as far back as versions are kept. */
  async all(
    kind: StoredKind,
    keys: readonly string[] = [],
  ): Promise<readonly (Document & { readonly since: UnixMs })[]> {
    const parts = keys.map((key) => `body->'$.${key}'`);
    // Without its body, a version that was removed says something else than any other.
    const said = `concat_ws(' ', body IS NULL, ${['NULL', ...parts].join(', ')})`;
    const rows = await this.#database.read(
      `WITH told AS (SELECT *, ${said} AS said, first_value(said) OVER newest AS says FROM documents WHERE kind = ?
                     WINDOW newest AS (PARTITION BY id ORDER BY version DESC)),
            changed AS (SELECT id, max(version) AS version FROM told WHERE said <> says GROUP BY id)
       SELECT told.*, min(told.saved_ms) OVER (PARTITION BY told.id) AS since FROM told LEFT JOIN changed USING (id)
       WHERE changed.version IS NULL OR told.version > changed.version
       QUALIFY row_number() OVER (PARTITION BY told.id ORDER BY told.version DESC) = 1`,
      [kind],
    );
    const standing = rows.filter(({ body }) => body !== null);
    return standing.map((row) => ({ ...documentOf(row), since: Number(row.since) }));
  }

  /** Newest first. */
  async versions(kind: StoredKind, id: string): Promise<readonly DocumentHead[]> {
    const rows = await this.#database.read(
      'SELECT * FROM documents WHERE kind = ? AND id = ? AND body IS NOT NULL ORDER BY version DESC',
      [kind, id],
    );
    return rows.map(headOf);
  }

  /** Throws Fault document-changed if somebody else has saved since, request-invalid if there are too many. */
  async save({ kind, id, name, body, from, by, at }: Saving): Promise<DocumentHead> {
    return this.#database.write(async (connection) => {
      const version = (await this.#expect(connection, kind, id, from)) + 1;
      if (from === 0) await expectRoom(connection, kind);
      await connection.run('INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)', [
        ...[kind, id, version, name, JSON.stringify(body), at, by],
      ]);
      await connection.run('DELETE FROM documents WHERE kind = ? AND id = ? AND version <= ?', [
        ...[kind, id, version - KEPT_VERSIONS],
      ]);
      return { id, name, version, savedAt: at, savedBy: by };
    });
  }

  /** Throws Fault document-changed, not-found. */
  async remove({ kind, id, from, by, at }: Omit<Saving, 'name' | 'body'>): Promise<void> {
    await this.#database.write(async (connection) => {
      const version = await this.#expect(connection, kind, id, from);
      if (from === 0) throw new Fault('not-found', `${kind} ${id}`);
      await connection.run('INSERT INTO documents VALUES (?, ?, ?, ?, NULL, ?, ?)', [
        kind,
        id,
        version + 1,
        '',
        at,
        by,
      ]);
    });
  }

  /** The newest version's number, which must be of the one that was changed, or of a removed one if it is new. */
  async #expect(connection: DuckDBConnection, kind: StoredKind, id: string, from: number): Promise<number> {
    const [newest] = await query(
      connection,
      'SELECT version, body IS NULL AS gone, by_whom FROM documents WHERE kind = ? AND id = ? ORDER BY version DESC LIMIT 1',
      [kind, id],
    );
    const version = Number(newest?.version ?? 0);
    const standing = newest?.gone === true ? 0 : version;
    if (standing !== from) throw new Fault('document-changed', `${newest?.by_whom} saved version ${version} of it`);
    return version;
  }
}

async function expectRoom(connection: DuckDBConnection, kind: StoredKind): Promise<void> {
  const [row] = await query(connection, `SELECT count(*) AS n FROM (${NEWEST}) WHERE body IS NOT NULL`, [kind]);
  if (Number(row?.n) >= MOST_DOCUMENTS)
    throw new Fault('request-invalid', `there are ${MOST_DOCUMENTS} of kind ${kind} already; remove one first`);
}

function documentOf(row: Row): Document {
  return { ...headOf(row), body: JSON.parse(String(row.body)) };
}

function headOf(row: Row): DocumentHead {
  return {
    ...{ id: String(row.id), name: String(row.name), version: Number(row.version) },
    ...{ savedAt: Number(row.saved_ms), savedBy: String(row.by_whom) },
  };
}
