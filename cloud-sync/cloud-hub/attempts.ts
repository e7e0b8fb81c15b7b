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

  /** False when this one is too many. */
  take(ticks: number, address: string): boolean {
    if (ticks - this.#since >= this.#windowMs) {
      this.#since = ticks;
      this.#all = 0;
      this.#each.clear();
    }
    const own = (this.#each.get(address) ?? 0) + 1;
    if (this.#all >= this.#most || own > this.#mostEach) return false;
    this.#all++;
    this.#each.set(address, own);
    return true;
  }
}
