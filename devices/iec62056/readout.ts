import { Fault } from '../../core/faults.ts';
import { blockCheck, ETX, STX, withoutParity } from './characters.ts';

/** A readout longer than this is none; the largest meters with all their history stay below 16 kB. */
export const LONGEST_READOUT = 32_768;
const LONGEST_IDENTIFICATION = 64;

/** Speed by the fifth character of the identification, in mode C [IEC 62056-21, 6.3.2, 14c]. */
export const SPEEDS: Readonly<Record<string, number>> = {
  0: 300,
  1: 600,
  2: 1200,
  3: 2400,
  4: 4800,
  5: 9600,
  6: 19_200,
};

export interface Identification {
  /** Three letters of the maker. */
  readonly maker: string;
  /** The character that names the speed, and that speed. */
  readonly mark: string;
  readonly baudRate: number;
  readonly model: string;
}

/** What a meter says of itself: `/LGZ5\2ZMD3104100`. Throws garbled, or unexpected-data for a meter of another mode. */
export function readIdentification(bytes: Uint8Array, dataBits: 7 | 8): Identification {
  const text = withoutParity(bytes, dataBits)?.toString('latin1');
  if (text === undefined) throw new Fault('garbled', 'wrong parity');
  const found = /^\/([A-Za-z]{3})([ -~])(?:\\([ -~]))?([ -~]{0,16})\r\n$/.exec(text);
  if (found === null) throw new Fault('garbled', 'no identification of a meter');
  const [, maker = '', mark = '', , model = ''] = found;
  const baudRate = SPEEDS[mark];
  if (baudRate === undefined) throw new Fault('unexpected-data', `the meter speaks mode A or B (${mark}), not C`);
  return { maker, mark, baudRate, model };
}

/** The `until` of the identification: to the end of its line. Bytes before `/` never belong to it. */
export function identificationLength(bytes: Uint8Array): number {
  if (bytes.length > 0 && ((bytes[0] as number) & 0x7f) !== 0x2f)
    throw new Fault('garbled', 'no identification of a meter');
  const end = bytes.findIndex((byte) => (byte & 0x7f) === 0x0a);
  if (end < 0 && bytes.length > LONGEST_IDENTIFICATION) throw new Fault('garbled', 'an identification without end');
  return end + 1;
}

/** The `until` of the data block: STX, text, ETX and the block check character. */
export function blockLength(bytes: Uint8Array): number {
  if (bytes.length > 0 && ((bytes[0] as number) & 0x7f) !== STX) throw new Fault('garbled', 'no block of data');
  const end = bytes.findIndex((byte) => (byte & 0x7f) === ETX);
  return end < 0 || end + 2 > bytes.length ? 0 : end + 2;
}

/** The text of a whole block; undefined if parity or the block check are wrong. */
export function blockText(block: Uint8Array, dataBits: 7 | 8): string | undefined {
  const characters = withoutParity(block, dataBits);
  if (characters === undefined) return undefined;
  const checked = characters.subarray(1, -1);
  if (blockCheck(checked) !== characters.at(-1)) return undefined;
  return checked.subarray(0, -1).toString('latin1');
}

/** One data set: its code as the meter writes it, and what stands in its parentheses. */
export interface DataSet {
  readonly code: string;
  readonly values: readonly { readonly text: string; readonly unit: string | undefined }[];
}

/** `1.8.0(019132.530*kWh)` and the like, several to a line or one [IEC 62056-21, 6.5]. */
export function readDataSets(text: string): DataSet[] {
  const body = text.split(/\r\n!|^!/)[0] ?? '';
  return [...body.matchAll(/([^()\r\n]*)((?:\([^()]*\))+)/g)].map(([, code = '', values = '']) => ({
    code: code.trim(),
    values: [...values.matchAll(/\(([^()]*)\)/g)].map(([, inner = '']) => {
      const [value = '', unit] = inner.split('*');
      return { text: value.trim(), unit: unit?.trim() };
    }),
  }));
}
