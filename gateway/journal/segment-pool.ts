import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import { Segment } from './segment.ts';
import type { OpenStore } from './store.ts';

interface Held {
  readonly segment: Promise<Segment>;
  users: number;
}

/** Segments of one epoch that somebody uses, each opened once: LevelDB lets nobody in twice, not even its own process. */
export class SegmentPool {
  readonly #folder: string;
  readonly #open: OpenStore;
  readonly #held = new Map<Seq, Held>();

  constructor(folder: string, open: OpenStore) {
    this.#folder = folder;
    this.#open = open;
  }

  /** Every acquire wants its release. */
  async acquire(first: Seq, options: { create: boolean } = { create: false }): Promise<Segment> {
    const held = this.#held.get(first) ?? { segment: Segment.open(this.#folder, first, this.#open, options), users: 0 };
    held.users += 1;
    this.#held.set(first, held);
    try {
      return await held.segment;
    } catch (error) {
      this.#held.delete(first);
      throw error;
    }
  }

  async release(first: Seq): Promise<void> {
    const held = this.#held.get(first);
    if (held === undefined) return;
    held.users -= 1;
    if (held.users > 0) return;
    this.#held.delete(first);
    await (await held.segment).close();
  }

  /** Destroys a segment that nobody reads; false while somebody does. */
  async destroy(first: Seq): Promise<boolean> {
    if (this.#held.has(first)) return false;
    const segment = await Segment.open(this.#folder, first, this.#open, { create: false });
    await segment.destroy();
    return true;
  }

  async closeAll(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held.clear();
    await Promise.all(held.map(async ({ segment }) => (await segment).close()));
  }
}
