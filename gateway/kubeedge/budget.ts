/** EdgeCore refills one call a second for all mappers of a node; a little slower, and two clocks that differ do not matter. */
const REFILL_MS = 1010;
/** Of the 100 that EdgeCore lets pass at once; the rest is for other mappers, and for a restart of ours. */
const BURST = 30;
/** At the start of a process: of one that starts again and again the calls of the lives before are not known. */
const FIRST = 5;
/** After a refusal somebody else takes calls too: so long nothing is sent. */
const PENALTY_MS = 5000;

/** The calls that this mapper allows itself. `ticks` are monotonic milliseconds. */
export class Budget {
  #tokens = FIRST;
  #at: number;

  constructor(ticks: number) {
    this.#at = ticks;
  }

  /** Takes one, if there is one. */
  take(ticks: number): boolean {
    this.#refill(ticks);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until there is one. */
  wait(ticks: number): number {
    this.#refill(ticks);
    return Math.max(0, Math.ceil((1 - this.#tokens) * REFILL_MS));
  }

  /** EdgeCore had none left. */
  refused(ticks: number): void {
    this.#refill(ticks);
    this.#tokens = Math.min(this.#tokens, 1 - PENALTY_MS / REFILL_MS);
  }

  #refill(ticks: number): void {
    this.#tokens = Math.min(BURST, this.#tokens + (ticks - this.#at) / REFILL_MS);
    this.#at = ticks;
  }
}
