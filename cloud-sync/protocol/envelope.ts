import { Fault } from '../../core/faults.ts';
import { frameLength } from './frame.ts';
import type { Seq } from './numbers.ts';

/**
 * What `up/frame` carries: session u32 | round u32 | floor u64 | frames u8, then so many stored frames unchanged, all of
 * one epoch. `floor` is the lowest number the edge still has of it.
 */
export const ENVELOPE_BYTES = 17;
export const MAX_ENVELOPE_FRAMES = 255;

export interface Envelope {
  readonly session: number;
  readonly round: number;
  readonly floor: Seq;
  readonly frames: readonly Uint8Array[];
}

export function encodeEnvelope({ session, round, floor, frames }: Envelope): Buffer {
  if (frames.length < 1 || frames.length > MAX_ENVELOPE_FRAMES)
    throw new RangeError('an envelope holds 1 to 255 frames');
  const head = Buffer.allocUnsafe(ENVELOPE_BYTES);
  head.writeUInt32BE(session, 0);
  head.writeUInt32BE(round, 4);
  head.writeBigUInt64BE(BigInt(floor), 8);
  head[16] = frames.length;
  return Buffer.concat([head, ...frames]);
}

/**
 * The frames are views of `bytes`; only their lengths are checked.
 * @throws Fault frame-malformed
 */
export function decodeEnvelope(bytes: Buffer): Envelope & { readonly frames: readonly Buffer[] } {
  if (bytes.length < ENVELOPE_BYTES) throw new Fault('frame-malformed', 'shorter than an envelope');
  const floor = bytes.readBigUInt64BE(8);
  if (floor > BigInt(Number.MAX_SAFE_INTEGER)) throw new Fault('frame-malformed', 'floor beyond 2^53');
  const frames: Buffer[] = [];
  let at = ENVELOPE_BYTES;
  for (let left = bytes[16] as number; left > 0; left--) {
    const length = frameLength(bytes, at);
    frames.push(bytes.subarray(at, at + length));
    at += length;
  }
  if (frames.length === 0 || at !== bytes.length) throw new Fault('frame-malformed', 'frames and length differ');
  return { session: bytes.readUInt32BE(0), round: bytes.readUInt32BE(4), floor: Number(floor), frames };
}
