/**
 * What devices that do not answer may cost a line: at most a share of its time over all of them together, so that those that answer
 * keep the rest. Pure: the caller brings the time, in ticks (ms).
 */
export class SilenceBudget {
  readonly #share: number;
  #freeAt = Number.NEGATIVE_INFINITY;

  /** @param share of the line's time, 0 < share <= 1 */
  constructor(share: number) {
    this.#share = share;
  }

  /** From then on a device that may be silent can be asked. */
  get freeAt(): number {
    return this.#freeAt;
  }

  /** The line waited `ms` in vain, until `now`. */
  spent(now: number, ms: number): void {
    this.#freeAt = Math.max(this.#freeAt, now - ms) + ms / this.#share;
  }

  /** Somebody has come back: there may be more to find. */
  release(): void {
    this.#freeAt = Number.NEGATIVE_INFINITY;
  }
}
