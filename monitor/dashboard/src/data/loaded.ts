import { type ReadonlySignal, signal } from '@preact/signals';
import { ask } from './api.ts';

export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly is: T }
  | { readonly state: 'failed'; readonly why: string };

/** An answer of the hub that a page shows, kept while it is asked for again. */
export class Asked<T> {
  readonly #path: string;
  readonly #held = signal<Loaded<T>>({ state: 'loading' });

  constructor(path: string) {
    this.#path = path;
  }

  get value(): ReadonlySignal<Loaded<T>> {
    return this.#held;
  }

  async load(): Promise<void> {
    try {
      this.#held.value = { state: 'ready', is: await ask<T>(this.#path) };
    } catch (error) {
      // What was true a minute ago is no longer shown as if it were.
      this.#held.value = { state: 'failed', why: error instanceof Error ? error.message : String(error) };
    }
  }
}
