import { Fault } from '../../core/faults.ts';
import type { Disk } from '../../gateway/journal/disk.ts';
import type { Store } from '../../gateway/journal/store.ts';
import { type Db, type DiskFaults, type Row, rowsOf, SimStore, sizeOf } from './sim-store.ts';
import type { SimProcess, SimTime } from './sim-time.ts';

type Random = () => number;
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

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
