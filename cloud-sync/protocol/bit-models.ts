/**
 * Adaptive probabilities of single bits, shared by writer and reader so that both learn alike. A probability is that of a
 * 0 bit, in 1/65,536. A young model learns fast: frames are short, often one scan.
 */
export class BitModels {
  readonly #odds: Uint16Array;
  readonly #seen: Uint8Array;

  constructor(size: number) {
    this.#odds = new Uint16Array(size).fill(0x8000);
    this.#seen = new Uint8Array(size);
  }

  /** 1..4095, in 1/4096. */
  odds(model: number): number {
    return ((this.#odds[model] as number) >>> 4) | 1;
  }

  learn(model: number, bit: number): void {
    const seen = this.#seen[model] as number;
    const rate = RATE[seen] as number;
    if (seen < RATE.length - 1) this.#seen[model] = seen + 1;
    const odds = this.#odds[model] as number;
    this.#odds[model] = bit === 0 ? odds + (((0xffff - odds) * rate) >>> 12) : odds - ((odds * rate) >>> 12);
  }
}

/** How far a model moves, in 1/4096, after so many bits seen: as the mean of what it saw, then slowly forgetting. */
const RATE = Uint16Array.from({ length: 48 }, (_, seen) => Math.round(4096 / (seen + 1.6)));

/** Models that a number takes: zero or not, width 1..14 or more, then the width again. */
export const NUMBER_MODELS = 1 + 16 + 64;
export const WIDTH_TREE = 1;
export const WIDE_TREE = 17;
/** A width from here on is written a second time, in six bits. */
export const WIDE = 15;

/** Significant bits of a whole number, 0 <= value < 2^53. */
export function widthOf(value: number): number {
  return value < 0x1_0000_0000 ? 32 - Math.clz32(value) : 64 - Math.clz32(value / 0x1_0000_0000);
}
