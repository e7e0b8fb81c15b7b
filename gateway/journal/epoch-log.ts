import { readHeader } from '../../cloud-sync/protocol/frame.ts';
import { type Chain, type Epoch, NO_CHAIN, type Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Disk } from './disk.ts';
import { type Mark, markAfter } from './frame-key.ts';
import type { Mender } from './mender.ts';
import type { SealedFrame } from './seal.ts';
import type { ReadFrame, Segment } from './segment.ts';
import { segmentFirst } from './segment-folder.ts';
import { SegmentPool } from './segment-pool.ts';
import { isCorrupt } from './store.ts';

export interface OpenEpochOptions {
  readonly epoch: Epoch;
  /** Where its segments lie. */
  readonly folder: string;
  readonly disk: Disk;
  /** Without one a damaged segment is not opened. */
  readonly mender?: Mender | undefined;
  /** An epoch that has no segment yet gets one, which begins at this number. */
  readonly createAt?: Seq;
  /** It is written no longer and ends here; what its segments hold beyond is not there any more. */
  readonly end?: Mark;
  /** Only to look: nothing is removed. */
  readonly inspect?: boolean;
}

/** The segments of one epoch: the newest stays open as long as it is written, older ones are opened while they are read. */
export class EpochLog {
  readonly epoch: Epoch;
  readonly folder: string;
  readonly #pool: SegmentPool;
  readonly #mender: Mender | undefined;
  /** First numbers of all segments, ascending; empty only when it has ended. */
  #firsts: Seq[];
  /** Undefined when it has ended. */
  #newest: Segment | undefined;
  #end: Mark | undefined;

  private constructor(options: OpenEpochOptions, pool: SegmentPool, firsts: Seq[], newest: Segment | undefined) {
    this.epoch = options.epoch;
    this.folder = options.folder;
    this.#mender = options.mender;
    this.#end = options.end;
    this.#pool = pool;
    this.#firsts = firsts;
    this.#newest = newest;
  }

  /** @throws Fault journal-missing */
  static async open(options: OpenEpochOptions): Promise<EpochLog> {
    const { folder, disk, mender, createAt, end } = options;
    if (createAt !== undefined) await disk.makeFolder(folder);
    const names = await disk.list(folder);
    const firsts = names.map(segmentFirst).filter((first) => first !== undefined);
    firsts.sort((a, b) => a - b);
    const pool = new SegmentPool(folder, disk, mender);
    const log = new EpochLog(options, pool, firsts, undefined);
    if (end !== undefined) {
      if (!options.inspect) await log.#removeBeyond(end.next);
      return log;
    }
    const create = firsts.length === 0 && createAt !== undefined;
    if (firsts.length === 0) firsts.push(createAt ?? 0);
    log.#newest = await pool.acquire(firsts.at(-1) as Seq, { create });
    return log;
  }

  /** Is it written no longer? */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Is any of its segments in use? */
  get isRead(): boolean {
    return this.#firsts.some((first) => this.#pool.isHeld(first));
  }

  /** Lowest number that is still here: the first of the oldest segment. */
  get floor(): Seq {
    const end = this.#end?.next ?? Number.MAX_SAFE_INTEGER;
    return Math.min(this.#firsts[0] ?? end, end);
  }

  /** First numbers of all segments, ascending; the last is being written, unless the epoch has ended. */
  get firsts(): readonly Seq[] {
    return this.#firsts;
  }

  /** First number of the segment being written. */
  get newestFirst(): Seq {
    return this.#open.first;
  }

  /** After the newest frame. An empty segment begins where the one before it ended, or was meant to end. */
  async mark(): Promise<Mark> {
    if (this.#end) return this.#end;
    const { first } = this.#open;
    const mark = await this.#open.mark();
    if (mark === 'damaged') return this.#lastWhole(first);
    return mark ?? this.#markAt(first);
  }

  /** Is what the newest segment ends with whole, so that its mark can be trusted? */
  async endsWhole(): Promise<boolean> {
    const { first } = this.#open;
    return (await this.#open.mark()) !== 'damaged' && !(await this.#mender?.wasMended(this.epoch, first));
  }

  async #lastWhole(first: Seq): Promise<Mark> {
    let mark: Mark | undefined;
    for await (const read of this.readSegment(first)) if (read.state === 'whole') mark = markAfter(read.key);
    return mark ?? this.#markAt(first);
  }

  async #markAt(first: Seq): Promise<Mark> {
    return { next: first, chain: (await this.#chainBefore(first)) ?? NO_CHAIN };
  }

  append(frames: readonly SealedFrame[]): Promise<void> {
    return this.#open.append(frames);
  }

  /** After a failed write: a new handle on the newest segment, which is mended first if that is why. */
  reopen(why: unknown): Promise<void> {
    return this.#open.reopen(why);
  }

  /** Leaves the newest segment and begins one at `first`. */
  async roll(first: Seq): Promise<void> {
    const left = this.#open.first;
    this.#newest = await this.#pool.acquire(first, { create: true });
    this.#firsts.push(first);
    await this.#pool.release(left);
  }

  /** It is written no longer. What lies beyond `end` is not there any more. */
  async endAt(end: Mark): Promise<void> {
    const left = this.#newest?.first;
    this.#end = end;
    this.#newest = undefined;
    if (left !== undefined) await this.#pool.release(left);
    await this.#removeBeyond(end.next);
  }

  /** Destroys the segment that begins at `first` if it is the oldest; false while it is read or written. */
  async trimOldest(first: Seq): Promise<boolean> {
    if (this.#firsts.length === 0 || (this.#firsts[0] as Seq) > first) return true;
    if (this.#firsts[0] !== first || this.#pool.isHeld(first)) return false;
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
      if (!this.#firsts.includes(first)) continue;
      for await (const read of this.readSegment(first, from)) {
        if (read.state === 'whole' && this.#end && read.key.first >= this.#end.next) return;
        yield read;
      }
    }
  }

  /** The frames of one segment. */
  async *readSegment(first: Seq, from: Seq = first): AsyncIterable<ReadFrame> {
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
    if (seq === this.#end?.next) return this.#end.chain;
    for await (const read of this.read(seq)) {
      // A damaged one still has a place: where the one before it ended.
      if (read.state === 'damaged' || read.key.first !== seq) break;
      return readHeader(Buffer.from(read.frame.bytes)).chain;
    }
    return this.#chainBefore(seq);
  }

  /** `seq`, or the first number of the frame that it lies inside of. */
  async frameBoundary(seq: Seq): Promise<Seq> {
    const first = this.#firsts.findLast((each) => each < seq);
    if (first === undefined) return seq;
    const before = await this.#unlessCorrupt(first, (segment) => segment.frameBefore(seq));
    return before !== undefined && before.first + before.count > seq ? before.first : seq;
  }

  /** Bytes of the newest frame that is there; undefined if there is none. */
  async lastFrame(): Promise<Buffer | undefined> {
    for (const first of [...this.#firsts].reverse().slice(0, 2)) {
      const last = await this.#unlessCorrupt(first, (segment) => segment.last());
      if (last) return last;
    }
    return undefined;
  }

  async #chainBefore(seq: Seq): Promise<Chain | undefined> {
    const first = this.#firsts.findLast((each) => each < seq);
    if (first === undefined) return undefined;
    const chain = await this.#unlessCorrupt(first, (segment) => segment.chainBefore(seq));
    if (chain !== undefined) return chain;
    // What lies right before may be a damaged key that says it does.
    for await (const read of this.readSegment(first)) {
      if (read.state === 'whole' && markAfter(read.key).next === seq) return read.key.chainAfter;
    }
    return undefined;
  }

  async #unlessCorrupt<T>(first: Seq, ask: (segment: Segment) => Promise<T>): Promise<T | undefined> {
    try {
      const segment = await this.#pool.acquire(first);
      return await ask(segment).finally(() => this.#pool.release(first));
    } catch (error) {
      if (isCorrupt(error)) return undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#pool.closeAll();
  }

  /** One that is being read stays until the next start. */
  async #removeBeyond(end: Seq): Promise<void> {
    const beyond = this.#firsts.filter((first) => first >= end);
    this.#firsts = this.#firsts.filter((first) => first < end);
    for (const first of beyond) if (!this.#pool.isHeld(first)) await this.#pool.destroy(first);
  }

  get #open(): Segment {
    if (this.#newest === undefined) throw new TypeError(`epoch ${this.epoch} has ended`);
    return this.#newest;
  }
}
