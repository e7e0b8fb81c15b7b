import type { Clock } from '../../core/clock.ts';

/**
 * Some devices serve one connection at a time: a line that nobody has used for a while is closed, so that another program has its turn,
 * and opened again when it is wanted.
 */
export class Idleness {
  readonly #afterMs: number | undefined;
  readonly #clock: Clock;
  readonly #close: () => boolean;
  #cancel: () => void = () => {};
  #wake: () => void = () => {};
  #resting = false;
  #closed = false;
  #ended = false;

  /**
   * @param afterMs left out: the line stays open
   * @param close answers false where there is nothing to close: a line that is down does not rest, it is tried again
   */
  constructor(afterMs: number | undefined, clock: Clock, close: () => boolean) {
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
    if (this.#afterMs === undefined || this.#ended) return;
    this.#cancel();
    this.#cancel = this.#clock.after(this.#afterMs, () => {
      if (!this.#close()) return;
      this.#resting = true;
      this.#closed = true;
    });
  }

  /** The line is closed for good. */
  end(): void {
    this.#ended = true;
    this.#cancel();
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
