/**
 * Watches from the devices' end how long a master leaves a line silent before its next request. All in ticks (ms). A request is
 * noticed a little after it has arrived, by which a silence seems longer than it was.
 */
export class SilenceWitness {
  readonly #lawfulMs: number;
  #repliedAt: number | undefined;
  #shortestMs = Number.POSITIVE_INFINITY;
  #seen = 0;
  #broken = 0;

  /** `lawfulMs`: what the standard asks for at this line's speed [Modbus over Serial Line V1.02, 2.5.1.1]. */
  constructor(lawfulMs: number) {
    this.#lawfulMs = lawfulMs;
  }

  /** The last byte of a reply has just been written. */
  replied(at: number): void {
    this.#repliedAt = at;
  }

  /** The first byte since then has come. */
  heard(at: number): void {
    if (this.#repliedAt === undefined) return;
    const silentMs = at - this.#repliedAt;
    this.#repliedAt = undefined;
    this.#seen += 1;
    this.#shortestMs = Math.min(this.#shortestMs, silentMs);
    if (silentMs < this.#lawfulMs) this.#broken += 1;
  }

  /** `shortestMs` is left out while no request has followed a reply. */
  report(): {
    readonly seen: number;
    readonly broken: number;
    readonly lawfulMs: number;
    readonly shortestMs?: number;
  } {
    const seen = { seen: this.#seen, broken: this.#broken, lawfulMs: this.#lawfulMs };
    return this.#seen === 0 ? seen : { ...seen, shortestMs: this.#shortestMs };
  }
}
