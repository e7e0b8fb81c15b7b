import type { Clock } from '../../core/clock.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that moves only when a test moves it. Wall time and ticks move together unless `step` moves the wall alone. */
export class FakeClock implements Clock {
  #ticks = 0;
  #wall: number;
  #sleepers: Sleeper[] = [];
  synced = true;

  constructor(wall = 1_800_000_000_000) {
    this.#wall = wall;
  }

  now = () => this.#wall;
  ticks = () => this.#ticks;
  synchronised = () => this.synced;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = () => {
        stop();
        reject(signal?.reason);
      };
      const stop = this.after(ms, () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      });
      signal?.addEventListener('abort', leave);
    });
  }

  after(ms: number, then: () => void): () => void {
    const sleeper = { at: this.#ticks + ms, wake: then };
    this.#sleepers.push(sleeper);
    return () => {
      this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
    };
  }

  yield = () => new Promise<void>((resolve) => setImmediate(resolve));

  /** Moves time forward, waking each sleeper at its instant. */
  async advance(ms: number): Promise<void> {
    const end = this.#ticks + ms;
    for (;;) {
      await this.yield();
      const next = this.#sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#move(next.at);
      this.#sleepers = this.#sleepers.filter((each) => each !== next);
      next.wake();
    }
    this.#move(end);
    await this.yield();
  }

  /** Sets the wall clock: ticks go on undisturbed. */
  step(ms: number): void {
    this.#wall += ms;
  }

  #move(to: number): void {
    this.#wall += Math.max(0, to - this.#ticks);
    this.#ticks = Math.max(this.#ticks, to);
  }
}
