import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { Refusal } from './api.ts';
import { Turns } from './turns.ts';

/** The answer to what is looked at, of many that may be asked for: that to another question never stands in its place. */
export class Latest<T> {
  readonly #held: Signal<{ readonly of: string; readonly is: T } | undefined> = signal(undefined);
  readonly #problem: Signal<string | undefined> = signal(undefined);
  readonly #turns = new Turns();

  /** Undefined: not yet answered. */
  find(of: string): T | undefined {
    const held = this.#held.value;
    return held?.of === of ? held.is : undefined;
  }

  /** Why there is no answer, or none that is newer. */
  get problem(): ReadonlySignal<string | undefined> {
    return this.#problem;
  }

  async ask(of: string, question: () => Promise<T>): Promise<void> {
    const mayShow = this.#turns.take(of);
    try {
      const is = await question();
      if (!mayShow()) return;
      this.#held.value = { of, is };
      this.#problem.value = undefined;
    } catch (error) {
      if (mayShow()) this.#problem.value = error instanceof Refusal ? error.code : String(error);
    }
  }
}
