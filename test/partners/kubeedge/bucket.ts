/** EdgeCore's limiter: so many calls at once, and one more after each refill. */
export class Bucket {
  readonly #burst: number;
  readonly #refillMs: number;
  #tokens = 0;
  #at = 0;

  constructor({ burst, refillMs }: { readonly burst: number; readonly refillMs: number }) {
    this.#burst = burst;
    this.#refillMs = refillMs;
    this.fill();
  }

  /** As after a start of EdgeCore. */
  fill(): void {
    this.#tokens = this.#burst;
    this.#at = performance.now();
  }

  take(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) / this.#refillMs);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
