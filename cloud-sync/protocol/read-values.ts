import { Fault } from '../../core/faults.ts';
import type { BitReader } from './bit-reader.ts';
import {
  BODY,
  BOOLEAN,
  FLOAT32,
  FLOAT64,
  lively,
  MAX_SCALED,
  PLACES,
  POWERS,
  START_WIDTH,
  TEXT,
  unzigzag,
} from './body-models.ts';
import type { ColumnValues } from './frame.ts';
import { TextReader } from './text-table.ts';

const floats = new Float64Array(1);
const words = new Uint32Array(floats.buffer);
const singles = new Float32Array(1);
const singleWord = new Uint32Array(singles.buffer);

/** Reads the values of one column after the other: zero, false or '' where a fault stands. */
export class ValueReader {
  readonly #from: BitReader;
  readonly #table: TextReader;

  constructor(from: BitReader, textBytes: Buffer) {
    this.#from = from;
    this.#table = new TextReader(textBytes);
  }

  /** @throws Fault frame-malformed */
  read(count: number, faults: Uint8Array | undefined): ColumnValues {
    const encoding = this.#from.symbol(BODY.encoding, 4);
    if (encoding < PLACES) return { kind: 'number', numbers: this.#scaled(count, faults, POWERS[encoding] as number) };
    switch (encoding) {
      case FLOAT32:
        return { kind: 'number', numbers: readFloat32(this.#from, count, faults) };
      case FLOAT64:
        return { kind: 'number', numbers: readFloat64(this.#from, count, faults) };
      case BOOLEAN:
        return { kind: 'boolean', bits: readBooleans(this.#from, count, faults) };
      case TEXT:
        return { kind: 'text', texts: this.#texts(count, faults) };
      default:
        throw new Fault('frame-malformed', 'encoding');
    }
  }

  /** @throws Fault frame-malformed unless every text was read */
  finish(): void {
    this.#table.finish();
  }

  #scaled(count: number, faults: Uint8Array | undefined, power: number): Float64Array {
    const numbers = new Float64Array(count);
    let at = 0;
    while (at < count && isBad(faults, at)) at++;
    if (at === count) return numbers;
    let scaled = this.#first();
    numbers[at] = scaled / power;
    let width = START_WIDTH;
    for (at++; at < count; at++) {
      if (isBad(faults, at)) continue;
      scaled = within(scaled + unzigzag(this.#from.number(lively(BODY.delta, width))));
      width = this.#from.width;
      numbers[at] = scaled / power;
    }
    return numbers;
  }

  #first(): number {
    const scaled = within(this.#from.number(BODY.first));
    return scaled !== 0 && this.#from.bit(BODY.isNegative) === 1 ? -scaled : scaled;
  }

  #texts(count: number, faults: Uint8Array | undefined): string[] {
    const texts: string[] = [];
    for (let at = 0; at < count; at++) texts.push(isBad(faults, at) ? '' : this.#table.read(this.#from));
    return texts;
  }
}

function within(scaled: number): number {
  if (scaled > MAX_SCALED || scaled < -MAX_SCALED) throw new Fault('frame-malformed', 'value');
  return scaled;
}

function isBad(faults: Uint8Array | undefined, at: number): boolean {
  return faults !== undefined && faults[at] !== 0;
}

function readFloat32(from: BitReader, count: number, faults: Uint8Array | undefined): Float64Array {
  const numbers = new Float64Array(count);
  let word = 0;
  let width = 32;
  for (let at = 0; at < count; at++) {
    if (isBad(faults, at)) continue;
    const step = from.number(lively(BODY.xor32, width));
    width = from.width;
    if (width > 32) throw new Fault('frame-malformed', 'value');
    word = (word ^ step) >>> 0;
    singleWord[0] = word;
    numbers[at] = finite(singles[0] as number);
  }
  return numbers;
}

function readFloat64(from: BitReader, count: number, faults: Uint8Array | undefined): Float64Array {
  const numbers = new Float64Array(count);
  let low = 0;
  let high = 0;
  let width = 32;
  for (let at = 0; at < count; at++) {
    if (isBad(faults, at)) continue;
    high ^= from.number(lively(BODY.xor64, width));
    width = from.width;
    if (width > 32) throw new Fault('frame-malformed', 'value');
    low ^= from.plain(32);
    words[0] = low;
    words[1] = high;
    numbers[at] = finite(floats[0] as number);
  }
  return numbers;
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Fault('frame-malformed', 'a value that is no number');
  return value;
}

function readBooleans(from: BitReader, count: number, faults: Uint8Array | undefined): Uint8Array {
  const bits = new Uint8Array(count);
  let before = 2;
  for (let at = 0; at < count; at++) {
    if (isBad(faults, at)) continue;
    before = from.bit(BODY.boolean + before);
    bits[at] = before;
  }
  return bits;
}
