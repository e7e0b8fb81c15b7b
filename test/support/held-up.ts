const LOOK_EVERY_MS = 20;
/** A timer may be so late without a reason. */
const SLACK_MS = 10;

/**
 * When this very process was held up: its machine stood still, or another test in it computed. What it measures of other processes
 * is read without that time. Times as of `Date.now()`.
 */
export class HeldUp {
  readonly #spans: { readonly from: number; readonly to: number }[] = [];
  readonly #timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  #lookedAt = Date.now();

  /** Of the time between these two, milliseconds. */
  within(from: number, to: number): number {
    // What has just ended is not noted yet: whoever asks may have been woken before our timer.
    this.#look();
    return this.#spans.reduce((sum, span) => sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)), 0);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const [from, to] = [this.#lookedAt + LOOK_EVERY_MS, Date.now()];
    if (to > from + SLACK_MS) this.#spans.push({ from, to });
    this.#lookedAt = to;
  }
}
