/** After a minute, ten minutes, and each hour. */
const WAITS_MS = [60_000, 600_000, 3_600_000];

/** When something that a device has refused is tried again. Pure: the caller brings the time, in ticks (ms). */
export class RetryTimes {
  #at: number;
  #tries = 1;

  constructor(now: number) {
    this.#at = now + (WAITS_MS[0] as number);
  }

  isDue(now: number): boolean {
    return now >= this.#at;
  }

  taken(now: number): void {
    this.#at = now + (WAITS_MS[Math.min(this.#tries, WAITS_MS.length - 1)] as number);
    this.#tries += 1;
  }

  /** The device said neither yes nor no: soon again. */
  unclear(now: number): void {
    this.#at = now + (WAITS_MS[0] as number);
    this.#tries -= 1;
  }
}
