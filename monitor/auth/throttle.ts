/** Failures that cost nothing: people mistype. */
const FREE = 3;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** What is forgotten first when someone tries a great many names. */
const MAX_KEYS = 10_000;

interface Attempts {
  readonly failures: number;
  /** Ticks before which the next attempt is refused. */
  readonly notBefore: number;
}

/** Waits that double with each failure, per key: an account, or an address. */
export class Throttle {
  readonly #attempts = new Map<string, Attempts>();

  /** Milliseconds to wait before the next attempt; 0 if it may be made now. */
  wait(key: string, ticks: number): number {
    return Math.max(0, (this.#attempts.get(key)?.notBefore ?? 0) - ticks);
  }

  failed(key: string, ticks: number): void {
    const failures = (this.#attempts.get(key)?.failures ?? 0) + 1;
    const waitMs = failures < FREE ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (failures - FREE), LONGEST_WAIT_MS);
    this.#attempts.delete(key);
    this.#attempts.set(key, { failures, notBefore: ticks + waitMs });
    const oldest = this.#attempts.keys().next();
    if (this.#attempts.size > MAX_KEYS && !oldest.done) this.#attempts.delete(oldest.value);
  }

  succeeded(key: string): void {
    this.#attempts.delete(key);
  }
}
