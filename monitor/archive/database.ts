import { dirname } from 'node:path';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { Clock } from '../../core/clock.ts';
import { makeDataDir } from '../../core/data-dir.ts';
import { isFault } from '../../core/faults.ts';
import { type Closable, Connections, closing } from './connections.ts';

export type Row = Readonly<Record<string, string | number | boolean | null>>;
export type Parameter = string | number | boolean | null;

/** DuckDB in one file: one connection that writes, one that reads, more for long streams. */
export class Database {
  readonly #connections: Connections;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Throws Fault data-dir, already-running if another process has the file, archive-newer if it is from a newer release. */
  static async open(file: string, clock: Clock): Promise<Database> {
    await makeDataDir(dirname(file));
    return new Database(await Connections.open(file, clock));
  }

  /** Grows when the connections are new and what was prepared on the old ones is void. */
  get generation(): number {
    return this.#connections.generation;
  }

  /**
   * Runs `work` in a transaction of its own, one at a time: durable when this resolves. After an error it is unknown whether
   * the transaction was stored; the connections are then new. Rejects with Fault archive-write once the archive is being closed.
   */
  write<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    if (this.#connections.isClosed) return Promise.reject(closing());
    const turn = this.#queue.then(() => this.#transaction(work));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #transaction<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const { writer } = this.#connections;
    try {
      await writer.run('BEGIN');
      const result = await work(writer);
      await writer.run('COMMIT');
      return result;
    } catch (error) {
      await this.#connections.recover(isFault(error));
      throw error;
    }
  }

  /** Is closed before the connections that are open now: what was made on the writer, such as an appender. */
  hold(thing: Closable): void {
    this.#connections.hold(thing);
  }

  /** Closes now what was to be closed then. */
  letGo(thing: Closable): void {
    this.#connections.letGo(thing);
  }

  /** Bytes that DuckDB holds: rows not yet in the file, and pages of it that it keeps until its limit is reached. */
  async memory(): Promise<number> {
    const [row] = await this.read('SELECT sum(memory_usage_bytes)::DOUBLE AS bytes FROM duckdb_memory()');
    return Number(row?.bytes ?? 0);
  }

  read(sql: string, parameters: readonly Parameter[] = []): Promise<readonly Row[]> {
    return this.#connections.read((reader) => query(reader, sql, parameters));
  }

  /** Columns, a vector's worth of rows at a time, without holding the whole answer. */
  async *stream(sql: string, parameters: readonly Parameter[] = []): AsyncGenerator<DuckDBValue[][], void> {
    // Its own connection: a second query on one connection ends a stream on it.
    const side = await this.#connections.side();
    try {
      const result = await side.ask((connection) => connection.stream(sql, [...parameters]));
      for (;;) {
        const chunk = await side.ask(() => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        yield chunk.getColumns();
      }
    } finally {
      side.close();
    }
  }

  /** A copy of all that is committed, in one file that must not be there yet. Work goes on meanwhile. */
  copyTo(file: string): Promise<void> {
    const path = file.replaceAll("'", "''");
    return this.work(async (connection) => {
      // Rows stay in the order they came in, by which the database finds them.
      await connection.run('SET SESSION preserve_insertion_order = true');
      await connection.run(`ATTACH '${path}' AS backup`);
      try {
        const [row] = await query(connection, 'SELECT current_database() AS name');
        await connection.run(`COPY FROM DATABASE "${row?.name}" TO backup`);
        // Else it would stand in a log beside the file, see `Connections`.
        await connection.run('CHECKPOINT backup');
      } finally {
        await connection.run('DETACH backup');
      }
    });
  }

  /** A statement that is no part of a transaction, such as COPY. */
  async run(sql: string): Promise<void> {
    await this.work((connection) => connection.run(sql));
  }

  /**
   * Long work beside the writer, on a connection of its own: it makes its own transactions, must not change a row that the
   * writer changes, and waits for nothing but this connection: the archive is opened anew only when it is over.
   */
  async work<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const side = await this.#connections.side();
    try {
      return await side.ask(work);
    } finally {
      side.close();
    }
  }

  /** When what was begun is done; whoever comes from now on is refused. */
  close(): Promise<void> {
    return this.#connections.close(this.#queue);
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
