import type { Clock } from '../../core/clock.ts';

const LONGEST_REST_MS = 3_600_000;

/** Where workers wait for something to do. Plain timers: an abort signal for each rest costs more than a poll. */
export class Rests {
  readonly #clock: Clock;
  readonly #resting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Until `ticks`, which may be infinite, or until somebody wakes all; an hour at most. */
  until(ticks: number): Promise<void> {
    const ms = Math.min(LONGEST_REST_MS, Math.max(0, ticks - this.#clock.ticks()));
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#resting.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(ms, wake);
      this.#resting.add(wake);
    });
  }

  /** Until somebody wakes all. */
  untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#resting.delete(wake);
        resolve();
      };
      this.#resting.add(wake);
    });
  }

  wakeAll(): void {
    for (const wake of this.#resting) wake();
  }
}
