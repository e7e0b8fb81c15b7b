import { join } from 'node:path';
import type { StoredFrame } from '../../cloud-sync/edge-hub/outbox.ts';
import { chainAfter, readHeader } from '../../cloud-sync/protocol/frame.ts';
import type { Chain, Seq } from '../../cloud-sync/protocol/numbers.ts';
import { isFault } from '../../core/faults.ts';
import type { Disk } from './disk.ts';
import { decodeKey, encodeKey, type FrameKey, keyFrom, type Mark, markAfter } from './frame-key.ts';
import type { Mender } from './mender.ts';
import type { SealedFrame } from './seal.ts';
import { createSegment, segmentName } from './segment-folder.ts';
import { isCorrupt, isMendable, type Store } from './store.ts';

/** A frame as it was read back: whole, or damaged in bytes or key. Which numbers are lost, the whole ones around it tell. */
export type ReadFrame =
  | { readonly state: 'whole'; readonly key: FrameKey; readonly frame: StoredFrame }
  | { readonly state: 'damaged'; readonly found?: { readonly key: Buffer; readonly bytes: Buffer } };

const DAMAGED: ReadFrame = { state: 'damaged' };

export interface OpenSegmentOptions {
  readonly create: boolean;
  /** Without one a damaged segment is not opened. */
  readonly mender?: Mender | undefined;
}

/** One LevelDB of the journal. Trimming destroys whole segments, so space comes back at once and damage costs one segment. */
export class Segment {
  readonly path: string;
  readonly first: Seq;
  readonly #disk: Disk;
  readonly #mender: Mender | undefined;
  #store: Store;

  private constructor(path: string, first: Seq, disk: Disk, store: Store, mender: Mender | undefined) {
    this.path = path;
    this.first = first;
    this.#disk = disk;
    this.#store = store;
    this.#mender = mender;
  }

  static async open(folder: string, first: Seq, disk: Disk, options: OpenSegmentOptions): Promise<Segment> {
    if (options.create) await createSegment(folder, first, disk);
    const path = join(folder, segmentName(first));
    const { mender } = options;
    const store = await (mender ? mender.open(path) : disk.open(path, { create: false }));
    return new Segment(path, first, disk, store, mender);
  }

  /** Where the journal stands after this segment's newest frame; undefined while it is empty. */
  async mark(): Promise<Mark | 'damaged' | undefined> {
    try {
      const key = await this.#store.lastKey();
      if (key === undefined) return undefined;
      const whole = await this.#verified(key);
      return whole ? markAfter(whole) : 'damaged';
    } catch (error) {
      if (isMendable(error)) return 'damaged';
      throw error;
    }
  }

  /** Hash of all frames before `seq`, by the frame that ends there; undefined if none does. */
  async chainBefore(seq: Seq): Promise<Chain | undefined> {
    const before = await this.frameBefore(seq);
    const mark = before && markAfter(before);
    return mark?.next === seq ? mark.chain : undefined;
  }

  /** Key of the last frame that begins before `seq`; undefined if none does, or it is damaged. */
  async frameBefore(seq: Seq): Promise<FrameKey | undefined> {
    const key = await this.#store.lastKey(keyFrom(seq));
    return key && this.#verified(key);
  }

  /** A key is believed only together with its frame: a flipped bit in it would be a chain that nobody has. */
  async #verified(rawKey: Buffer): Promise<FrameKey | undefined> {
    const key = decodeKey(rawKey);
    const bytes = key && (await this.#store.get(rawKey));
    return bytes && matches(key, bytes) ? key : undefined;
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
  async reopen(why: unknown): Promise<void> {
    await this.#store.close().catch(() => {});
    if (isMendable(why)) await this.#mender?.mend(this.path, why);
    this.#store = await (this.#mender ? this.#mender.open(this.path) : this.#disk.open(this.path, { create: false }));
  }

  /** Every frame from the one that begins at `from`, each verified. A reopening in between is not noticed. */
  async *read(from: Seq): AsyncIterable<ReadFrame> {
    const place = { at: from };
    for (let careful = false; ; ) {
      const store = this.#store;
      try {
        yield* readStore(store, place, careful);
        return;
      } catch (error) {
        if (store !== this.#store) continue;
        if (!isCorrupt(error)) throw error;
        if (careful) break;
        careful = true;
      }
    }
    yield DAMAGED;
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}

/** LevelDB hands out flipped bits as values, and keys. `place` moves behind what was whole. */
async function* readStore(store: Store, place: { at: Seq }, careful: boolean): AsyncIterable<ReadFrame> {
  for await (const [rawKey, bytes] of store.entries(keyFrom(place.at), { careful })) {
    const key = decodeKey(rawKey);
    if (key === undefined || !matches(key, bytes)) {
      yield { state: 'damaged', found: { key: rawKey, bytes } };
      continue;
    }
    place.at = key.first + 1;
    yield { state: 'whole', key, frame: { first: key.first, count: key.count, bytes } };
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
