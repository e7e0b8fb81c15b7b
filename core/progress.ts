import type { Clock } from './clock.ts';

/** Something that ought to get on as long as the process lives. Failing again and again is getting on: it will not be mended by a restart. */
export interface Progress {
  readonly what: string;
  /** Milliseconds for which it has owed a next step and not made one; 0 when nothing is to be done. */
  stalledMs(): number;
}

/** No honest step takes as long: an exchange has a time-out, a write to a failing card gives up after seconds. */
export const PATIENCE_MS = 120_000;

/** What has not got on for so long that only a new process may help. */
export function stalled(parts: readonly Progress[], patienceMs: number = PATIENCE_MS): string[] {
  return parts.filter((part) => part.stalledMs() >= patienceMs).map(({ what }) => what);
}

/** A thing that can only be asked whether it still answers. An answer that is a failure is an answer. */
export class Answering implements Progress {
  readonly what: string;
  readonly #ask: () => Promise<unknown>;
  readonly #clock: Clock;
  #askedAt: number | undefined;

  constructor(what: string, ask: () => Promise<unknown>, clock: Clock) {
    this.what = what;
    this.#ask = ask;
    this.#clock = clock;
  }

  stalledMs(): number {
    const now = this.#clock.ticks();
    if (this.#askedAt !== undefined) return now - this.#askedAt;
    this.#askedAt = now;
    const answered = () => {
      this.#askedAt = undefined;
    };
    this.#ask().then(answered, answered);
    return 0;
  }
}
