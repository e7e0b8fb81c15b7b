import { dirname } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import { makeDataDir } from '../../core/data-dir.ts';
import { Fault } from '../../core/faults.ts';
import { migrate } from './schema.ts';

export type Row = Readonly<Record<string, string | number | boolean | null>>;
export type Parameter = string | number | boolean | null;

/**
 * Extensions are built in; nothing may be fetched while running. With Node's own 150 MB a hub stays below 600; what does not fit is
 * sorted on disk.
 */
const OPTIONS = {
  autoinstall_known_extensions: 'false',
  memory_limit: '400MB',
  preserve_insertion_order: 'false',
};

/** DuckDB in one file: one connection that writes, one that reads, more for long streams. */
export class Database {
  readonly #file: string;
  #instance: DuckDBInstance;
  #writer: DuckDBConnection;
  #reader: DuckDBConnection;
  #queue: Promise<unknown> = Promise.resolve();
  /** Grows when the connections are new and what was prepared on the old ones is void. */
  #generation = 0;

  private constructor(file: string, opened: Opened) {
    this.#file = file;
    this.#instance = opened.instance;
    this.#writer = opened.writer;
    this.#reader = opened.reader;
  }

  /** Throws Fault data-dir, already-running if another process has the file, archive-newer if it is from a newer release. */
  static async open(file: string): Promise<Database> {
    await makeDataDir(dirname(file));
    return new Database(file, await connect(file));
  }

  get generation(): number {
    return this.#generation;
  }

  /**
   * Runs `work` in a transaction of its own, one at a time: durable when this resolves. After an error it is unknown whether
   * the transaction was stored; the connections are then new, since DuckDB refuses all work after some failures.
   */
  write<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => this.#transaction(work));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #transaction<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    try {
      await this.#writer.run('BEGIN');
      const result = await work(this.#writer);
      await this.#writer.run('COMMIT');
      return result;
    } catch (error) {
      await this.#recover();
      throw error;
    }
  }

  async #recover(): Promise<void> {
    this.#generation++;
    try {
      await this.#writer.run('ROLLBACK');
      await this.#reader.run('SELECT 1');
      return;
    } catch {
      // Not a transaction that failed but a database that gave up: only opening it anew helps.
    }
    closeAll(this.#writer, this.#reader, this.#instance);
    const opened = await connect(this.#file);
    this.#instance = opened.instance;
    this.#writer = opened.writer;
    this.#reader = opened.reader;
  }

  /** Bytes that DuckDB holds: rows not yet in the file, and pages of it that it keeps until its limit is reached. */
  async memory(): Promise<number> {
    const [row] = await this.read('SELECT sum(memory_usage_bytes)::DOUBLE AS bytes FROM duckdb_memory()');
    return Number(row?.bytes ?? 0);
  }

  async read(sql: string, parameters: readonly Parameter[] = []): Promise<readonly Row[]> {
    return query(this.#reader, sql, parameters);
  }

  /** Columns, a vector's worth of rows at a time, without holding the whole answer. */
  async *stream(sql: string, parameters: readonly Parameter[] = []): AsyncGenerator<DuckDBValue[][], void> {
    // Its own connection: a second query on one connection ends a stream on it.
    const connection = await this.#instance.connect();
    try {
      const result = await connection.stream(sql, [...parameters]);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return;
        yield chunk.getColumns();
      }
    } finally {
      connection.closeSync();
    }
  }

  /** A copy of all that is committed, in one file that must not be there yet. Work goes on meanwhile. */
  async copyTo(file: string): Promise<void> {
    const connection = await this.#instance.connect();
    const path = file.replaceAll("'", "''");
    try {
      // Rows stay in the order they came in, by which the database finds them.
      await connection.run('SET SESSION preserve_insertion_order = true');
      await connection.run(`ATTACH '${path}' AS backup`);
      try {
        const [row] = await query(connection, 'SELECT current_database() AS name');
        await connection.run(`COPY FROM DATABASE "${row?.name}" TO backup`);
      } finally {
        await connection.run('DETACH backup');
      }
    } finally {
      connection.closeSync();
    }
  }

  /** A statement that is no part of a transaction, such as COPY. */
  async run(sql: string): Promise<void> {
    await this.work((connection) => connection.run(sql));
  }

  /**
   * Long work beside the writer, on a connection of its own: it makes its own transactions, and must not change a row that the
   * writer changes.
   */
  async work<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  }

  async close(): Promise<void> {
    await this.#queue;
    closeAll(this.#writer, this.#reader, this.#instance);
  }
}

interface Opened {
  readonly instance: DuckDBInstance;
  readonly writer: DuckDBConnection;
  readonly reader: DuckDBConnection;
}

async function connect(file: string): Promise<Opened> {
  const instance = await openInstance(file);
  try {
    const writer = await instance.connect();
    await migrate(writer);
    return { instance, writer, reader: await instance.connect() };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

async function openInstance(file: string): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(file, OPTIONS);
  } catch (cause) {
    // DuckDB has no code for this.
    if (/lock on file/.test(String(cause))) throw new Fault('already-running', file, { cause });
    throw cause;
  }
}

function closeAll(...things: readonly { closeSync(): void }[]): void {
  for (const thing of things) {
    try {
      thing.closeSync();
    } catch {
      // Already closed by its own failure.
    }
  }
}

/** Rows as plain objects; whole numbers beyond 32 bits arrive as bigint and leave as number. */
export async function query(
  connection: DuckDBConnection,
  sql: string,
  parameters: readonly Parameter[] = [],
): Promise<readonly Row[]> {
  const result = await connection.runAndReadAll(sql, [...parameters]);
  return result.getRowObjects().map((row) => {
    const plain: Record<string, string | number | boolean | null> = {};
    for (const [name, value] of Object.entries(row)) plain[name] = toPlain(value);
    return plain;
  });
}

function toPlain(value: DuckDBValue): string | number | boolean | null {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'object' && value !== null) throw new TypeError('a column of a nested type');
  return value;
}

/** Inserts rows in one statement. `types` gives the columns in the table's order. */
export async function insert(
  connection: DuckDBConnection,
  table: string,
  types: Readonly<Record<string, string>>,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  await connection.run(`INSERT INTO ${table} BY NAME ${unnest(types)}`, [JSON.stringify(rows)]);
}

/** A query over rows given as one JSON parameter. */
export function unnest(types: Readonly<Record<string, string>>): string {
  const shape = JSON.stringify([types]);
  return `SELECT unnest(from_json(?::JSON, '${shape}'), recursive := true)`;
}
