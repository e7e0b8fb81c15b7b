/** What a poller is at, and when it last made a step with each: an exchange that ended, whatever came of it. */
export class UnderWay<T> {
  readonly #steppedAt = new Map<T, number>();

  begin(task: T, now: number): void {
    this.#steppedAt.set(task, now);
  }

  /** Ignored if it is not under way: what outlives its task is no step of it. */
  step(task: T, now: number): void {
    if (this.#steppedAt.has(task)) this.#steppedAt.set(task, now);
  }

  end(task: T): void {
    this.#steppedAt.delete(task);
  }

  has(task: T): boolean {
    return this.#steppedAt.has(task);
  }

  /** Milliseconds since the last step of what has waited longest for its next one; undefined if nothing is under way. */
  stalledMs(now: number): number | undefined {
    return this.#steppedAt.size === 0 ? undefined : now - Math.min(...this.#steppedAt.values());
  }
}
