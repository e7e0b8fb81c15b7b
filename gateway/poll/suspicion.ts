/**
 * How far a device that does not answer is trusted. After three silent rounds in a row it is asked one thing first, with waits that
 * double up to a minute; one answer clears it. Pure: the caller brings the time.
 */
export class Suspicion {
  #silent = 0;

  /** Silent rounds in a row. */
  get rounds(): number {
    return this.#silent;
  }

  /** Ask one thing first. */
  get probing(): boolean {
    return this.#silent >= OFFLINE_ROUNDS;
  }

  get state(): 'trusted' | 'suspect' | 'offline' {
    if (this.#silent === 0) return 'trusted';
    return this.probing ? 'offline' : 'suspect';
  }

  answered(): void {
    this.#silent = 0;
  }

  /** Milliseconds to leave the device alone. */
  silent(everyMs: number): number {
    this.#silent += 1;
    if (!this.probing) return 0;
    return Math.min(LONGEST_WAIT_MS, everyMs * 2 ** (this.#silent - OFFLINE_ROUNDS + 1));
  }
}

const OFFLINE_ROUNDS = 3;
const LONGEST_WAIT_MS = 60_000;
