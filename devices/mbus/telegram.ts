import { Fault, type FaultCode } from '../../core/faults.ts';
import type { HeaderField } from './address.ts';
import type { Frame } from './frame.ts';
import { type DataRecord, readRecords } from './records.ts';

export type Header = Readonly<Record<HeaderField, string | number>>;

/** What one answer of a meter holds. */
export interface Telegram {
  /** Left out where the meter sends a short one or none. */
  readonly header: Header | undefined;
  readonly records: readonly DataRecord[];
  /** The meter has more to tell. */
  readonly more: boolean;
}

/** CI field [EN 13757-7, table 1]. */
export const LONG_HEADER = 0x72;
const SHORT_HEADER = 0x7a;
const NO_HEADER = 0x78;
export const APPLICATION_ERROR = 0x70;
const LONG_HEADER_BYTES = 12;
const SHORT_HEADER_BYTES = 4;
/** Modes of encryption that need a key [EN 13757-7, table 19]. */
const ENCRYPTED = [5, 7, 8, 9, 13];
const BUSY = [8, 9];

/** Throws access-denied for encrypted data, device-busy and device-failure for what the meter refuses. */
export function readTelegram({ ci, data }: Extract<Frame, { kind: 'long' }>): Telegram {
  if (ci === APPLICATION_ERROR) throw new Fault(...refusal(data[0]));
  const length = { [LONG_HEADER]: LONG_HEADER_BYTES, [SHORT_HEADER]: SHORT_HEADER_BYTES, [NO_HEADER]: 0 }[ci];
  if (length === undefined) throw new Fault('unexpected-data', `CI field ${ci}: only variable data is read`);
  if (data.length < length) throw new Fault('unexpected-data', 'a header without its end');
  if (length > 0 && ENCRYPTED.includes((data[length - 1] as number) & 0x1f))
    throw new Fault('access-denied', 'encrypted');
  const header = ci === LONG_HEADER ? headerOf(data) : undefined;
  return { header, ...readRecords(data.subarray(length)) };
}

function headerOf(data: Buffer): Header {
  const [version, medium, access, status] = data.subarray(6) as unknown as [number, number, number, number];
  return {
    id: Buffer.from(data.subarray(0, 4)).reverse().toString('hex').toUpperCase(),
    manufacturer: lettersOf(data.readUInt16LE(4)),
    version,
    medium,
    access,
    status,
  };
}

/** Three letters of five bits each [EN 13757-7, 7.5.2]. */
function lettersOf(code: number): string {
  return String.fromCharCode(...[10, 5, 0].map((shift) => 64 + ((code >> shift) & 0x1f)));
}

export function manufacturerCode(letters: string): number {
  return [...letters].reduce((code, letter) => code * 32 + (letter.charCodeAt(0) - 64), 0);
}

function refusal(word: number | undefined): [FaultCode, string] {
  if (word !== undefined && BUSY.includes(word)) return ['device-busy', `application error ${word}`];
  return ['device-failure', `application error ${word ?? 'unspecified'}`];
}
