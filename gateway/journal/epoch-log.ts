import { readHeader } from '../../cloud-sync/protocol/frame.ts';
import { type Chain, type Epoch, NO_CHAIN, type Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Disk } from './disk.ts';
import type { Mark } from './frame-key.ts';
import type { SealedFrame } from './seal.ts';
import type { ReadFrame, Segment } from './segment.ts';
import { epochFolder, segmentFirst } from './segment-folder.ts';
import { SegmentPool } from './segment-pool.ts';
import { isCorrupt } from './store.ts';

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
  static async open(journal: string, epoch: Epoch, disk: Disk, options: { create: boolean }): Promise<EpochLog> {
    const folder = epochFolder(journal, epoch);
    if (options.create) await disk.makeFolder(folder);
    const names = await disk.list(folder);
    const found = names.map(segmentFirst).filter((first) => first !== undefined);
    const firsts = found.length > 0 ? found.sort((a, b) => a - b) : [0];
    const pool = new SegmentPool(folder, disk);
    const create = found.length === 0 && options.create;
    return new EpochLog(epoch, folder, pool, firsts, await pool.acquire(firsts.at(-1) as Seq, { create }));
  }

  /** Lowest number that is still here: the first of the oldest segment. */
  get floor(): Seq {
    return this.#firsts[0] as Seq;
  }

  /** First numbers of all segments, ascending; the last is being written. */
  get firsts(): readonly Seq[] {
    return this.#firsts;
  }

  /** First number of the segment being written. */
  get newestFirst(): Seq {
    return this.#newest.first;
  }

  /** After the newest frame. An empty segment begins where the one before it ended, or was meant to end. */
  async mark(): Promise<Mark> {
    const mark = await this.#newest.mark();
    if (mark) return mark;
    const { first } = this.#newest;
    return { next: first, chain: (await this.#chainBefore(first)) ?? NO_CHAIN };
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

  /** Destroys the segment that begins at `first` if it is the oldest; false while it is read. The newest is never destroyed. */
  async trimOldest(first: Seq): Promise<boolean> {
    if (this.floor > first) return true;
    if (this.floor !== first || this.#firsts.length < 2 || this.#pool.isHeld(first)) return false;
    this.#firsts.shift();
    await this.#pool.destroy(first);
    return true;
  }

  /** Every frame from `from` (or the floor, if that is higher) to what is stored when it gets there. */
  async *read(from: Seq): AsyncIterable<ReadFrame> {
    const begin = Math.max(
      0,
      this.#firsts.findLastIndex((first) => first <= from),
    );
    for (const first of this.#firsts.slice(begin)) {
      if (this.#firsts.includes(first)) yield* this.#readOne(first, from);
    }
  }

  async *#readOne(first: Seq, from: Seq): AsyncIterable<ReadFrame> {
    let segment: Segment;
    try {
      segment = await this.#pool.acquire(first);
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      yield { state: 'damaged' };
      return;
    }
    try {
      yield* segment.read(from);
    } finally {
      await this.#pool.release(first);
    }
  }

  /** Hash of all frames before `seq`; undefined if no frame of ours begins or ends there. */
  async chainAt(seq: Seq): Promise<Chain | undefined> {
    if (seq === 0) return NO_CHAIN;
    for await (const read of this.read(seq)) {
      // A damaged one still has a place: where the one before it ended.
      if (read.state === 'damaged' || read.key.first !== seq) break;
      return readHeader(Buffer.from(read.frame.bytes)).chain;
    }
    return this.#chainBefore(seq);
  }

  async #chainBefore(seq: Seq): Promise<Chain | undefined> {
    const first = this.#firsts.findLast((each) => each < seq);
    if (first === undefined) return undefined;
    try {
      const segment = await this.#pool.acquire(first);
      return await segment.chainBefore(seq).finally(() => this.#pool.release(first));
    } catch (error) {
      if (isCorrupt(error)) return undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#pool.closeAll();
  }
}
