import { join } from 'node:path';
import type { StoredFrame } from '../../cloud-sync/edge-hub/outbox.ts';
import { chainAfter, readHeader } from '../../cloud-sync/protocol/frame.ts';
import type { Chain, Seq } from '../../cloud-sync/protocol/numbers.ts';
import { isFault } from '../../core/faults.ts';
import type { Disk } from './disk.ts';
import { decodeKey, encodeKey, type FrameKey, keyFrom, type Mark, markAfter } from './frame-key.ts';
import type { SealedFrame } from './seal.ts';
import { createSegment, segmentName } from './segment-folder.ts';
import { isCorrupt, type Store } from './store.ts';

/** A frame as it was read back: whole, or damaged in bytes or key. Which numbers are lost, the whole ones around it tell. */
export type ReadFrame =
  | { readonly state: 'whole'; readonly key: FrameKey; readonly frame: StoredFrame }
  | { readonly state: 'damaged' };

const DAMAGED: ReadFrame = { state: 'damaged' };

/** One LevelDB of the journal. Trimming destroys whole segments, so space comes back at once and damage costs one segment. */
export class Segment {
  readonly path: string;
  readonly first: Seq;
  readonly #disk: Disk;
  #store: Store;

  private constructor(path: string, first: Seq, disk: Disk, store: Store) {
    this.path = path;
    this.first = first;
    this.#disk = disk;
    this.#store = store;
  }

  static async open(folder: string, first: Seq, disk: Disk, options: { create: boolean }): Promise<Segment> {
    if (options.create) await createSegment(folder, first, disk);
    const path = join(folder, segmentName(first));
    return new Segment(path, first, disk, await disk.open(path, { create: false }));
  }

  /** Where the journal stands after this segment's newest frame; undefined while it is empty or its newest key is unreadable. */
  async mark(): Promise<Mark | undefined> {
    const key = await this.#store.lastKey();
    const decoded = key && decodeKey(key);
    return decoded && markAfter(decoded);
  }

  /** Hash of all frames before `seq`, by the frame that ends there; undefined if none does. */
  async chainBefore(seq: Seq): Promise<Chain | undefined> {
    const before = await this.frameBefore(seq);
    const mark = before && markAfter(before);
    return mark?.next === seq ? mark.chain : undefined;
  }

  /** Key of the last frame that begins before `seq`; undefined if none does, or its key is unreadable. */
  async frameBefore(seq: Seq): Promise<FrameKey | undefined> {
    const key = await this.#store.lastKey(keyFrom(seq));
    return key && decodeKey(key);
  }

  /** Bytes of its newest frame, unverified. */
  async last(): Promise<Buffer | undefined> {
    const key = await this.#store.lastKey();
    return key && this.#store.get(key);
  }

  /** Resolves when the frames are on the disk. A rejection poisons the handle: `reopen` before anything else. */
  append(frames: readonly SealedFrame[]): Promise<void> {
    return this.#store.write(frames.map((frame) => ({ key: encodeKey(frame), value: frame.bytes })));
  }

  /** LevelDB goes on "successfully" after a failed append and loses what follows; only a new handle is sound. */
  async reopen(): Promise<void> {
    await this.#store.close().catch(() => {});
    this.#store = await this.#disk.open(this.path, { create: false });
  }

  /** Every frame from the one that begins at `from`, each verified. A reopening in between is not noticed. */
  async *read(from: Seq): AsyncIterable<ReadFrame> {
    let at = from;
    for (;;) {
      const store = this.#store;
      try {
        for await (const read of readStore(store, at)) {
          if (read.state === 'whole') at = read.key.first + 1;
          yield read;
        }
        return;
      } catch (error) {
        if (isCorrupt(error)) {
          yield DAMAGED;
          return;
        }
        if (store === this.#store) throw error;
      }
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

/** LevelDB hands out flipped bits as values, and keys. */
async function* readStore(store: Store, from: Seq): AsyncIterable<ReadFrame> {
  for await (const [rawKey, bytes] of store.entries(keyFrom(from))) {
    const key = decodeKey(rawKey);
    const whole = key !== undefined && matches(key, bytes);
    yield whole ? { state: 'whole', key, frame: { first: key.first, count: key.count, bytes } } : DAMAGED;
  }
}

function matches(key: FrameKey, bytes: Buffer): boolean {
  try {
    const header = readHeader(bytes);
    return header.first === key.first && header.count === key.count && chainAfter(bytes) === key.chainAfter;
  } catch (error) {
    if (isFault(error)) return false;
    throw error;
  }
}
