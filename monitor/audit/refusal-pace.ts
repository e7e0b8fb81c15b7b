import type { Clock } from '../../core/clock.ts';

/** Refusals that are written in a window; more tell nothing new, and would fill the disk. */
export interface RefusalLimits {
  readonly windowMs: number;
  /** Of one address. */
  readonly mostOfOne: number;
  readonly mostOfAll: number;
}

const OF_CALLS: RefusalLimits = { windowMs: 60_000, mostOfOne: 20, mostOfAll: 200 };

/** Lets a flood of refused calls into the log a little at a time. */
export class RefusalPace {
  readonly #clock: Clock;
  readonly #limits: RefusalLimits;
  #counts = new Map<string, number>();
  #total = 0;
  #until = 0;

  constructor(clock: Clock, limits: RefusalLimits = OF_CALLS) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** May it be written? `isLast`: the next ones of this window may not, and the row should say so. */
  ask(address: string): { readonly write: boolean; readonly isLast: boolean } {
    const ticks = this.#clock.ticks();
    const { windowMs, mostOfOne, mostOfAll } = this.#limits;
    if (ticks >= this.#until) {
      this.#counts = new Map();
      this.#total = 0;
      this.#until = ticks + windowMs;
    }
    const own = (this.#counts.get(address) ?? 0) + 1;
    if (own > mostOfOne || this.#total >= mostOfAll) return { write: false, isLast: false };
    this.#counts.set(address, own);
    this.#total++;
    return { write: true, isLast: own === mostOfOne || this.#total === mostOfAll };
  }
}
