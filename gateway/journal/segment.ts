import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredFrame } from '../../cloud-sync/edge-hub/outbox.ts';
import { chainAfter, readHeader } from '../../cloud-sync/protocol/frame.ts';
import type { Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import { isFault } from '../../core/faults.ts';
import { decodeKey, encodeKey, type FrameKey, keyFrom, type Mark, markAfter } from './frame-key.ts';
import type { SealedFrame } from './seal.ts';
import { destroyStore, type OpenStore, type Store } from './store.ts';

/** A frame as it was read back: whole, or known by its key alone because its bytes are damaged. */
export type ReadFrame =
  | { readonly state: 'whole'; readonly key: FrameKey; readonly frame: StoredFrame }
  | { readonly state: 'damaged'; readonly key: FrameKey };

/** One LevelDB of the journal. Trimming destroys whole segments, so space comes back at once and damage costs one segment. */
export class Segment {
  readonly path: string;
  readonly first: Seq;
  readonly #open: OpenStore;
  #store: Store;

  private constructor(path: string, first: Seq, open: OpenStore, store: Store) {
    this.path = path;
    this.first = first;
    this.#open = open;
    this.#store = store;
  }

  static async open(folder: string, first: Seq, open: OpenStore, options: { create: boolean }): Promise<Segment> {
    if (options.create) await mkdir(folder, { recursive: true });
    const path = join(folder, segmentName(first));
    return new Segment(path, first, open, await open(path, options));
  }

  /** Where the journal stands after this segment's newest frame; undefined while it is empty or its newest key is unreadable. */
  async mark(): Promise<Mark | undefined> {
    const key = await this.#store.lastKey();
    const decoded = key && decodeKey(key);
    return decoded && markAfter(decoded);
  }

  /** Resolves when the frames are on the disk. A rejection poisons the handle: `reopen` before anything else. */
  append(frames: readonly SealedFrame[]): Promise<void> {
    return this.#store.write(frames.map((frame) => ({ key: encodeKey(frame), value: frame.bytes })));
  }

  /** LevelDB goes on "successfully" after a failed append and loses what follows; only a new handle is sound. */
  async reopen(): Promise<void> {
    await this.#store.close().catch(() => {});
    this.#store = await this.#open(this.path, { create: false });
  }

  /** Every frame from the one that begins at `from`, each verified: LevelDB hands out flipped bits as values. */
  async *read(from: Seq): AsyncIterable<ReadFrame> {
    for await (const [rawKey, bytes] of this.#store.entries(keyFrom(from))) {
      const key = decodeKey(rawKey);
      if (key === undefined) continue;
      yield matches(key, bytes)
        ? { state: 'whole', key, frame: { first: key.first, count: key.count, bytes } }
        : { state: 'damaged', key };
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async destroy(): Promise<void> {
    await this.close();
    await destroyStore(this.path);
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

const DIGITS = 16;

function segmentName(first: Seq): string {
  return String(first).padStart(DIGITS, '0');
}

/** The first number of a segment by its folder's name; undefined for other names. */
export function segmentFirst(name: string): Seq | undefined {
  return new RegExp(`^\\d{${DIGITS}}$`).test(name) ? Number(name) : undefined;
}

/** Segments of an epoch live in a folder of its name. */
export function epochFolder(journal: string, epoch: Epoch): string {
  return join(journal, epoch);
}
