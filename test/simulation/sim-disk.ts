import { Fault } from '../../core/faults.ts';
import type { Disk } from '../../gateway/journal/disk.ts';
import type { Store } from '../../gateway/journal/store.ts';
import type { SimProcess, SimTime } from './sim-time.ts';

type Random = () => number;
type Row = { readonly key: Buffer; readonly value: Buffer };

/** One database. What is in `cache` outlives a killed process, not a power cut. */
interface Db {
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

/**
 * A disk in memory with LevelDB's manners as they were measured: batches are atomic and durable when they return; after a failed write
 * a handle goes on "successfully" and what it is given then is gone at the next opening; a flipped bit is handed out as a value.
 */
export class SimDisk {
  readonly faults: DiskFaults = { writeErrors: 0, capacity: Number.POSITIVE_INFINITY, lies: false, swallows: false };
  readonly #time: SimTime;
  readonly #random: Random;
  readonly #databases = new Map<string, Db>();
  readonly #files = new Map<string, number>();
  readonly #inFlight = new Set<{ readonly owner: SimProcess; readonly apply: () => void }>();
  /** Writes that came back as failed. */
  failedWrites = 0;

  constructor(time: SimTime, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  /** Bytes in use. */
  get used(): number {
    let bytes = 0;
    for (const size of this.#files.values()) bytes += size;
    for (const db of this.#databases.values()) for (const row of rowsOf(db, undefined)) bytes += sizeOf(row);
    return bytes;
  }

  /** What was under way is done, or not. */
  killed(owner: SimProcess): void {
    for (const operation of this.#inFlight) {
      if (operation.owner !== owner) continue;
      this.#inFlight.delete(operation);
      if (this.#random() < 0.5) operation.apply();
    }
    for (const db of this.#databases.values()) if (db.holder === owner) db.holder = undefined;
  }

  /** Nothing that was not synced is there any more. */
  powerCut(): void {
    for (const db of this.#databases.values()) db.cache.clear();
  }

  /** A copy of everything, as an image of the card; `restore` puts it back. */
  image(): SimImage {
    return {
      databases: new Map([...this.#databases].map(([path, { synced }]) => [path, new Map(synced)])),
      files: new Map(this.#files),
    };
  }

  restore({ databases, files }: SimImage): void {
    this.#databases.clear();
    this.#files.clear();
    for (const [path, synced] of databases) {
      this.#databases.set(path, { synced: new Map(synced), cache: new Map(), holder: undefined });
    }
    for (const [path, size] of files) this.#files.set(path, size);
  }

  /** Flips one bit of a stored frame, in its key or its bytes. */
  flipBit(): void {
    const segments = [...this.#databases].filter(([path, { synced }]) => !path.endsWith('meta') && synced.size > 0);
    const [, db] = segments[Math.floor(this.#random() * segments.length)] ?? [];
    const row = db && [...db.synced.values()][Math.floor(this.#random() * db.synced.size)];
    if (!db || !row) return;
    const flipped = { key: Buffer.from(row.key), value: Buffer.from(row.value) };
    const target = this.#random() < 0.2 ? flipped.key : flipped.value;
    const at = Math.floor(this.#random() * target.length);
    target[at] = (target[at] ?? 0) ^ (1 << Math.floor(this.#random() * 8));
    db.synced.delete(row.key.toString('hex'));
    db.synced.set(flipped.key.toString('hex'), flipped);
  }

  /** The disk as one process sees it. */
  attach(owner: SimProcess): Disk {
    const op = <T>(work: () => T) => this.#operate(owner, work);
    return {
      open: (path, { create }) => op(() => this.#open(owner, path, create)),
      repair: (path) => op(() => void this.#databases.get(path)),
      exists: (path) => op(() => this.#paths().some((each) => isIn(each, path))),
      list: (folder) => op(() => this.#list(folder)),
      makeFolder: () => op(() => {}),
      rename: (from, to) => op(() => this.#rename(from, to)),
      remove: (path) => op(() => this.#remove(path)),
      copy: (from, to) => op(() => this.#copy(from, to)),
      writeFile: (path, content) => op(() => this.#write(path, content.length)),
      fill: (path, bytes) => op(() => this.#write(path, bytes)),
      bytes: (folder) => op(() => this.#bytes(folder)),
      free: () => op(() => Math.max(0, Math.min(2 ** 40, this.faults.capacity - this.used))),
    };
  }

  /** After a while; when the process is killed meanwhile, perhaps, and nobody hears of it. */
  #operate<T>(owner: SimProcess, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!owner.alive) return;
      const apply = () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      const operation = { owner, apply };
      this.#inFlight.add(operation);
      this.#time.after(owner, this.#random() * 4, () => {
        this.#inFlight.delete(operation);
        apply();
      });
    });
  }

  #open(owner: SimProcess, path: string, create: boolean): Store {
    const found = this.#databases.get(path);
    if (found === undefined && !create) throw new Fault('journal-missing', path);
    const db = found ?? { synced: new Map(), cache: new Map(), holder: undefined };
    if (db.holder?.alive) throw new Fault('already-running', path);
    if (owner.alive) db.holder = owner;
    this.#databases.set(path, db);
    return new SimStore(db, owner, {
      operate: (work) => this.#operate(owner, work),
      random: this.#random,
      faults: this.faults,
      hasRoom: (bytes) => this.used + bytes <= this.faults.capacity,
      failed: () => {
        this.failedWrites++;
      },
    });
  }

  #paths(): string[] {
    return [...this.#databases.keys(), ...this.#files.keys()];
  }

  #list(folder: string): string[] {
    const inside = this.#paths().filter((path) => path.startsWith(`${folder}/`));
    return [...new Set(inside.map((path) => path.slice(folder.length + 1).split('/')[0] as string))];
  }

  #rename(from: string, to: string): void {
    for (const map of [this.#databases, this.#files] as Map<string, unknown>[]) {
      for (const [path, thing] of [...map]) {
        if (!isIn(path, from)) continue;
        map.delete(path);
        map.set(to + path.slice(from.length), thing);
      }
    }
  }

  #remove(path: string): void {
    for (const map of [this.#databases, this.#files] as Map<string, unknown>[]) {
      for (const each of [...map.keys()]) if (isIn(each, path)) map.delete(each);
    }
  }

  #copy(from: string, to: string): void {
    for (const [path, db] of [...this.#databases]) {
      if (!isIn(path, from)) continue;
      const synced = new Map([...rowsOf(db, undefined)].map((row) => [row.key.toString('hex'), row]));
      this.#databases.set(to + path.slice(from.length), { synced, cache: new Map(), holder: undefined });
    }
    for (const [path, size] of [...this.#files])
      if (isIn(path, from)) this.#files.set(to + path.slice(from.length), size);
  }

  #write(path: string, bytes: number): void {
    if (this.used + bytes > this.faults.capacity) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    this.#files.set(path, bytes);
  }

  #bytes(folder: string): number {
    let bytes = 0;
    for (const [path, size] of this.#files) if (isIn(path, folder)) bytes += size;
    for (const [path, db] of this.#databases)
      if (isIn(path, folder)) for (const row of rowsOf(db, undefined)) bytes += sizeOf(row);
    return bytes;
  }
}

export interface SimImage {
  readonly databases: Map<string, Map<string, Row>>;
  readonly files: Map<string, number>;
}

interface StoreDeps {
  readonly operate: <T>(work: () => T) => Promise<T>;
  readonly random: Random;
  readonly faults: DiskFaults;
  readonly hasRoom: (bytes: number) => boolean;
  readonly failed: () => void;
}

class SimStore implements Store {
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

function* rowsOf({ synced, cache }: Db, lost: Map<string, Row | null> | undefined): Iterable<Row> {
  const layers = [lost, cache].filter((layer) => layer !== undefined && layer.size > 0) as Map<string, Row | null>[];
  for (const [key, row] of synced) if (!layers.some((layer) => layer.has(key))) yield row;
  for (const [index, layer] of layers.entries()) {
    for (const [key, row] of layer) {
      if (row !== null && !layers.slice(0, index).some((above) => above.has(key))) yield row;
    }
  }
}

function sizeOf({ key, value }: Row): number {
  return key.length + value.length + 16;
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
