/** Bytes under way without acknowledgement: how many there may be, and how many there are. Pure; ticks are handed in. */
export class SendWindow {
  readonly #limit: number;
  readonly #roundTripMs: number;
  #size: number;
  #underWay = 0;
  #since = 0;
  #acked = 0;
  #wasFull = false;

  constructor({ limit, roundTripMs }: { readonly limit: number; readonly roundTripMs: number }) {
    this.#limit = limit;
    this.#roundTripMs = roundTripMs;
    this.#size = Math.min(START_BYTES, limit);
  }

  get size(): number {
    return this.#size;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** One piece that is larger than the window goes alone. */
  admits(bytes: number): boolean {
    const admitted = this.#underWay === 0 || this.#underWay + bytes <= this.#size;
    if (!admitted) this.#wasFull = true;
    return admitted;
  }

  sent(bytes: number, ticks: number): void {
    if (this.#underWay === 0) {
      this.#since = ticks;
      this.#acked = 0;
      this.#wasFull = false;
    }
    this.#underWay += bytes;
  }

  /** Grows to what is acknowledged in a second, or in two round trips over a long link, while it is what limits. */
  acknowledged(bytes: number, ticks: number): void {
    this.#underWay -= bytes;
    this.#acked += bytes;
    const elapsed = ticks - this.#since;
    if (elapsed < Math.max(LEAST_MEASURE_MS, this.#roundTripMs / 2)) return;
    const horizon = Math.max(1000, 2 * this.#roundTripMs);
    const wished = Math.min(this.#limit, Math.round((this.#acked / elapsed) * horizon));
    if (this.#wasFull) this.#size = Math.max(this.#size, wished);
    // Not after each one: acknowledgements come in bursts, and the first of a burst tells little.
    if (elapsed < horizon) return;
    this.#wasFull = false;
    this.#since = ticks;
    this.#acked = 0;
  }

  /** Everything under way is given up. */
  clear(): void {
    this.#underWay = 0;
  }
}

const START_BYTES = 16 * 1024;
const LEAST_MEASURE_MS = 5;
