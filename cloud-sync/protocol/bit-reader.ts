import { Fault } from '../../core/faults.ts';
import { BitModels, WIDE, WIDE_TREE, WIDTH_TREE } from './bit-models.ts';

/** The other end of `BitWriter`. Runs past the end are refused at the latest in `finish`; no read can go on for ever. */
export class BitReader {
  readonly #models: BitModels;
  readonly #coded: Uint8Array;
  readonly #plain: Uint8Array;
  #codedAt = 0;
  #plainAt = 0;
  #low = 0;
  #high = 0xffff_ffff;
  #code = 0;
  #word = 0;
  #wordBits = 0;
  /** Bits of the number read last; 0 for zero. */
  width = 0;

  constructor(models: number, coded: Uint8Array, plain: Uint8Array) {
    this.#models = new BitModels(models);
    this.#coded = coded;
    this.#plain = plain;
    for (let at = 0; at < 4; at++) this.#shift();
  }

  bit(model: number): number {
    const middle = (this.#low + ((this.#high - this.#low) >>> 12) * this.#models.odds(model)) >>> 0;
    const bit = this.#code <= middle ? 0 : 1;
    if (bit === 0) this.#high = middle;
    else this.#low = middle + 1;
    this.#models.learn(model, bit);
    while ((this.#low ^ this.#high) >>> 24 === 0) {
      this.#low = (this.#low << 8) >>> 0;
      this.#high = ((this.#high << 8) | 255) >>> 0;
      this.#shift();
    }
    return bit;
  }

  symbol(model: number, bits: number): number {
    let node = 1;
    for (let at = 0; at < bits; at++) node = (node << 1) | this.bit(model + node);
    return node - (1 << bits);
  }

  /** @throws Fault frame-malformed for a width beyond 54 bits */
  number(model: number): number {
    if (this.bit(model) === 0) {
      this.width = 0;
      return 0;
    }
    const narrow = this.symbol(model + WIDTH_TREE, 4);
    const width = narrow < WIDE ? narrow : this.symbol(model + WIDE_TREE, 6);
    if (width === 0 || width > 54 || (narrow === WIDE && width < WIDE)) throw new Fault('frame-malformed', 'width');
    this.width = width;
    return (width < 32 ? 1 << (width - 1) : 2 ** (width - 1)) + this.plain(width - 1);
  }

  /** @throws Fault frame-malformed at the end of the bits */
  plain(bits: number): number {
    if (bits <= 16) return this.#unpack(bits);
    let value = 0;
    let unit = 1;
    let left = bits;
    for (; left > 16; left -= 16) {
      value += this.#unpack(16) * unit;
      unit *= 0x1_0000;
    }
    return value + this.#unpack(left) * unit;
  }

  /** @throws Fault frame-malformed unless all has been read, and not more */
  finish(): void {
    const spare = this.#plain.length - this.#plainAt;
    if (spare !== 0 || this.#word !== 0) throw new Fault('frame-malformed', 'plain bits left over');
    if (this.#codedAt < this.#coded.length || this.#codedAt > this.#coded.length + 4) {
      throw new Fault('frame-malformed', 'coded bits left over or missing');
    }
  }

  #shift(): void {
    const byte = this.#codedAt < this.#coded.length ? (this.#coded[this.#codedAt] as number) : 0;
    this.#codedAt++;
    this.#code = ((this.#code << 8) | byte) >>> 0;
  }

  #unpack(bits: number): number {
    while (this.#wordBits < bits) {
      if (this.#plainAt >= this.#plain.length) throw new Fault('frame-malformed', 'plain bits end early');
      this.#word |= (this.#plain[this.#plainAt++] as number) << this.#wordBits;
      this.#wordBits += 8;
    }
    const value = this.#word & ((1 << bits) - 1);
    this.#word >>>= bits;
    this.#wordBits -= bits;
    return value;
  }
}
