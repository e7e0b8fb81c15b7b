import type { Clock } from '../../core/clock.ts';
import { isAbort } from '../../core/service.ts';

/**
 * How a commit is asked for: at once; soon, since enough waits to be worth a synced write each interval; or late, since so little waits
 * that most of what the card is written with is the file system's own: 17 kB for each sync on ext4 whatever is in it.
 */
export type Urgency = 'late' | 'soon' | 'now';

const RANK = { late: 0, soon: 1, now: 2 };

/**
 * What comes late waits a little longer than the interval: points that are read once a second come again just then, and one synced
 * write takes both rounds. That halves what a card is written with.
 */
const LATE_SHARE = 1.04;

/**
 * What comes soon waits for the rest of its round, and until the commit before is about one interval old: each round is then in a commit of its
 * own, shortly after it was read. Counted from its first record, a wait of one interval would end in the midst of the next round.
 */
const SOON_SHARE = 0.25;

/**
 * A little less than the interval: else whatever lies between a round and its commit at the start, and each timer that is a millisecond
 * late, would stay for ever, up to a whole round. So it shrinks with each round, until the commit comes right after it.
 */
const APART_SHARE = 0.95;

/** Waits until somebody asks for a commit, or one is due by the clock. */
export class CommitTrigger {
  readonly #clock: Clock;
  #wake: (() => void) | undefined;
  #pendingSince: number | undefined;
  #urgency: Urgency = 'late';
  #lastDue = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A record came, or somebody wants a commit `now`. */
  note(urgency: Urgency): void {
    const first = this.#pendingSince === undefined;
    const more = RANK[urgency] > RANK[this.#urgency];
    if (first) this.#pendingSince = this.#clock.ticks();
    if (more) this.#urgency = urgency;
    if (first || more) this.#wake?.();
  }

  /** Resolves when a commit is due; also when the signal aborts. */
  async due(intervalMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const waitMs = this.#dueAt(intervalMs) - this.#clock.ticks();
      if (waitMs <= 0) break;
      await this.#sleep(waitMs, signal);
    }
    this.#pendingSince = undefined;
    this.#urgency = 'late';
    this.#lastDue = this.#clock.ticks();
  }

  /** Milliseconds since a commit ought to have begun that nobody has fetched. */
  overdueMs(intervalMs: number): number {
    return Math.max(0, this.#clock.ticks() - this.#dueAt(intervalMs));
  }

  #dueAt(intervalMs: number): number {
    if (this.#pendingSince === undefined) return Number.POSITIVE_INFINITY;
    if (this.#urgency === 'now') return this.#pendingSince;
    if (this.#urgency === 'late') return this.#pendingSince + intervalMs * LATE_SHARE;
    return Math.max(this.#pendingSince + intervalMs * SOON_SHARE, this.#lastDue + intervalMs * APART_SHARE);
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    this.#wake = () => stop.abort();
    try {
      await this.#clock.sleep(Math.min(ms, 3_600_000), AbortSignal.any([stop.signal, signal]));
    } catch (error) {
      if (!isAbort(error, stop.signal) && !signal.aborted) throw error;
    } finally {
      this.#wake = undefined;
    }
  }
}
