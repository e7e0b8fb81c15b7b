/** Control characters [IEC 62056-21, 6.3]. */
export const STX = 0x02;
export const ETX = 0x03;
export const ACK = 0x06;
export const NAK = 0x15;
export const SOH = 0x01;

const CHARACTER = 0x7f;
const PARITY = 0x80;

/**
 * The line carries seven bits with even parity. Seven data bits and even parity look the same as eight data bits and none, so
 * an adapter or a bus that only does 8N1 works too: the parity bit is then made and checked here.
 */
export function withParity(text: string, dataBits: 7 | 8): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return dataBits === 7 ? bytes : Buffer.from(bytes.map((byte) => byte | (isOdd(byte) ? PARITY : 0)));
}

/** The characters of what came, or undefined if a parity bit is wrong. */
export function withoutParity(bytes: Uint8Array, dataBits: 7 | 8): Buffer | undefined {
  if (dataBits === 8 && bytes.some(isOdd)) return undefined;
  return Buffer.from(bytes.map((byte) => byte & CHARACTER));
}

/** XOR of everything after STX or SOH up to and including ETX [IEC 62056-21, 6.3.9]; seven bits. */
export function blockCheck(characters: Uint8Array): number {
  let check = 0;
  for (const character of characters) check ^= character;
  return check & CHARACTER;
}

function isOdd(byte: number): boolean {
  let bits = byte;
  bits ^= bits >> 4;
  bits ^= bits >> 2;
  bits ^= bits >> 1;
  return (bits & 1) === 1;
}
