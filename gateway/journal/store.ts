import { Level } from 'level';
import { Fault } from '../../core/faults.ts';
import type { TableEntry } from './table-file.ts';
import { damagedTables, takeDamagedTables } from './tables.ts';

/** The few things the journal asks of LevelDB. A seam: tests make its writes fail. */
export interface Store {
  /** One atomic batch, on the disk when it resolves. A rejection means unknown, never "not stored". */
  write(puts: readonly { readonly key: Buffer; readonly value: Buffer }[], deletes?: readonly Buffer[]): Promise<void>;
  get(key: Buffer): Promise<Buffer | undefined>;
  /**
   * In key order, from `gte` on. `careful`: one at a time, slowly, so that what lies before a damaged block comes before the error.
   */
  entries(gte: Buffer, options?: { readonly careful: boolean }): AsyncIterable<[Buffer, Buffer]>;
  /** The greatest key, or the greatest below `lt`. */
  lastKey(lt?: Buffer): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

export type OpenStore = (path: string, options: { readonly create: boolean }) => Promise<Store>;

type Db = Level<Buffer, Buffer>;

/**
 * @throws Fault already-running when another process holds it; journal-missing when it is not there and `create` is false,
 * or cannot be opened.
 */
export const openLevel: OpenStore = async (path, { create }) => {
  const damaged = await damagedTables(path).catch((cause: Error) => {
    throw new Fault('journal-missing', `${path}: ${cause.message}`, { cause });
  });
  if (damaged.length > 0) {
    const cause = new Error(`Corruption: ${damaged.join(', ')}`);
    throw new Fault('journal-missing', `${path}: ${cause.message}`, { cause });
  }
  // Frames are compressed already. Without `create` a lost CURRENT file would otherwise open as an empty store, in silence.
  const db: Db = new Level(path, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: false,
    createIfMissing: create,
    writeBufferSize: 2 * 1024 * 1024,
    cacheSize: 1024 * 1024,
  });
  try {
    await db.open();
  } catch (cause) {
    const inner = (cause as { cause?: { code?: string; message?: string } }).cause;
    if (inner?.code === 'LEVEL_LOCKED') throw new Fault('already-running', path, { cause });
    throw new Fault('journal-missing', `${path}: ${inner?.message ?? 'cannot be opened'}`, { cause });
  }
  return new LevelStore(db);
};

/**
 * Rebuilds a database in place. What is whole of a damaged table is taken out before LevelDB sees it, and put back afterwards.
 * @throws Fault journal-missing when nothing of it can be read
 */
export async function repairLevel(path: string): Promise<void> {
  try {
    const saved = await takeDamagedTables(path);
    // The types of `level` leave out what its implementation for Node can do.
    await (Level as unknown as { repair(path: string): Promise<void> }).repair(path);
    await putBack(path, saved);
  } catch (cause) {
    throw new Fault('journal-missing', `${path}: cannot be repaired`, { cause });
  }
}

/** A newer value of a key may stand in another table, or in the log. */
async function putBack(path: string, saved: readonly TableEntry[]): Promise<void> {
  if (saved.length === 0) return;
  const store = await openLevel(path, { create: true });
  try {
    const missing: TableEntry[] = [];
    for (const entry of saved) if ((await store.get(entry.key)) === undefined) missing.push(entry);
    await store.write(missing);
  } finally {
    await store.close();
  }
}

/**
 * What LevelDB says of files that are damaged or gone; most of it has no code of its own. A damaged name of a file may hold a zero,
 * where its message ends.
 */
const CORRUPT =
  /^Corruption|create_if_missing is false|No such file or directory|Input\/output error|Invalid argument|(Is|Not) a directory|File name too long|^IO error: [^:]*$/;

/** Are its files damaged beyond opening or reading? Other errors may pass: too many open files, no memory. */
export function isCorrupt(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ((each as { code?: string }).code === 'LEVEL_CORRUPTION' || CORRUPT.test(each.message)) return true;
  }
  return false;
}

/** Is it its files, and not a disk that may answer the next time? Only then it is worth repairing. */
export function isMendable(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (PASSING.test(each.message)) return false;
  }
  return isCorrupt(error);
}

const PASSING = /Input\/output error/;

class LevelStore implements Store {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  write(puts: readonly { key: Buffer; value: Buffer }[], deletes: readonly Buffer[] = []): Promise<void> {
    // A chained batch is four to six times as fast as an array of operations.
    const batch = this.#db.batch();
    for (const { key, value } of puts) batch.put(key, value);
    for (const key of deletes) batch.del(key);
    return batch.write({ sync: true });
  }

  get(key: Buffer): Promise<Buffer | undefined> {
    return this.#db.get(key);
  }

  entries(gte: Buffer, { careful } = { careful: false }): AsyncIterable<[Buffer, Buffer]> {
    return this.#db.iterator({ gte, highWaterMarkBytes: careful ? 0 : 256 * 1024 });
  }

  async lastKey(lt?: Buffer): Promise<Buffer | undefined> {
    for await (const key of this.#db.keys({ reverse: true, limit: 1, ...(lt ? { lt } : {}) })) return key;
    return undefined;
  }

  close(): Promise<void> {
    return this.#db.close();
  }
}
