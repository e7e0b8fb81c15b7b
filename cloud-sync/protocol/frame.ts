import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync, constants as zlib } from 'node:zlib';
import { Fault } from '../../core/faults.ts';
import { crc32c } from './crc32c.ts';
import type { Chain, Epoch, Seq } from './numbers.ts';

/**
 * Layout of a stored frame, big-endian:
 *
 *   magic 'SL' | format u8 | kind u8 | flags u8 | epoch 16 B | first u64 | count u32 | catalogue u32 | boot u32 |
 *   chain 8 B | body length u32 | crc32c u32 of all before it and the body | body
 */
const HEADER_BYTES = 57;
export const FRAME_FORMAT = 1;
export const MAX_FRAME_BYTES = 1024 * 1024;
export const MAX_BODY_BYTES = 16 * 1024 * 1024;
export const MAX_RECORDS = 65_536;

const MAGIC = 0x534c;
const CRC_AT = HEADER_BYTES - 4;
const KINDS = ['readings', 'events'] as const;
export type FrameKind = (typeof KINDS)[number];

const FLAG_DEFLATE = 1;
const FLAG_CLOCK_UNCERTAIN = 2;

export interface FrameHeader {
  readonly kind: FrameKind;
  readonly epoch: Epoch;
  readonly first: Seq;
  readonly count: number;
  /** Version of the catalogue the point numbers refer to. */
  readonly catalogue: number;
  readonly boot: number;
  /** Hash of all frames before this one. */
  readonly chain: Chain;
  /** The stamps were made before the clock was set. */
  readonly clockUncertain: boolean;
}

/** Bodies shorter than this gain nothing from compression. */
const DEFLATE_FROM = 64;
/** Readings come tightly packed: beyond so many bytes each, texts are among them, and texts still shrink. */
const DEFLATE_READINGS_FROM = 10;

/** Encodes, compresses and seals a frame. */
export function encodeFrame(header: FrameHeader, body: Uint8Array): Buffer {
  const worthwhile =
    body.length >= DEFLATE_FROM && (header.kind === 'events' || body.length > header.count * DEFLATE_READINGS_FROM);
  const packed = worthwhile ? deflateRawSync(body, { level: 1, strategy: zlib.Z_DEFAULT_STRATEGY }) : body;
  const deflated = packed.length < body.length;
  const stored = deflated ? packed : body;
  const frame = Buffer.allocUnsafe(HEADER_BYTES + stored.length);
  frame.writeUInt16BE(MAGIC, 0);
  frame[2] = FRAME_FORMAT;
  frame[3] = KINDS.indexOf(header.kind);
  frame[4] = (deflated ? FLAG_DEFLATE : 0) | (header.clockUncertain ? FLAG_CLOCK_UNCERTAIN : 0);
  frame.write(header.epoch, 5, 16, 'hex');
  frame.writeBigUInt64BE(BigInt(header.first), 21);
  frame.writeUInt32BE(header.count, 29);
  frame.writeUInt32BE(header.catalogue, 33);
  frame.writeUInt32BE(header.boot, 37);
  frame.write(header.chain, 41, 8, 'hex');
  frame.writeUInt32BE(stored.length, 49);
  frame.set(stored, HEADER_BYTES);
  frame.writeUInt32BE(crcOf(frame), CRC_AT);
  return frame;
}

/** The same frame under another epoch, number and chain: its body, boot and clock flag stay as they are. */
export function resealFrame(bytes: Uint8Array, to: Pick<FrameHeader, 'epoch' | 'first' | 'chain'>): Buffer {
  const frame = Buffer.from(bytes);
  frame.write(to.epoch, 5, 16, 'hex');
  frame.writeBigUInt64BE(BigInt(to.first), 21);
  frame.write(to.chain, 41, 8, 'hex');
  frame.writeUInt32BE(crcOf(frame), CRC_AT);
  return frame;
}

/**
 * Length of the frame that begins at `offset`. Bounds only; use before slicing.
 * @throws Fault frame-malformed
 */
export function frameLength(bytes: Buffer, offset = 0): number {
  if (bytes.length - offset < HEADER_BYTES) throw new Fault('frame-malformed', 'shorter than a header');
  const length = HEADER_BYTES + bytes.readUInt32BE(offset + 49);
  if (length > MAX_FRAME_BYTES || offset + length > bytes.length) throw new Fault('frame-malformed', 'length');
  return length;
}

/**
 * Checks bounds and checksum and reads the header. Nothing is allocated by what the frame claims.
 * @throws Fault frame-malformed; frame-damaged when only the checksum is wrong
 */
export function readHeader(frame: Buffer): FrameHeader {
  if (frameLength(frame) !== frame.length) throw new Fault('frame-malformed', 'length');
  if (frame.readUInt16BE(0) !== MAGIC) throw new Fault('frame-malformed', 'magic');
  if (frame.readUInt32BE(CRC_AT) !== crcOf(frame)) throw new Fault('frame-damaged');
  if (frame[2] !== FRAME_FORMAT) throw new Fault('frame-malformed', `format ${frame[2]}`);
  const kind = KINDS[frame[3] ?? -1];
  const flags = frame[4] ?? 0;
  if (kind === undefined || flags > 3) throw new Fault('frame-malformed', 'kind or flags');
  const first = frame.readBigUInt64BE(21);
  const count = frame.readUInt32BE(29);
  if (count === 0 || count > MAX_RECORDS) throw new Fault('frame-malformed', `count ${count}`);
  if (first + BigInt(count) > BigInt(Number.MAX_SAFE_INTEGER)) throw new Fault('frame-malformed', 'number beyond 2^53');
  return {
    kind,
    epoch: frame.toString('hex', 5, 21),
    first: Number(first),
    count,
    catalogue: frame.readUInt32BE(33),
    boot: frame.readUInt32BE(37),
    chain: frame.toString('hex', 41, 49),
    clockUncertain: (flags & FLAG_CLOCK_UNCERTAIN) !== 0,
  };
}

/**
 * The body of a frame whose header was read, decompressed within bounds.
 * @throws Fault frame-malformed
 */
export function readBody(frame: Buffer): Buffer {
  const stored = frame.subarray(HEADER_BYTES);
  if (((frame[4] ?? 0) & FLAG_DEFLATE) === 0) return stored;
  try {
    return inflateRawSync(stored, { maxOutputLength: MAX_BODY_BYTES });
  } catch (cause) {
    throw new Fault('frame-malformed', 'compression', { cause });
  }
}

/** The chain value of the frame after this one: a hash over all frames so far, since each carries the one before. */
export function chainAfter(frame: Uint8Array): Chain {
  return createHash('sha256').update(frame).digest('hex').slice(0, 16);
}

function crcOf(frame: Buffer): number {
  return crc32c(frame.subarray(HEADER_BYTES), crc32c(frame.subarray(0, CRC_AT)));
}

/** The readings of one point in a frame, in order. `faults` holds a wire number where there is no value, else 0. */
export interface ReadingColumn {
  /** The point's number in the catalogue. */
  readonly point: number;
  readonly times: Float64Array;
  readonly values: ColumnValues;
  /** Left out when every reading is good. Where a fault stands, the entry in `values` means nothing. */
  readonly faults?: Uint8Array;
}

export type ColumnValues =
  | { readonly kind: 'number'; readonly numbers: Float64Array }
  | { readonly kind: 'boolean'; readonly bits: Uint8Array }
  | { readonly kind: 'text'; readonly texts: readonly string[] };
