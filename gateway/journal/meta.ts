import { join } from 'node:path';
import type { Catalogue } from '../../cloud-sync/protocol/catalogue.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import type { Chain, Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { OpenStore, Store } from './store.ts';

/** What a journal remembers of one of its epochs. */
export interface EpochRecord {
  readonly epoch: Epoch;
  /** [boot, next at start, chain at start] */
  readonly boots: readonly (readonly [number, Seq, Chain])[];
  /** Everything below is stored at the hub. May lag behind what the hub knows. */
  readonly confirmed: Seq;
  /** No number from here on was ever used. Raised before numbers below it are. */
  readonly reserved: Seq;
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

interface Documents {
  epochs: readonly EpochRecord[];
  gaps: readonly Gap[];
  seals: readonly SegmentSeal[];
  catalogue: Catalogue | null;
  /** Rises by one at each start, over all epochs. */
  boot: number;
}

const EMPTY: Documents = { epochs: [], gaps: [], seals: [], catalogue: null, boot: 0 };

/** The journal's second, small store: what may lag, or is written ahead of its use. Numbers themselves live with the frames. */
export class Meta {
  readonly #store: Store;
  readonly #documents: Documents;

  private constructor(store: Store, documents: Documents) {
    this.#store = store;
    this.#documents = documents;
  }

  static async open(journal: string, open: OpenStore, options: { create: boolean }): Promise<Meta> {
    const store = await open(join(journal, 'meta'), options);
    const documents: Record<string, unknown> = { ...EMPTY };
    for await (const [key, value] of store.entries(Buffer.alloc(0)))
      documents[key.toString()] = JSON.parse(value.toString());
    return new Meta(store, documents as unknown as Documents);
  }

  get<Name extends keyof Documents>(name: Name): Documents[Name] {
    return this.#documents[name];
  }

  /** Durable when it resolves. Several documents change together or not at all. */
  async set(changes: Partial<Documents>): Promise<void> {
    const puts = Object.entries(changes).map(([name, document]) => ({
      key: Buffer.from(name),
      value: Buffer.from(JSON.stringify(document)),
    }));
    await this.#store.write(puts);
    Object.assign(this.#documents, changes);
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
