import type { Store } from '../../gateway/journal/store.ts';
import type { SimProcess } from './sim-time.ts';

type Random = () => number;

export type Row = { readonly key: Buffer; readonly value: Buffer };

/** One database. What is in `cache` outlives a killed process, not a power cut. */
export interface Db {
  readonly synced: Map<string, Row>;
  readonly cache: Map<string, Row | null>;
  /** Who has it open. */
  holder: SimProcess | undefined;
}

export interface DiskFaults {
  /** Share of writes that fail. */
  writeErrors: number;
  /** Bytes; a write beyond fails. */
  capacity: number;
  /** A disk, or a program, that calls written what a power cut still takes. For negative controls. */
  lies: boolean;
  /** A failed write is called written. For negative controls. */
  swallows: boolean;
}

export interface StoreDeps {
  readonly operate: <T>(work: () => T) => Promise<T>;
  readonly random: Random;
  readonly faults: DiskFaults;
  readonly hasRoom: (bytes: number) => boolean;
  readonly failed: () => void;
}

/** One handle on a database. */
export class SimStore implements Store {
  readonly #db: Db;
  readonly #owner: SimProcess;
  readonly #deps: StoreDeps;
  /** After a failed write: seen by this handle alone, and gone with it. */
  #lost: Map<string, Row | null> | undefined;

  constructor(db: Db, owner: SimProcess, deps: StoreDeps) {
    this.#db = db;
    this.#owner = owner;
    this.#deps = deps;
  }

  write(puts: readonly Row[], deletes: readonly Buffer[] = []): Promise<void> {
    return this.#deps.operate(() => {
      const { faults, random, hasRoom, failed } = this.#deps;
      const changes = new Map<string, Row | null>(deletes.map((key) => [key.toString('hex'), null]));
      for (const { key, value } of puts)
        changes.set(key.toString('hex'), { key: Buffer.from(key), value: Buffer.from(value) });
      if (this.#lost) {
        for (const [key, row] of changes) this.#lost.set(key, row);
        return;
      }
      const isFull = !hasRoom(puts.reduce((sum, row) => sum + sizeOf(row), 0));
      if (isFull || random() < faults.writeErrors) {
        this.#lost = new Map();
        failed();
        if (!isFull && random() < 0.4) apply(this.#db.synced, changes);
        if (faults.swallows) return;
        throw new Error(isFull ? 'IO error: No space left on device' : 'IO error: Input/output error');
      }
      if (faults.lies) for (const [key, row] of changes) this.#db.cache.set(key, row);
      else apply(this.#db.synced, changes);
    });
  }

  get(key: Buffer): Promise<Buffer | undefined> {
    return this.#deps.operate(() => {
      for (const row of rowsOf(this.#db, this.#lost)) if (row.key.equals(key)) return Buffer.from(row.value);
      return undefined;
    });
  }

  async *entries(gte: Buffer): AsyncIterable<[Buffer, Buffer]> {
    const rows = await this.#deps.operate(() =>
      [...rowsOf(this.#db, this.#lost)]
        .filter(({ key }) => key.compare(gte) >= 0)
        .sort((one, other) => one.key.compare(other.key)),
    );
    for (const { key, value } of rows) {
      if (!this.#owner.alive) await new Promise(() => {});
      yield [Buffer.from(key), Buffer.from(value)];
    }
  }

  lastKey(lt?: Buffer): Promise<Buffer | undefined> {
    return this.#deps.operate(() => {
      let last: Buffer | undefined;
      for (const { key } of rowsOf(this.#db, this.#lost)) {
        if (lt && key.compare(lt) >= 0) continue;
        if (last === undefined || key.compare(last) > 0) last = key;
      }
      return last && Buffer.from(last);
    });
  }

  close(): Promise<void> {
    return this.#deps.operate(() => {
      if (this.#db.holder === this.#owner) this.#db.holder = undefined;
      this.#lost = undefined;
    });
  }
}

function apply(to: Map<string, Row>, changes: ReadonlyMap<string, Row | null>): void {
  for (const [key, row] of changes) {
    if (row === null) to.delete(key);
    else to.set(key, row);
  }
}

export function* rowsOf({ synced, cache }: Db, lost: Map<string, Row | null> | undefined): Iterable<Row> {
  const layers = [lost, cache].filter((layer) => layer !== undefined && layer.size > 0) as Map<string, Row | null>[];
  for (const [key, row] of synced) if (!layers.some((layer) => layer.has(key))) yield row;
  for (const [index, layer] of layers.entries()) {
    for (const [key, row] of layer) {
      if (row !== null && !layers.slice(0, index).some((above) => above.has(key))) yield row;
    }
  }
}

export function sizeOf({ key, value }: Row): number {
  return key.length + value.length + 16;
}
