import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { migrate } from './schema.ts';

/**
 * Extensions are built in; nothing may be fetched while running. With Node's own 150 MB a hub stays below 600; what does not fit is
 * sorted on disk.
 */
const OPTIONS = {
  autoinstall_known_extensions: 'false',
  memory_limit: '400MB',
  preserve_insertion_order: 'false',
};

/** DuckDB forgets an interrupt when a question begins, and what was asked just now may begin later: it is told again. */
const INTERRUPT_EVERY_MS = 50;

export interface Closable {
  closeSync(): void;
}

interface Opened {
  readonly instance: DuckDBInstance;
  readonly writer: DuckDBConnection;
  readonly reader: DuckDBConnection;
}

/**
 * The open file and its connections. They are all closed before the file is opened anew, and none of them while DuckDB is at work
 * on it: that damages its memory, and the process ends or waits for ever.
 */
export class Connections {
  readonly #file: string;
  readonly #clock: Clock;
  #opened: Opened;
  readonly #sides = new Set<DuckDBConnection>();
  /** What hangs on the writer and must be gone before it. */
  readonly #held = new Set<Closable>();
  /** Questions that DuckDB works on now, the writer's apart. */
  #asking = 0;
  #onQuiet: (() => void) | undefined;
  #reopening: Promise<void> | undefined;
  #isClosed = false;
  /** Grows when the connections are new and what was prepared on the old ones is void. */
  #generation = 0;

  private constructor(file: string, clock: Clock, opened: Opened) {
    this.#file = file;
    this.#clock = clock;
    this.#opened = opened;
  }

  /** Throws Fault already-running if another process has the file, archive-newer if it is from a newer release. */
  static async open(file: string, clock: Clock): Promise<Connections> {
    return new Connections(file, clock, await connect(file));
  }

  get generation(): number {
    return this.#generation;
  }

  /** Of whoever writes, in turn; only they may call `reopen`. */
  get writer(): DuckDBConnection {
    return this.#opened.writer;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  read<T>(work: (reader: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#ask(({ reader }) => work(reader));
  }

  /** A connection of its own, for long work. */
  async side(): Promise<Side> {
    const connection = await this.#ask(async ({ instance }) => {
      const made = await instance.connect();
      this.#sides.add(made);
      return made;
    });
    return {
      ask: (question) =>
        this.#ask(() => {
          if (!this.#sides.has(connection)) throw new Fault('archive-write', 'the archive was opened anew meanwhile');
          return question(connection);
        }),
      close: () => {
        if (this.#sides.delete(connection)) connection.closeSync();
      },
    };
  }

  /** Is closed with the connections that are open now. */
  hold(thing: Closable): void {
    this.#held.add(thing);
  }

  letGo(thing: Closable): void {
    if (this.#held.delete(thing)) closeAll(thing);
  }

  /**
   * After an error of the writer: DuckDB refuses all work after some failures. `isRefusal`: the work itself thought better of it, so that
   * nothing is wrong with the database. Resolves when there is no more to be done.
   */
  async recover(isRefusal: boolean): Promise<void> {
    if (this.#isClosed) return;
    this.#generation++;
    try {
      await this.writer.run('ROLLBACK');
      if (!isRefusal) await this.read((reader) => reader.run('SELECT 1'));
      return;
    } catch {
      // Not a transaction that failed but a database that gave up: only opening it anew helps.
    }
    this.#reopening = this.#reopen().finally(() => {
      this.#reopening = undefined;
    });
    await this.#reopening;
  }

  async #reopen(): Promise<void> {
    await this.#closeAll();
    this.#opened = await connect(this.#file);
  }

  async #ask<T>(question: (opened: Opened) => Promise<T>): Promise<T> {
    // Whether it opens or not: if not, the question fails with its own reason.
    while (this.#reopening) await this.#reopening.catch(() => {});
    if (this.#isClosed) throw closing();
    this.#asking++;
    try {
      return await question(this.#opened);
    } finally {
      this.#asking--;
      if (this.#asking === 0) this.#onQuiet?.();
    }
  }

  /** What is asked at this moment is broken off, what is being written is not. */
  async close(written: Promise<unknown>): Promise<void> {
    this.#isClosed = true;
    await written;
    await this.#quiet();
    // As DuckDB itself would at its end, see `connect`: what the log holds goes into the file, and the next start is short.
    await this.writer.run('CHECKPOINT').catch(() => {});
    await this.#closeAll();
  }

  /** Breaks off what is asked at this moment, and waits for its end. */
  async #quiet(): Promise<void> {
    for (;;) {
      for (const connection of [this.#opened.reader, ...this.#sides]) connection.interrupt();
      if (this.#asking === 0) return;
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.after(INTERRUPT_EVERY_MS, resolve);
        this.#onQuiet = () => {
          cancel();
          resolve();
        };
      });
    }
  }

  async #closeAll(): Promise<void> {
    await this.#quiet();
    const { instance, writer, reader } = this.#opened;
    closeAll(...this.#held, ...this.#sides, writer, reader, instance);
    this.#held.clear();
    this.#sides.clear();
  }
}

/** A connection beside the others. */
export interface Side {
  /** Throws Fault archive-write if the file was opened anew since. */
  ask<T>(question: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  close(): void;
}

async function connect(file: string): Promise<Opened> {
  const instance = await openInstance(file);
  try {
    const writer = await instance.connect();
    // A stream that nobody reads on keeps its database, until it is collected: by then the file may have been opened anew, and what
    // the old one has in mind must not be written over it.
    await writer.run('PRAGMA disable_checkpoint_on_shutdown');
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

/** Also of a write: what comes late is stored nowhere, and its sender is told so. */
export function closing(): Fault {
  return new Fault('archive-write', 'the archive is being closed');
}

function closeAll(...things: readonly Closable[]): void {
  for (const thing of things) {
    try {
      thing.closeSync();
    } catch {
      // Already closed by its own failure.
    }
  }
}
