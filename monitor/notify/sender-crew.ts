import type { Sent } from './notify-store.ts';
import type { Sender } from './sender.ts';

/** A sender for each receiver. They come and go while others are at work. */
export class SenderCrew {
  readonly #senders = new Map<string, Sender>();
  readonly #stops = new Map<string, AbortController>();
  readonly #ends = new Map<string, Promise<void>>();
  /** Begins a sender's work; undefined while nobody works. */
  #begin: ((sender: Sender) => void) | undefined;

  get all(): ReadonlyMap<string, Sender> {
    return this.#senders;
  }

  add(sender: Sender): void {
    this.#senders.set(sender.name, sender);
    this.#begin?.(sender);
  }

  /** What still waited for it. Its work has ended then. */
  async remove(name: string): Promise<readonly Sent[]> {
    const sender = this.#senders.get(name);
    this.#senders.delete(name);
    this.#stops.get(name)?.abort();
    await this.#ends.get(name);
    this.#stops.delete(name);
    this.#ends.delete(name);
    return sender?.queued ?? [];
  }

  /** All at work until the signal aborts; an error of one ends it for all. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#begin = (sender) => {
          const stop = new AbortController();
          const work = sender.run(AbortSignal.any([signal, stop.signal]));
          this.#stops.set(sender.name, stop);
          this.#ends.set(sender.name, work.catch(reject));
        };
        for (const sender of this.#senders.values()) this.#begin(sender);
        if (signal.aborted) resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    } finally {
      this.#begin = undefined;
      await Promise.all(this.#ends.values());
    }
  }
}
