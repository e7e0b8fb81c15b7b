/** What one slow listener may keep before its oldest bytes are dropped: hours of a talking instrument. */
const MOST_CHUNKS = 4096;

/** Hands every chunk to every listener. */
export class ByteFeed {
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();

  get active(): boolean {
    return this.#listeners.size > 0;
  }

  push(bytes: Uint8Array): void {
    for (const listener of this.#listeners) listener(bytes);
  }

  /** Listens from now on, until the signal aborts or the reader leaves. */
  subscribe(signal: AbortSignal): AsyncIterable<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let wake = () => {};
    const hear = (bytes: Uint8Array) => {
      if (chunks.length >= MOST_CHUNKS) chunks.shift();
      chunks.push(bytes);
      wake();
    };
    const stop = () => wake();
    this.#listeners.add(hear);
    signal.addEventListener('abort', stop, { once: true });
    const leave = () => {
      this.#listeners.delete(hear);
      signal.removeEventListener('abort', stop);
    };
    return (async function* () {
      try {
        while (!signal.aborted) {
          const next = chunks.shift();
          if (next !== undefined) yield next;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        leave();
      }
    })();
  }
}
