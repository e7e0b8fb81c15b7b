import { Fault } from '../../core/faults.ts';
import { AFTER_FB, AFTER_FD, type Meaning, meaningOf, PRIMARY } from './quantities.ts';

export const FUNCTIONS = ['instantaneous', 'maximum', 'minimum', 'error'] as const;

/** How the bytes of a value are to be read. */
export type Coding = 'none' | 'integer' | 'float' | 'bcd' | 'text' | 'bcd-negative' | 'other';

/** One data record of a telegram [EN 13757-3:2018, 6.2]. */
export interface DataRecord extends Meaning {
  readonly function: (typeof FUNCTIONS)[number];
  readonly storage: number;
  readonly tariff: number;
  readonly subunit: number;
  /** A quantity that the meter names by text instead of by code. */
  readonly name: string;
  /** What else is said of the quantity, such as 3C for reverse flow: a record with it is another one. Hexadecimal. */
  readonly extras: readonly string[];
  /** Added to the value, in its unit. */
  readonly offset: number;
  /** The meter says what is wrong with this record; 0 for nothing. */
  readonly error: number;
  readonly coding: Coding;
  readonly data: Buffer;
}

const MOST_EXTENSIONS = 10;
const EXTENDED = 0x80;
const IDLE = 0x2f;
const MAKER_DATA = 0x0f;
const MORE_FOLLOW = 0x1f;
const TEXT_VIF = 0x7c;
const MAKER_VIF = 0x7f;

/** Bytes and coding by the lower four bits of the DIF [EN 13757-3:2018, table 4]; 8 selects, D and F stand apart. */
const FIELDS: readonly (readonly [length: number, coding: Coding])[] = [
  [0, 'none'],
  [1, 'integer'],
  [2, 'integer'],
  [3, 'integer'],
  [4, 'integer'],
  [4, 'float'],
  [6, 'integer'],
  [8, 'integer'],
  [0, 'none'],
  [1, 'bcd'],
  [2, 'bcd'],
  [3, 'bcd'],
  [4, 'bcd'],
  [0, 'text'],
  [6, 'bcd'],
];

/** All records of a telegram, and whether the meter has more in the next one. Throws unexpected-data. */
export function readRecords(data: Buffer): { records: DataRecord[]; more: boolean } {
  const reader = new Reader(data);
  const records: DataRecord[] = [];
  while (!reader.atEnd) {
    const dif = reader.next();
    if (dif === IDLE) continue;
    if (dif === MORE_FOLLOW) return { records, more: true };
    if (dif === MAKER_DATA) break;
    if ((dif & 0x0f) === 0x0f) throw new Fault('unexpected-data', `a record of kind ${dif}`);
    records.push(readRecord(reader, dif));
  }
  return { records, more: false };
}

function readRecord(reader: Reader, dif: number): DataRecord {
  const place = readPlace(reader, dif);
  const value = readMeaning(reader);
  return { ...place, ...value, ...readValue(reader, dif) };
}

function readPlace(reader: Reader, dif: number) {
  let storage = (dif >> 6) & 1;
  let tariff = 0;
  let subunit = 0;
  for (const [i, dife] of reader.extensions(dif).entries()) {
    storage += (dife & 0x0f) * 2 ** (4 * i + 1);
    tariff += ((dife >> 4) & 3) * 4 ** i;
    subunit += ((dife >> 6) & 1) * 2 ** i;
  }
  return { function: FUNCTIONS[(dif >> 4) & 3] ?? 'instantaneous', storage, tariff, subunit };
}

function readMeaning(reader: Reader) {
  const vif = reader.next();
  const code = vif & ~EXTENDED;
  let meaning: Meaning = { quantity: 'unknown', exponent: 0 };
  let last = vif;
  let name = '';
  if (vif === 0xfd || vif === 0xfb) {
    last = reader.next();
    meaning = meaningOf(vif === 0xfd ? AFTER_FD : AFTER_FB, last & ~EXTENDED);
  } else if (code === TEXT_VIF) {
    name = reader.text(reader.next());
    meaning = { quantity: 'named', exponent: 0 };
  } else meaning = code === MAKER_VIF ? { quantity: 'maker', exponent: 0 } : meaningOf(PRIMARY, code);
  return { name, ...refined(meaning, reader.extensions(last)) };
}

/** What VIFEs say on top of the quantity [EN 13757-3:2018, table 15]. */
function refined(meaning: Meaning, vifes: readonly number[]) {
  let { exponent } = meaning;
  let offset = 0;
  let error = 0;
  const extras: string[] = [];
  for (const vife of vifes) {
    const code = vife & ~EXTENDED;
    const isMakers = meaning.quantity === 'maker' || extras.includes('7F');
    if (isMakers) extras.push(hexOf(code));
    else if (code >= 0x70 && code <= 0x77) exponent += code - 0x76;
    else if (code >= 0x78 && code <= 0x7b) offset += 10 ** (code - 0x7b);
    else if (code === 0x7d) exponent += 3;
    else if (code < 0x20) error = code;
    else extras.push(hexOf(code));
  }
  return { ...meaning, exponent, offset, error, extras };
}

function readValue(reader: Reader, dif: number): Pick<DataRecord, 'coding' | 'data'> {
  const [length, coding] = FIELDS[dif & 0x0f] ?? [0, 'none'];
  if (coding !== 'text') return { coding, data: reader.take(length) };
  const kind = reader.next();
  if (kind < 0xc0) return { coding, data: reader.take(kind) };
  if (kind < 0xd0) return { coding: 'bcd', data: reader.take(kind - 0xc0) };
  if (kind < 0xe0) return { coding: 'bcd-negative', data: reader.take(kind - 0xd0) };
  if (kind < 0xf0) return { coding: 'other', data: reader.take(kind - 0xe0) };
  throw new Fault('unexpected-data', `a value of length ${kind}`);
}

function hexOf(code: number): string {
  return code.toString(16).toUpperCase().padStart(2, '0');
}

class Reader {
  readonly #data: Buffer;
  #at = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  get atEnd(): boolean {
    return this.#at >= this.#data.length;
  }

  next(): number {
    const byte = this.#data[this.#at++];
    if (byte === undefined) throw new Fault('unexpected-data', 'a record without its end');
    return byte;
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#data.length) throw new Fault('unexpected-data', 'a record without its end');
    const part = this.#data.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  /** Characters come the last one first. */
  text(length: number): string {
    return Buffer.from(this.take(length)).reverse().toString('latin1');
  }

  /** Bytes that follow while the one before says so. */
  extensions(before: number): number[] {
    const found: number[] = [];
    for (let last = before; (last & EXTENDED) !== 0; found.push(last)) {
      if (found.length === MOST_EXTENSIONS) throw new Fault('unexpected-data', 'extensions without end');
      last = this.next();
    }
    return found;
  }
}
