import { Fault } from '../../core/faults.ts';

/** Control codes of the master [DL/T 645-2007, 7.1]; the meter sets bit 7, and bit 6 when it refuses. */
export const READ = 0x11;
export const READ_ON = 0x12;
const FROM_METER = 0x80;
const REFUSED = 0x40;
const MORE = 0x20;
const CODE = 0x1f;

const WAKE = 0xfe;
const START = 0x68;
const END = 0x16;
/** Added to every byte of data on the line [DL/T 645-2007, 5.2.6]. */
const SHIFT = 0x33;
/** A request is preceded by so many wake-up bytes; a reply may be by up to four, and adapters add some. */
const WAKE_UPS = 4;
const MOST_WAKE_UPS = 16;
/** Without data: start, address, start, control code, length, checksum, end. */
const BARE = 12;
const MOST_DATA = 200;
/** Of a frame, wake-up bytes included. */
export const LONGEST = MOST_WAKE_UPS + BARE + MOST_DATA;

export interface Frame {
  /** Twelve digits, the most significant first; `AA` stands for any two. */
  readonly station: string;
  readonly code: number;
  readonly fromMeter: boolean;
  readonly refused: boolean;
  /** More data waits to be read on. */
  readonly more: boolean;
  /** As in the standard's tables, without the shift. */
  readonly data: Buffer;
}

/** A frame as it goes on the line, wake-up bytes first. */
export function encodeFrame(
  { station, code, data, ...flags }: Pick<Frame, 'station' | 'code' | 'data'> & Partial<Frame>,
  wakeUps = WAKE_UPS,
): Buffer {
  const control = code | (flags.fromMeter ? FROM_METER : 0) | (flags.refused ? REFUSED : 0) | (flags.more ? MORE : 0);
  const shifted = data.map((byte) => (byte + SHIFT) & 0xff);
  const address = Buffer.from(station, 'hex').reverse();
  const body = Buffer.from([START, ...address, START, control, data.length, ...shifted]);
  return Buffer.from([...Array<number>(wakeUps).fill(WAKE), ...body, sum(body, 0, body.length), END]);
}

/** How many bytes the frame at the beginning takes; 0 while it is not whole. Throws garbled. */
export function frameLength(bytes: Uint8Array): number {
  const at = wakeUpsOf(bytes);
  if (at >= MOST_WAKE_UPS) throw new Fault('garbled', 'nothing but wake-up bytes');
  expectByte(bytes, at, START);
  expectByte(bytes, at + 7, START);
  const length = bytes[at + 9];
  if (length === undefined) return 0;
  if (length > MOST_DATA) throw new Fault('garbled', `${length} bytes of data`);
  const end = at + BARE + length;
  if (bytes.length < end) return 0;
  expectByte(bytes, end - 1, END);
  if (sum(bytes, at, end - 2) !== bytes[end - 2]) throw new Fault('garbled', 'wrong checksum');
  return end;
}

/** Takes a whole frame apart. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const at = wakeUpsOf(bytes);
  const frame = Buffer.from(bytes.subarray(at));
  const control = frame[8] as number;
  return {
    station: Buffer.from(frame.subarray(1, 7)).reverse().toString('hex').toUpperCase(),
    code: control & CODE,
    fromMeter: (control & FROM_METER) !== 0,
    refused: (control & REFUSED) !== 0,
    more: (control & MORE) !== 0,
    data: frame.subarray(10, frame.length - 2).map((byte) => (byte - SHIFT) & 0xff) as Buffer,
  };
}

/** Does what was asked of `wanted` concern `station`? */
export function isFor(wanted: string, station: string): boolean {
  for (let i = 0; i < wanted.length; i += 2) {
    const pair = wanted.slice(i, i + 2);
    if (pair !== 'AA' && pair !== station.slice(i, i + 2)) return false;
  }
  return true;
}

function wakeUpsOf(bytes: Uint8Array): number {
  let at = 0;
  while (at < MOST_WAKE_UPS && bytes[at] === WAKE) at += 1;
  return at;
}

function expectByte(bytes: Uint8Array, at: number, wanted: number): void {
  const byte = bytes[at];
  if (byte !== undefined && byte !== wanted) throw new Fault('garbled', `${byte} where ${wanted} must stand`);
}

function sum(bytes: Uint8Array, from: number, to: number): number {
  let total = 0;
  for (let i = from; i < to; i++) total += bytes[i] as number;
  return total & 0xff;
}
