/** Bounds bytes per second, with one second's worth at once. 0 is no bound. */
export class Pace {
  readonly #bytesPerSecond: number;
  #ready = Number.NEGATIVE_INFINITY;

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Milliseconds to wait before these bytes may go; they are counted as gone. */
  take(bytes: number, ticks: number): number {
    if (this.#bytesPerSecond === 0) return 0;
    const wait = Math.max(0, this.#ready - ticks);
    this.#ready = Math.max(this.#ready, ticks - 1000) + (bytes / this.#bytesPerSecond) * 1000;
    return wait;
  }
}
