import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { good } from '../../core/reading.ts';
import type { Journal, JournalSettings } from '../../gateway/journal/journal.ts';
import { Meta } from '../../gateway/journal/meta.ts';
import { nodeDisk } from '../../gateway/journal/node-disk.ts';
import { openJournal } from '../../gateway/journal/open-journal.ts';
import { type OpenStore, openLevel, type Store } from '../../gateway/journal/store.ts';
import { catalogueOf } from './memory-outbox.ts';

export const JOURNAL_SETTINGS: JournalSettings = {
  commitInterval: 15,
  commitBytes: 64 * 1024,
  maxBytes: 2 ** 31,
  maxAge: 30 * 86_400_000,
  keepConfirmed: 86_400_000,
  minFree: 0,
};

export const JOURNAL_POINTS = 10;

export interface OpenOptions {
  readonly openStore?: OpenStore;
  readonly clock?: Clock;
  readonly settings?: Partial<JournalSettings>;
}

/** A journal that runs: reading n of it holds n, so that every value names its place. */
export class RunningJournal {
  readonly journal: Journal;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  private constructor(journal: Journal) {
    this.journal = journal;
    this.#running = journal.run(this.#stop.signal);
  }

  static async open(folder: string, options: OpenOptions = {}): Promise<RunningJournal> {
    const { openStore = openLevel, clock = systemClock, settings = {} } = options;
    const all = { ...JOURNAL_SETTINGS, ...settings };
    return new RunningJournal(
      await openJournal({ folder, settings: all, clock, log: quietLog, disk: { ...nodeDisk, open: openStore } }),
    );
  }

  /** One frame on the disk: each point's value is the number of its record. */
  async scan(scans = 1): Promise<void> {
    const { journal } = this;
    const first = journal.next;
    // Numbers run column by column.
    for (let scan = 0; scan < scans; scan++) {
      for (let point = 0; point < JOURNAL_POINTS; point++) {
        journal.reading(point, 1_793_491_200_000 + first + scan, good(first + point * scans + scan));
      }
    }
    await journal.flush();
  }

  async publish(): Promise<void> {
    if (this.journal.knownCatalogue()) return;
    await this.journal.publish(catalogueOf(JOURNAL_POINTS));
    await this.journal.flush();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.journal.close();
  }
}

export function journalFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'sluice-journal-'));
}

export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

/** Where the frames of the newest epoch begin, as they are read. */
export async function firstsOf({ journal }: RunningJournal, from = 0): Promise<number[]> {
  const found: number[] = [];
  for await (const { first } of journal.frames(journal.epoch, from)) found.push(first);
  return found;
}

/** As after a cut: the last boot left no word of where it ended. The journal must be closed. */
export async function forgetCleanEnd(folder: string): Promise<void> {
  const meta = await Meta.open(folder, nodeDisk, { create: false });
  await meta.set(() => ({ cleanEnd: null }));
  await meta.close();
}

/** A day passes at a word, and house is kept with every commit. */
export function calendar(): Clock & { days: number } {
  return {
    ...systemClock,
    days: 0,
    now() {
      return systemClock.now() + this.days * 86_400_000;
    },
    ticks: () => systemClock.ticks() * 100_000,
  };
}

/** LevelDB whose stored frames are flipped while they are read, as a dying card does: in their bytes or in their keys. */
export function damaging(firsts: ReadonlySet<number>, what: 'frame' | 'key', keyByte = 15): OpenStore {
  return async (path, options) => {
    const store = await openLevel(path, options);
    if (path.endsWith('meta')) return store;
    const damage = (key: Buffer, value?: Buffer) => {
      if (!firsts.has(Number(key.readBigUInt64BE(0)))) return;
      const bytes = what === 'frame' ? value : key;
      const at = what === 'frame' ? 60 : keyByte;
      if (bytes) bytes[at] = (bytes[at] as number) ^ 0x40;
    };
    return {
      ...bound(store),
      async lastKey(lt) {
        const key = await store.lastKey(lt);
        if (key) damage(key);
        return key;
      },
      async *entries(gte) {
        for await (const [key, value] of store.entries(gte)) {
          damage(key, value);
          yield [key, value];
        }
      },
    };
  };
}

export function bound(store: Store): Store {
  return {
    write: (puts, deletes) => store.write(puts, deletes),
    get: (key) => store.get(key),
    entries: (gte) => store.entries(gte),
    lastKey: (lt) => store.lastKey(lt),
    close: () => store.close(),
  };
}
