interface Silent {
  readonly misses: number;
  readonly at: number;
}

/** Requests that a device leaves unanswered though it answers others. Pure: the caller brings the time, in ticks (ms). */
export class SilentRequests {
  readonly #known = new WeakMap<object, Silent>();

  /** @param budgetFreeAt from when silence can be afforded */
  isDue(request: unknown, now: number, budgetFreeAt: number): boolean {
    const silent = this.#known.get(request as object);
    if (silent === undefined || silent.misses < TRUSTED_MISSES) return true;
    return now >= silent.at && now >= budgetFreeAt;
  }

  missed(request: unknown, now: number, everyMs: number): void {
    const misses = (this.#known.get(request as object)?.misses ?? 0) + 1;
    const waitMs =
      misses < TRUSTED_MISSES ? 0 : Math.min(LONGEST_WAIT_MS, everyMs * 2 ** (misses - TRUSTED_MISSES + 1));
    this.#known.set(request as object, { misses, at: now + waitMs });
  }

  answered(request: unknown): void {
    this.#known.delete(request as object);
  }
}

const TRUSTED_MISSES = 3;
const LONGEST_WAIT_MS = 60_000;
