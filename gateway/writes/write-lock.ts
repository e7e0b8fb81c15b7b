import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../core/faults.ts';
import type { Outcome } from '../../core/reading.ts';

/** A switch on site, read as a point: `device/point`. */
export interface LockSwitch {
  readonly point: string;
  /** What it reads while writes are locked. */
  readonly when: boolean;
}

/** Its name in the data directory. What stands in it does not matter. */
const LOCK_FILE = 'writes-locked';

/** Whoever stands beside the machine has the last word: a file, or a key switch. */
export class WriteLock {
  readonly #file: string;
  readonly #lock: LockSwitch | undefined;
  readonly #newest: (point: string) => Outcome | undefined;

  constructor(dataDir: string, lock: LockSwitch | undefined, newest: (point: string) => Outcome | undefined) {
    this.#file = join(dataDir, LOCK_FILE);
    this.#lock = lock;
    this.#newest = newest;
  }

  /**
   * Throws Fault writes-locked. Only the one value that unlocks does: a switch that cannot be read locks, and so do one that reads anything
   * else and a file that cannot be looked at.
   */
  async check(): Promise<void> {
    if (await this.#hasFile()) throw new Fault('writes-locked', LOCK_FILE);
    // Last, since nothing is waited for after it.
    if (this.#lock === undefined) return;
    const { point, when } = this.#lock;
    const read = this.#newest(point);
    if (read?.quality !== 'good') throw new Fault('writes-locked', `${point} cannot be read`);
    if (read.value !== !when) throw new Fault('writes-locked', point);
  }

  async #hasFile(): Promise<boolean> {
    try {
      await access(this.#file);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'ENOENT';
    }
  }
}
