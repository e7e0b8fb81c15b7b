import { mkdir, readdir } from 'node:fs/promises';
import { readHeader } from '../../cloud-sync/protocol/frame.ts';
import { type Chain, type Epoch, NO_CHAIN, type Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Mark } from './frame-key.ts';
import type { SealedFrame } from './seal.ts';
import { epochFolder, type ReadFrame, type Segment, segmentFirst } from './segment.ts';
import { SegmentPool } from './segment-pool.ts';
import type { OpenStore } from './store.ts';

/** The segments of one epoch: the newest stays open, older ones are opened while they are read. */
export class EpochLog {
  readonly epoch: Epoch;
  readonly folder: string;
  readonly #pool: SegmentPool;
  /** First numbers of all segments, ascending; never empty. */
  readonly #firsts: Seq[];
  #newest: Segment;

  private constructor(epoch: Epoch, folder: string, pool: SegmentPool, firsts: Seq[], newest: Segment) {
    this.epoch = epoch;
    this.folder = folder;
    this.#pool = pool;
    this.#firsts = firsts;
    this.#newest = newest;
  }

  /** Opens what is there; with `create`, an epoch that has no segment yet gets its first. */
  static async open(journal: string, epoch: Epoch, open: OpenStore, options: { create: boolean }): Promise<EpochLog> {
    const folder = epochFolder(journal, epoch);
    if (options.create) await mkdir(folder, { recursive: true });
    const names = await readdir(folder).catch(() => []);
    const found = names.map(segmentFirst).filter((first) => first !== undefined);
    const firsts = found.length > 0 ? found.sort((a, b) => a - b) : [0];
    const pool = new SegmentPool(folder, open);
    const create = found.length === 0 && options.create;
    return new EpochLog(epoch, folder, pool, firsts, await pool.acquire(firsts.at(-1) as Seq, { create }));
  }

  /** Lowest number that is still here: the first of the oldest segment. */
  get floor(): Seq {
    return this.#firsts[0] as Seq;
  }

  /** First number of the segment being written. */
  get newestFirst(): Seq {
    return this.#newest.first;
  }

  /** After the newest frame; an empty newest segment begins where the one before it ended. */
  async mark(): Promise<Mark> {
    const mark = await this.#newest.mark();
    if (mark) return mark;
    const before = this.#firsts.at(-2);
    const empty: Mark = { next: this.#newest.first, chain: NO_CHAIN };
    if (before === undefined) return empty;
    const segment = await this.#pool.acquire(before);
    try {
      return (await segment.mark()) ?? empty;
    } finally {
      await this.#pool.release(before);
    }
  }

  append(frames: readonly SealedFrame[]): Promise<void> {
    return this.#newest.append(frames);
  }

  /** After a failed write: a new handle on the newest segment. */
  reopen(): Promise<void> {
    return this.#newest.reopen();
  }

  /** Leaves the newest segment and begins one at `first`. */
  async roll(first: Seq): Promise<void> {
    const left = this.#newest.first;
    this.#newest = await this.#pool.acquire(first, { create: true });
    this.#firsts.push(first);
    await this.#pool.release(left);
  }

  /** Destroys the oldest segment; false if it is being read. The newest is never destroyed. */
  async trimOldest(): Promise<boolean> {
    if (this.#firsts.length < 2) return false;
    const gone = await this.#pool.destroy(this.#firsts[0] as Seq);
    if (gone) this.#firsts.shift();
    return gone;
  }

  /** Every frame from `from` (or the floor, if that is higher) to what is stored when it gets there. */
  async *read(from: Seq): AsyncIterable<ReadFrame> {
    const begin = Math.max(
      0,
      this.#firsts.findLastIndex((first) => first <= from),
    );
    for (const first of this.#firsts.slice(begin)) {
      const segment = await this.#pool.acquire(first);
      try {
        yield* segment.read(from);
      } finally {
        await this.#pool.release(first);
      }
    }
  }

  /** Hash of all frames before `seq`; undefined if no frame of ours begins there. */
  async chainAt(seq: Seq): Promise<Chain | undefined> {
    if (seq === 0) return NO_CHAIN;
    for await (const read of this.read(seq)) {
      if (read.state === 'damaged' || read.key.first !== seq) return undefined;
      return readHeader(Buffer.from(read.frame.bytes)).chain;
    }
    const mark = await this.mark();
    return mark.next === seq ? mark.chain : undefined;
  }

  close(): Promise<void> {
    return this.#pool.closeAll();
  }
}
