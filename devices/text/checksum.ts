import { crc16 } from '../modbus/crc16.ts';

/**
 * How a line of text proves itself. `xor`: `*hh` at its end, the XOR of what stands between start mark and `*` [NMEA 0183].
 * `sum8` and `crc16-modbus`: two and four hexadecimal digits at its end, over everything before them but the start mark.
 */
export const CHECKSUMS = ['none', 'xor', 'sum8', 'crc16-modbus'] as const;
export type Checksum = (typeof CHECKSUMS)[number];

/** The line without its checksum; undefined if it is wrong or missing. */
export function checkedBody(kind: Checksum, body: string): string | undefined {
  if (kind === 'none') return body;
  const digits = digitsOf(kind);
  const split = body.length - digits;
  const given = body.slice(split);
  if (split < 0 || !/^[0-9a-fA-F]+$/.test(given)) return undefined;
  const star = kind === 'xor' ? 1 : 0;
  if (star === 1 && body[split - 1] !== '*') return undefined;
  const text = body.slice(0, split - star);
  return checksum(kind, text) === Number.parseInt(given, 16) ? text : undefined;
}

/** The line with its checksum behind it. */
export function withChecksum(kind: Checksum, text: string): string {
  if (kind === 'none') return text;
  const digits = checksum(kind, text).toString(16).toUpperCase().padStart(digitsOf(kind), '0');
  return kind === 'xor' ? `${text}*${digits}` : `${text}${digits}`;
}

function digitsOf(kind: Checksum): number {
  return kind === 'crc16-modbus' ? 4 : 2;
}

function checksum(kind: Exclude<Checksum, 'none'>, text: string): number {
  const bytes = Buffer.from(text, 'latin1');
  if (kind === 'crc16-modbus') return crc16(bytes);
  return bytes.reduce((sum, byte) => (kind === 'xor' ? sum ^ byte : (sum + byte) & 0xff), 0);
}
