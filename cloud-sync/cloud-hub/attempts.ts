/** Counts attempts in whole windows, together and by address, so that nobody can try secrets at leisure. */
export class Attempts {
  readonly #windowMs: number;
  readonly #most: number;
  readonly #mostEach: number;
  readonly #each = new Map<string, number>();
  #all = 0;
  #since = 0;

  constructor(limits: { readonly windowMs: number; readonly most: number; readonly mostEach: number }) {
    this.#windowMs = limits.windowMs;
    this.#most = limits.most;
    this.#mostEach = limits.mostEach;
  }

  /** Would the next one be too many? */
  isSpent(ticks: number, address: string): boolean {
    this.#turn(ticks);
    return this.#all >= this.#most || (this.#each.get(address) ?? 0) >= this.#mostEach;
  }

  /** Counts one; false when it is too many. */
  take(ticks: number, address: string): boolean {
    if (this.isSpent(ticks, address)) return false;
    this.#all++;
    this.#each.set(address, (this.#each.get(address) ?? 0) + 1);
    return true;
  }

  /** The next window begins. */
  #turn(ticks: number): void {
    if (ticks - this.#since < this.#windowMs) return;
    this.#since = ticks;
    this.#all = 0;
    this.#each.clear();
  }
}
