import type { Clock } from '../../core/clock.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly owner: SimProcess;
  readonly fire: () => void;
  cancelled: boolean;
}

/** Less would be lost in the last digits: time would stand still. */
const LEAST_MS = 0.001;

/** A process that can be killed: nothing it was waiting for ever comes. */
export class SimProcess {
  readonly name: string;
  alive = true;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * The only time there is. Nothing happens but in the order of its instants, one after the other, so that a run depends on its
 * seed alone.
 */
export class SimTime {
  readonly #queue = new DueQueue();
  #order = 0;
  #ticks = 0;
  /** Wall time minus ticks. */
  #wall = 1_800_000_000_000;

  get ticks(): number {
    return this.#ticks;
  }

  get wall(): number {
    return this.#wall + this.#ticks;
  }

  stepWall(ms: number): void {
    this.#wall += ms;
  }

  after(owner: SimProcess, ms: number, fire: () => void): () => void {
    const due = {
      at: this.#ticks + (ms > 0 ? Math.max(LEAST_MS, ms) : 0),
      order: this.#order++,
      owner,
      fire,
      cancelled: false,
    };
    this.#queue.push(due);
    return () => {
      due.cancelled = true;
    };
  }

  /** A wait that ends with the process. */
  sleep(owner: SimProcess, ms: number): Promise<void> {
    return new Promise((resolve) => this.after(owner, ms, resolve));
  }

  /** Until it is true, or nothing is left to happen, or time is up. */
  async run(until: () => boolean, limitMs: number): Promise<boolean> {
    const end = this.#ticks + limitMs;
    for (;;) {
      await settled();
      if (until()) return true;
      const next = this.#queue.pop();
      if (next === undefined) return false;
      if (next.at > end) {
        this.#queue.push(next);
        return false;
      }
      if (next.cancelled || !next.owner.alive) continue;
      this.#ticks = Math.max(this.#ticks, next.at);
      next.fire();
    }
  }

  /** `clock` of one process. */
  clockFor(owner: SimProcess): Clock {
    return {
      now: () => Math.round(this.wall),
      ticks: () => this.#ticks,
      synchronised: () => true,
      after: (ms, then) => this.after(owner, ms, then),
      yield: () => this.sleep(owner, 0),
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason);
          const cancel = this.after(owner, ms, () => {
            signal?.removeEventListener('abort', stop);
            resolve();
          });
          const stop = () => {
            cancel();
            reject(signal?.reason);
          };
          signal?.addEventListener('abort', stop, { once: true });
        }),
    };
  }
}

/** All promises that can go on have gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A binary heap by instant, then by order of asking. */
class DueQueue {
  readonly #heap: Due[] = [];

  push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(due, heap[parent] as Due)) break;
      heap[at] = heap[parent] as Due;
      at = parent;
    }
    heap[at] = due;
  }

  pop(): Due | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++;
      if (!isBefore(heap[child] as Due, last)) break;
      heap[at] = heap[child] as Due;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
