import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Disk } from './disk.ts';
import type { Mender } from './mender.ts';
import { Segment } from './segment.ts';
import { destroySegment } from './segment-folder.ts';

interface Held {
  readonly segment: Promise<Segment>;
  users: number;
}

/** Segments of one epoch that somebody uses, each opened once: LevelDB lets nobody in twice, not even its own process. */
export class SegmentPool {
  readonly #folder: string;
  readonly #disk: Disk;
  readonly #mender: Mender | undefined;
  readonly #held = new Map<Seq, Held>();
  /** Being closed: nobody gets in before they are. */
  readonly #closing = new Map<Seq, Promise<void>>();

  /** Without a mender what is damaged stays so. */
  constructor(folder: string, disk: Disk, mender?: Mender) {
    this.#folder = folder;
    this.#disk = disk;
    this.#mender = mender;
  }

  /** Every acquire wants its release. */
  async acquire(first: Seq, options: { create: boolean } = { create: false }): Promise<Segment> {
    const held = this.#held.get(first) ?? { segment: this.#openWhenClosed(first, options), users: 0 };
    held.users += 1;
    this.#held.set(first, held);
    try {
      return await held.segment;
    } catch (error) {
      if (this.#held.get(first) === held) this.#held.delete(first);
      throw error;
    }
  }

  async release(first: Seq): Promise<void> {
    const held = this.#held.get(first);
    if (held === undefined) return;
    held.users -= 1;
    if (held.users > 0) return;
    this.#held.delete(first);
    await this.#close(first, held);
  }

  isHeld(first: Seq): boolean {
    return this.#held.has(first);
  }

  /** For a segment that nobody holds and nobody will acquire. */
  async destroy(first: Seq): Promise<void> {
    await this.#closing.get(first);
    await destroySegment(this.#folder, first, this.#disk);
  }

  async closeAll(): Promise<void> {
    for (const [first, held] of this.#held) void this.#close(first, held);
    this.#held.clear();
    await Promise.all(this.#closing.values());
  }

  async #openWhenClosed(first: Seq, options: { create: boolean }): Promise<Segment> {
    await this.#closing.get(first);
    return Segment.open(this.#folder, first, this.#disk, { ...options, mender: this.#mender });
  }

  #close(first: Seq, held: Held): Promise<void> {
    const closing = held.segment
      .then((segment) => segment.close())
      .catch(() => {})
      .finally(() => {
        if (this.#closing.get(first) === closing) this.#closing.delete(first);
      });
    this.#closing.set(first, closing);
    return closing;
  }
}
