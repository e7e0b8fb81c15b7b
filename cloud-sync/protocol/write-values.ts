import type { BitWriter } from './bit-writer.ts';
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
  zigzag,
} from './body-models.ts';
import type { ColumnValues } from './frame.ts';
import { TextWriter } from './text-table.ts';

const floats = new Float64Array(1);
const words = new Uint32Array(floats.buffer);
const singles = new Float32Array(1);
const singleWord = new Uint32Array(singles.buffer);

/** Writes the values of one column after the other; good ones only are handed in. */
export class ValueWriter {
  readonly #out: BitWriter;
  readonly #table = new TextWriter();
  /** Decimal places of the scaled column before, and whether it took more than it needed. */
  #places = 0;
  #padded = false;

  constructor(out: BitWriter) {
    this.#out = out;
  }

  /** @throws RangeError for a number that is none, or a text beyond 4,096 bytes */
  write(values: ColumnValues): void {
    if (values.kind === 'number') this.#numbers(values.numbers);
    else if (values.kind === 'boolean') writeBooleans(this.#out, values.bits);
    else {
      this.#out.symbol(BODY.encoding, 4, TEXT);
      for (const text of values.texts) this.#table.write(this.#out, text);
    }
  }

  /** Bytes of all distinct texts, in order of appearance. */
  textBytes(): Uint8Array {
    return this.#table.bytes();
  }

  /** Picks an exact encoding, the shortest for most. */
  #numbers(numbers: Float64Array): void {
    const places = this.#pad(findPlaces(numbers), numbers);
    if (places < PLACES) this.#scaled(numbers, places);
    else if (numbers.every((value) => Math.fround(value) === value)) writeFloat32(this.#out, numbers);
    else if (numbers.every(Number.isFinite)) writeFloat64(this.#out, numbers);
    else throw new RangeError('a number is not finite');
  }

  /** A short column that happens to need one place less than its neighbour takes as many: a switch costs more. */
  #pad(places: number, numbers: Float64Array): number {
    const wish = places === this.#places - 1 && !this.#padded && numbers.length <= 4;
    this.#padded = wish && areScaled(numbers, this.#places);
    if (!this.#padded) this.#places = places;
    return this.#places;
  }

  #scaled(numbers: Float64Array, places: number): void {
    this.#out.symbol(BODY.encoding, 4, places);
    if (numbers.length === 0) return;
    const power = POWERS[places] as number;
    let before = Math.round((numbers[0] as number) * power);
    this.#first(before);
    let width = START_WIDTH;
    for (let at = 1; at < numbers.length; at++) {
      const scaled = Math.round((numbers[at] as number) * power);
      width = this.#out.number(lively(BODY.delta, width), zigzag(scaled - before));
      before = scaled;
    }
  }

  #first(scaled: number): void {
    if (this.#out.number(BODY.first, Math.abs(scaled)) > 0) this.#out.bit(BODY.isNegative, scaled < 0 ? 1 : 0);
  }
}

/** Fewest decimal places that give every number back exactly; PLACES if none does. */
function findPlaces(numbers: Float64Array): number {
  let places = 0;
  for (let at = 0; at < numbers.length; at++) {
    const value = numbers[at] as number;
    while (!isScaled(value, places)) if (++places === PLACES) return PLACES;
  }
  return places === 0 || areScaled(numbers, places) ? places : PLACES;
}

function areScaled(numbers: Float64Array, places: number): boolean {
  for (let at = 0; at < numbers.length; at++) if (!isScaled(numbers[at] as number, places)) return false;
  return true;
}

function isScaled(value: number, places: number): boolean {
  const power = POWERS[places] as number;
  const scaled = Math.round(value * power);
  return scaled / power === value && !Object.is(scaled, -0) && scaled <= MAX_SCALED && scaled >= -MAX_SCALED;
}

function writeFloat32(out: BitWriter, numbers: Float64Array): void {
  out.symbol(BODY.encoding, 4, FLOAT32);
  let before = 0;
  let width = 32;
  for (let at = 0; at < numbers.length; at++) {
    singles[0] = numbers[at] as number;
    const word = singleWord[0] as number;
    width = out.number(lively(BODY.xor32, width), (word ^ before) >>> 0);
    before = word;
  }
}

function writeFloat64(out: BitWriter, numbers: Float64Array): void {
  out.symbol(BODY.encoding, 4, FLOAT64);
  let beforeLow = 0;
  let beforeHigh = 0;
  let width = 32;
  for (let at = 0; at < numbers.length; at++) {
    floats[0] = numbers[at] as number;
    const low = words[0] as number;
    const high = words[1] as number;
    width = out.number(lively(BODY.xor64, width), (high ^ beforeHigh) >>> 0);
    out.plain(32, (low ^ beforeLow) >>> 0);
    beforeLow = low;
    beforeHigh = high;
  }
}

function writeBooleans(out: BitWriter, bits: Uint8Array): void {
  out.symbol(BODY.encoding, 4, BOOLEAN);
  let before = 2;
  for (let at = 0; at < bits.length; at++) {
    const bit = bits[at] === 0 ? 0 : 1;
    out.bit(BODY.boolean + before, bit);
    before = bit;
  }
}
