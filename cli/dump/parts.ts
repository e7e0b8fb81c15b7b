import type { Clock } from '../../core/clock.ts';
import { reasonOf } from './site.ts';

/** What could not be had, and why. */
export interface Failed {
  readonly part: string;
  readonly reason: string;
}

const LIMIT_MS = 20_000;
const NOTE_MS = 1500;

/** Gathers the parts of a bundle: one that fails or hangs is listed with its reason, and the others are there all the same. */
export class Parts {
  readonly all: Record<string, unknown> = {};
  readonly failed: Failed[] = [];
  readonly #clock: Clock;
  readonly #note: (text: string) => void;
  readonly #limitMs: number;

  /** @param note is told what takes long */
  constructor(clock: Clock, note: (text: string) => void, limitMs = LIMIT_MS) {
    this.#clock = clock;
    this.#note = note;
    this.#limitMs = limitMs;
  }

  /** The part, or undefined if it cannot be had. */
  async take<T>(part: string, get: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const late = new AbortController();
    const cancelNote = this.#clock.after(NOTE_MS, () => this.#note(`${part} takes a while …`));
    let cancelLimit: () => void = () => {};
    const limit = new Promise<never>((_, reject) => {
      cancelLimit = this.#clock.after(this.#limitMs, () => {
        late.abort();
        reject(new Error(`no answer within ${this.#limitMs / 1000} s`));
      });
    });
    try {
      const found = await Promise.race([get(late.signal), limit]);
      this.all[part] = found;
      return found;
    } catch (error) {
      this.failed.push({ part, reason: reasonOf(error) });
      return undefined;
    } finally {
      cancelNote();
      cancelLimit();
    }
  }
}
