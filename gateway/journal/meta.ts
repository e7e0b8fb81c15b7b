import { join } from 'node:path';
import type { HubIdentity } from '../../cloud-sync/edge-hub/outbox.ts';
import type { Catalogue } from '../../cloud-sync/protocol/catalogue.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import type { Chain, Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import { Fault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { Disk } from './disk.ts';
import type { Mark } from './frame-key.ts';
import type { Mender } from './mender.ts';
import { readDocument, writeDocument } from './meta-text.ts';
import { isMendable, type Store } from './store.ts';

/** What a journal remembers of one of its epochs. */
export interface EpochRecord {
  readonly epoch: Epoch;
  /** [boot, next at start, chain at start] */
  readonly boots: readonly (readonly [number, Seq, Chain])[];
  /** Everything below is stored at the hub. May lag behind what the hub knows. */
  readonly confirmed: Seq;
  /** No number from here on was ever used. Raised before numbers below it are. */
  readonly reserved: Seq;
  /** Set when it is written no longer: the number after its last record, and the hash of all its frames. */
  readonly end?: Mark;
}

/** What stays known of a closed segment, also after it was trimmed. */
export interface SegmentSeal {
  readonly epoch: Epoch;
  readonly first: Seq;
  readonly next: Seq;
  readonly chain: Chain;
  readonly bytes: number;
  readonly closedAt: UnixMs;
  readonly trimmed?: boolean;
}

/** Ends without an orderly close: power cuts, kills, crashes. */
export interface UncleanEnds {
  readonly count: number;
  /**
   * The newest one: `boot` is the one that ended; what it read between `from` (its last record on disk) and `to` may never have
   * entered the journal. Null where there was none.
   */
  readonly last: { readonly boot: number; readonly from: UnixMs | null; readonly to: UnixMs | null } | null;
}

/** The newest walk over the sealed segments: when it ended (wall time), and how many records it found whole. */
export interface LastVerified {
  readonly at: UnixMs;
  readonly records: number;
}

interface Documents {
  epochs: readonly EpochRecord[];
  gaps: readonly Gap[];
  seals: readonly SegmentSeal[];
  catalogue: Catalogue | null;
  /** The one that last welcomed this journal. */
  hub: HubIdentity | null;
  /** The board this journal was last written on, if it is known. */
  hardware: string | null;
  /** The boot that ended in order, and when. */
  cleanEnd: {
    readonly boot: number;
    readonly at: UnixMs;
    /** Where the journal stood then. Older releases did not tell. */
    readonly epoch?: Epoch;
    readonly next?: Seq;
    readonly chain?: Chain;
  } | null;
  uncleanEnds: UncleanEnds;
  lastVerified: LastVerified | null;
  /** Rises by one at each start, over all epochs. */
  boot: number;
}

const EMPTY: Documents = {
  epochs: [],
  gaps: [],
  seals: [],
  catalogue: null,
  hub: null,
  hardware: null,
  cleanEnd: null,
  uncleanEnds: { count: 0, last: null },
  lastVerified: null,
  boot: 0,
};

/** The journal's second, small store: what may lag, or is written ahead of its use. Numbers themselves live with the frames. */
export class Meta {
  #store: Store;
  readonly #reopen: () => Promise<Store>;
  readonly #documents: Documents;
  #queue: Promise<void> = Promise.resolve();
  #poisoned = false;
  /** False if something of it was damaged or gone: what it tells may be old or empty. */
  readonly isWhole: boolean;

  private constructor(store: Store, reopen: () => Promise<Store>, documents: Documents, isWhole: boolean) {
    this.isWhole = isWhole;
    this.#store = store;
    this.#reopen = reopen;
    this.#documents = documents;
  }

  /** Without a mender what is damaged stays so. @throws Fault already-running, journal-missing */
  static async open(
    journal: string,
    disk: Disk,
    options: { create: boolean; mender?: Mender | undefined },
  ): Promise<Meta> {
    const { create, mender } = options;
    const path = join(journal, 'meta');
    const reopen = () => (mender ? mender.open(path) : disk.open(path, { create: false }));
    let store: Store | undefined;
    let whole = true;
    try {
      store = await disk.open(path, { create });
      const { documents, isWhole } = await readAll(store);
      return new Meta(store, reopen, documents, isWhole);
    } catch (error) {
      await store?.close();
      if (!isMendable(error)) throw error;
      if (!mender) throw new Fault('journal-missing', `${path}: ${String(error)}`, { cause: error });
      await mender.mend(path, error);
      whole = false;
    }
    store = await disk.open(path, { create: false });
    return new Meta(store, reopen, (await readAll(store)).documents, whole);
  }

  get<Name extends keyof Documents>(name: Name): Documents[Name] {
    return this.#documents[name];
  }

  /**
   * Durable when it resolves. Several documents change together or not at all. `changes` is asked for in its turn: what it
   * derives from the documents is not overtaken by another change.
   */
  set(changes: () => Partial<Documents>): Promise<void> {
    const turn = this.#queue.then(() => this.#write(changes()));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #write(changes: Partial<Documents>): Promise<void> {
    // As with frames: after a failed write only a new handle is sound, and what the old one held is unknown.
    const written = this.#poisoned ? { ...this.#documents, ...changes } : changes;
    if (this.#poisoned) {
      await this.#store.close().catch(() => {});
      this.#store = await this.#reopen();
    }
    this.#poisoned = true;
    await this.#store.write(
      Object.entries(written).map(([name, document]) => ({
        key: Buffer.from(name),
        value: writeDocument(document),
      })),
    );
    this.#poisoned = false;
    Object.assign(this.#documents, changes);
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

async function readAll(store: Store): Promise<{ documents: Documents; isWhole: boolean }> {
  const documents: Record<string, unknown> = { ...EMPTY };
  let isWhole = true;
  for await (const [key, value] of store.entries(Buffer.alloc(0))) {
    const name = key.toString();
    const document = readDocument(value);
    // A name that nobody has given is a flipped bit in one that somebody has, or comes from a newer release.
    if (document === undefined || !(name in EMPTY)) isWhole = false;
    else documents[name] = document;
  }
  return { documents: documents as unknown as Documents, isWhole };
}
