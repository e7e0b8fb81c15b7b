import { FAULTS } from '../../core/faults.ts';
import type { Answers } from '../../devices/driver.ts';
import { Rhythm } from './rhythm.ts';

/** Until all has been read, it is asked for this often. */
const RETRY_MS = 10_000;

/** Of points that are read once. Each is asked for until the device has given it, or has said that it never will. */
export class OnceRhythm extends Rhythm {
  readonly #names: readonly string[];
  #unread: Set<string>;

  constructor(names: readonly string[], firstAt: number) {
    super(RETRY_MS, firstAt);
    this.#names = names;
    this.#unread = new Set(names);
  }

  override get next(): number {
    return this.#unread.size === 0 ? Number.POSITIVE_INFINITY : super.next;
  }

  heard(answers: Answers): void {
    const settled = [...answers].filter(
      ([, outcome]) =>
        outcome.quality === 'good' || outcome.fault === 'no-value' || FAULTS[outcome.fault].recovery === 'skip',
    );
    this.settle(settled.map(([name]) => name));
  }

  settle(names: readonly string[]): void {
    for (const name of names) this.#unread.delete(name);
  }

  /** The device was away: it may be another one now. */
  again(at: number): void {
    this.#unread = new Set(this.#names);
    this.restart(at);
  }
}
