/** A fixed rhythm on the monotonic clock. Deadlines are absolute; missed slots are counted, never caught up. All in ticks (ms). */
export class Rhythm {
  readonly everyMs: number;
  #next: number;
  #skipped = 0;

  constructor(everyMs: number, firstAt: number) {
    this.everyMs = everyMs;
    this.#next = firstAt;
  }

  /** When the next slot is due. */
  get next(): number {
    return this.#next;
  }

  /** Slots that passed without being served. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Begins anew with a slot at `at`; what was missed before is not counted. */
  restart(at: number): void {
    this.#next = at;
  }

  /** Takes the slot that is due and moves on to the first one after `now`. */
  take(now: number): void {
    const missed = Math.max(0, Math.floor((now - this.#next) / this.everyMs));
    this.#skipped += missed;
    this.#next += this.everyMs * (missed + 1);
  }

  /** Leaves out slots for at least `ms`: a device that does not answer must not cost the line its time. */
  pause(now: number, ms: number): void {
    if (now + ms <= this.#next) return;
    const missed = Math.ceil((now + ms - this.#next) / this.everyMs);
    this.#skipped += missed;
    this.#next += this.everyMs * missed;
  }
}
