import type { Chain, Seq } from '../../cloud-sync/protocol/numbers.ts';

/**
 * Key of a frame in its segment: first u64 | count u32 | chain after it, 8 bytes.
 *
 * The key of the newest frame is the mark: it tells the next number and its chain, is written in the frame's own batch, and can be
 * read without the frame. Keys only ever grow, so LevelDB moves its files down without rewriting them.
 */
export interface FrameKey {
  readonly first: Seq;
  readonly count: number;
  readonly chainAfter: Chain;
}

/** Where a journal stands: the next number, and the hash of all frames before it. */
export interface Mark {
  readonly next: Seq;
  readonly chain: Chain;
}

const KEY_BYTES = 20;

export function encodeKey({ first, count, chainAfter }: FrameKey): Buffer {
  const key = Buffer.allocUnsafe(KEY_BYTES);
  key.writeBigUInt64BE(BigInt(first), 0);
  key.writeUInt32BE(count, 8);
  key.write(chainAfter, 12, 8, 'hex');
  return key;
}

/** Undefined if the bytes are no key of ours, as a flipped bit makes them. */
export function decodeKey(key: Buffer): FrameKey | undefined {
  if (key.length !== KEY_BYTES) return undefined;
  const first = key.readBigUInt64BE(0);
  if (first > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  return { first: Number(first), count: key.readUInt32BE(8), chainAfter: key.toString('hex', 12, 20) };
}

/** The least key a frame that begins at `first` can have. */
export function keyFrom(first: Seq): Buffer {
  return encodeKey({ first, count: 0, chainAfter: '0'.repeat(16) });
}

export function markAfter({ first, count, chainAfter }: FrameKey): Mark {
  return { next: first + count, chain: chainAfter };
}
