import { join } from 'node:path';
import type { Disk } from './disk.ts';

/**
 * Enough for what must still be written on a full disk: LevelDB writes its buffer out as a table when it opens, and a loss must
 * be declared before anything can go.
 */
const BALLAST_BYTES = 6 * 1024 * 1024;

/** After a full disk so much is made free before writing goes on. */
export const WANTED_BYTES = 3 * BALLAST_BYTES;

/** A file that takes up space while there is some, so that there is some when there is none. */
export class Ballast {
  readonly #path: string;
  readonly #folder: string;
  readonly #disk: Disk;
  #made = false;

  constructor(folder: string, disk: Disk) {
    this.#folder = folder;
    this.#path = join(folder, 'ballast');
    this.#disk = disk;
  }

  get made(): boolean {
    return this.#made;
  }

  /** Made when there is room for it and as much again. Rejects when the disk refuses; nothing is left behind then. */
  async make(): Promise<void> {
    if (this.#made || (await this.#disk.free(this.#folder)) < WANTED_BYTES) return;
    try {
      await this.#disk.fill(this.#path, BALLAST_BYTES);
      this.#made = true;
    } catch (error) {
      await this.#disk.remove(this.#path).catch(() => {});
      throw error;
    }
  }

  async drop(): Promise<void> {
    this.#made = false;
    await this.#disk.remove(this.#path);
  }
}

const FULL = /No space left on device|ENOSPC|Disk quota exceeded|EDQUOT/;

/** Is this what a full disk, or a used-up quota, says? */
export function isFull(error: unknown): boolean {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (FULL.test(each.message)) return true;
  }
  return false;
}
