import { BitModels, WIDE, WIDE_TREE, WIDTH_TREE, widthOf } from './bit-models.ts';
import { GrowingBytes } from './growing-bytes.ts';

/**
 * Writes bits of two sorts: modelled ones through a binary arithmetic coder, so that what can be guessed takes a fraction
 * of a bit, and plain ones, packed from the lowest bit on. The two lie apart in the result.
 */
export class BitWriter {
  readonly #models: BitModels;
  readonly #coded = new GrowingBytes(512);
  readonly #plain = new GrowingBytes(512);
  #low = 0;
  #high = 0xffff_ffff;
  #word = 0;
  #wordBits = 0;

  constructor(models: number) {
    this.#models = new BitModels(models);
  }

  /** One modelled bit. */
  bit(model: number, bit: number): void {
    const middle = (this.#low + ((this.#high - this.#low) >>> 12) * this.#models.odds(model)) >>> 0;
    if (bit === 0) this.#high = middle;
    else this.#low = middle + 1;
    this.#models.learn(model, bit);
    while ((this.#low ^ this.#high) >>> 24 === 0) {
      this.#coded.push(this.#high >>> 24);
      this.#low = (this.#low << 8) >>> 0;
      this.#high = ((this.#high << 8) | 255) >>> 0;
    }
  }

  /** A symbol of `bits` bits, highest first; takes 2^bits models. */
  symbol(model: number, bits: number, symbol: number): void {
    let node = 1;
    for (let at = bits - 1; at >= 0; at--) {
      const bit = (symbol >>> at) & 1;
      this.bit(model + node, bit);
      node = (node << 1) | bit;
    }
  }

  /** A whole number, 0 <= value <= 2^53; takes NUMBER_MODELS models. Returns its width in bits. */
  number(model: number, value: number): number {
    if (value === 0) {
      this.bit(model, 0);
      return 0;
    }
    this.bit(model, 1);
    const width = widthOf(value);
    this.symbol(model + WIDTH_TREE, 4, Math.min(width, WIDE));
    if (width >= WIDE) this.symbol(model + WIDE_TREE, 6, width);
    this.plain(width - 1, value);
    return width;
  }

  /** The lowest `bits` bits of a whole number, unmodelled; 0 <= bits <= 53. */
  plain(bits: number, value: number): void {
    let left = bits;
    let rest = value;
    for (; left > 16; left -= 16) {
      this.#pack(16, rest & 0xffff);
      rest = rest < 0x8000_0000 ? rest >>> 16 : Math.floor(rest / 0x1_0000);
    }
    this.#pack(left, rest & ((1 << left) - 1));
  }

  #pack(bits: number, value: number): void {
    this.#word |= value << this.#wordBits;
    this.#wordBits += bits;
    for (; this.#wordBits >= 8; this.#wordBits -= 8) {
      this.#plain.push(this.#word & 255);
      this.#word >>>= 8;
    }
  }

  /** Ends both; nothing may be written afterwards. */
  finish(): { coded: Uint8Array; plain: Uint8Array } {
    if (this.#wordBits > 0) this.#plain.push(this.#word & 255);
    this.#endCoded();
    return { coded: this.#coded.bytes(), plain: this.#plain.bytes() };
  }

  /** The shortest bytes that, with zeros behind them, lie between low and high. */
  #endCoded(): void {
    for (let bytes = 0; bytes <= 4; bytes++) {
      const unit = 2 ** (32 - 8 * bytes);
      const value = Math.ceil(this.#low / unit) * unit;
      if (value > this.#high) continue;
      for (let at = 0; at < bytes; at++) this.#coded.push((value >>> (24 - 8 * at)) & 255);
      return;
    }
  }
}
