import type { Clock } from '../../core/clock.ts';

/**
 * Some devices serve one connection at a time: a line that nobody has used for a while is closed, so that another program has its turn,
 * and opened again when it is wanted.
 */
export class Idleness {
  readonly #afterMs: number | undefined;
  readonly #clock: Clock;
  readonly #close: () => void;
  #cancel: () => void = () => {};
  #wake: () => void = () => {};
  #resting = false;
  #closed = false;

  /** @param afterMs left out: the line stays open */
  constructor(afterMs: number | undefined, clock: Clock, close: () => void) {
    this.#afterMs = afterMs;
    this.#clock = clock;
    this.#close = close;
  }

  /** Somebody wants to use the line. */
  wanted(): void {
    this.#cancel();
    this.#resting = false;
    this.#wake();
  }

  /** Nobody uses the line any more. */
  began(): void {
    if (this.#afterMs === undefined) return;
    this.#cancel();
    this.#cancel = this.#clock.after(this.#afterMs, () => {
      this.#resting = true;
      this.#closed = true;
      this.#close();
    });
  }

  /** Resolves at once unless the line rests; when it is wanted, or the signal aborts. */
  async untilWanted(signal: AbortSignal): Promise<void> {
    if (!this.#resting || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      signal.addEventListener('abort', this.#wake, { once: true });
    });
    signal.removeEventListener('abort', this.#wake);
    this.#wake = () => {};
  }

  /** Was it closed on purpose? Told once. */
  takeClosed(): boolean {
    const wasClosed = this.#closed;
    this.#closed = false;
    return wasClosed;
  }
}
