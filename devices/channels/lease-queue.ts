import type { LeaseOptions } from './channel.ts';

interface Waiter<Slot> {
  readonly urgent: boolean;
  readonly grant: (slot: Slot) => void;
  readonly refuse: (reason: unknown) => void;
}

/** Hands out the slots of a line in order of asking; writes overtake polls that wait. */
export class LeaseQueue<Slot> {
  readonly #free: Slot[];
  #waiting: Waiter<Slot>[] = [];
  #held = false;

  constructor(slots: readonly Slot[]) {
    this.#free = [...slots];
  }

  /** A free slot at once, if nobody has to be waited for. */
  take(): Slot | undefined {
    return this.#held ? undefined : this.#free.pop();
  }

  wait({ urgency, signal }: LeaseOptions): Promise<Slot> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const stop = () => this.#leave(waiter, signal?.reason);
      // A signal lives as long as its process; what listens to it must go with the wait.
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          signal?.removeEventListener('abort', stop);
          then(value);
        };
      const waiter: Waiter<Slot> = { urgent: urgency === 'write', grant: settle(resolve), refuse: settle(reject) };
      const last = waiter.urgent ? this.#waiting.findIndex(({ urgent }) => !urgent) : -1;
      this.#waiting.splice(last < 0 ? this.#waiting.length : last, 0, waiter);
      signal?.addEventListener('abort', stop);
    });
  }

  give(slot: Slot): void {
    this.#free.push(slot);
    this.#serve();
  }

  /** While the line is being opened, nobody is served. */
  hold(held: boolean): void {
    this.#held = held;
    this.#serve();
  }

  refuseAll(reason: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { refuse } of waiting) refuse(reason);
  }

  #serve(): void {
    while (!this.#held && this.#free.length > 0) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next.grant(this.#free.pop() as Slot);
    }
  }

  #leave(waiter: Waiter<Slot>, reason: unknown): void {
    const place = this.#waiting.indexOf(waiter);
    if (place < 0) return;
    this.#waiting.splice(place, 1);
    waiter.refuse(reason);
  }
}
