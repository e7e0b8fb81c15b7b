import { Fault } from '../../core/faults.ts';

/** Control fields of the master [EN 13757-2, 5.7.5]. FCB is 0x20, its validity 0x10. */
export const SND_NKE = 0x40;
export const SND_UD = 0x53;
const REQ_UD2 = 0x5b;
const FCB = 0x20;

const ACK = 0xe5;
const SHORT = 0x10;
const LONG = 0x68;
const END = 0x16;
const SHORT_LENGTH = 5;
/** Start, length, length, start, …, checksum, end. */
const LONG_FRAME = 6;
/** C, A and CI field. */
const LEAST_DATA = 3;
export const LONGEST = LONG_FRAME + 255;

/** Any slave that is selected, and any slave at all on a line of one. */
export const SELECTED = 253;
export const ANYBODY = 254;

export type Frame =
  | { readonly kind: 'ack' }
  | { readonly kind: 'short'; readonly control: number; readonly address: number }
  | {
      readonly kind: 'long';
      readonly control: number;
      readonly address: number;
      /** What the data is. */
      readonly ci: number;
      readonly data: Buffer;
    };

export function shortFrame(control: number, address: number): Buffer {
  return Buffer.of(SHORT, control, address, (control + address) & 0xff, END);
}

/** `toggle`: the frame count bit. */
export function requestData(address: number, toggle: boolean): Buffer {
  return shortFrame(REQ_UD2 | (toggle ? FCB : 0), address);
}

export function longFrame(control: number, address: number, ci: number, data: Uint8Array): Buffer {
  const body = [control, address, ci, ...data];
  return Buffer.from([LONG, body.length, body.length, LONG, ...body, sum(body), END]);
}

export function isRequestData(control: number): boolean {
  return (control & ~FCB) === REQ_UD2;
}

export function toggleOf(control: number): boolean {
  return (control & FCB) !== 0;
}

/** Length of the frame at the beginning; 0 while it is not whole. Throws garbled. */
export function frameLength(bytes: Uint8Array): number {
  const start = bytes[0];
  if (start === undefined) return 0;
  if (start === ACK) return 1;
  if (start === SHORT) return checked(bytes, SHORT_LENGTH, 1);
  if (start !== LONG) throw new Fault('garbled', `no frame begins with ${start}`);
  const length = bytes[1];
  if (length === undefined) return 0;
  if (length < LEAST_DATA) throw new Fault('garbled', `a frame of ${length} bytes`);
  expectByte(bytes, 2, length);
  expectByte(bytes, 3, LONG);
  return checked(bytes, length + LONG_FRAME, 4);
}

function checked(bytes: Uint8Array, length: number, from: number): number {
  if (bytes.length < length) return 0;
  expectByte(bytes, length - 1, END);
  expectByte(bytes, length - 2, sum(bytes.subarray(from, length - 2)));
  return length;
}

/** Takes a whole frame apart; its bytes are copied, for a line uses its own again. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const frame = Buffer.from(bytes);
  if (frame[0] === ACK) return { kind: 'ack' };
  if (frame[0] === SHORT) return { kind: 'short', control: frame[1] as number, address: frame[2] as number };
  const [control, address, ci] = frame.subarray(4) as unknown as [number, number, number];
  return { kind: 'long', control, address, ci, data: frame.subarray(7, frame.length - 2) };
}

function expectByte(bytes: Uint8Array, at: number, wanted: number): void {
  const byte = bytes[at];
  if (byte !== undefined && byte !== wanted) throw new Fault('garbled', `${byte} where ${wanted} must stand`);
}

function sum(bytes: Iterable<number>): number {
  let total = 0;
  for (const byte of bytes) total += byte;
  return total & 0xff;
}
