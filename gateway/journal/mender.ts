import { basename, dirname, join } from 'node:path';
import type { Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Log } from '../../core/log.ts';
import type { Disk } from './disk.ts';
import { epochOf, segmentName } from './segment-folder.ts';
import type { SetAside } from './set-aside.ts';
import { isMendable, type Store } from './store.ts';

/** A repaired copy, before it takes the place of the original. */
const MENDED = 'mended-';

/**
 * Repairs databases that LevelDB refuses. It works on a copy, because a repair drops what it does not understand; the original is
 * set aside. What is missing afterwards, only our own numbers and checksums tell.
 */
export class Mender {
  readonly setAside: SetAside;
  readonly #journal: string;
  readonly #disk: Disk;
  readonly #log: Log;

  constructor(journal: string, disk: Disk, log: Log, setAside: SetAside) {
    this.#journal = journal;
    this.#disk = disk;
    this.#log = log;
    this.setAside = setAside;
  }

  /** Opens a database; one whose files are damaged or gone is mended first. @throws Fault already-running */
  async open(path: string): Promise<Store> {
    try {
      return await this.#disk.open(path, { create: false });
    } catch (error) {
      if (!isMendable(error)) throw error;
      await this.mend(path, error);
      return this.#disk.open(path, { create: false });
    }
  }

  /** Puts a database that can be opened in the place of one that is damaged, with what is whole of it. It must be closed. */
  async mend(path: string, why: unknown): Promise<void> {
    this.#log.error({ path, error: String(why) }, 'a database of the journal is damaged: it is repaired');
    const mended = join(dirname(path), MENDED + basename(path));
    const name = dirname(path) === this.#journal ? basename(path) : nameOf(path);
    if (await this.#copied(path, mended)) {
      await this.#repair(mended);
      await this.setAside.database(path, name);
      await this.#disk.rename(mended, path);
    } else {
      // No room for a copy, or a card that cannot read all of it: what is whole counts more than the evidence.
      await this.setAside.database(undefined, name);
      await this.#repair(path);
    }
  }

  /** Was this segment mended? Then its end may be missing, however whole the rest looks. */
  wasMended(epoch: Epoch, first: Seq): Promise<boolean> {
    return this.setAside.has(`${epoch}-${segmentName(first)}`);
  }

  /** At start: finishes or takes back what a crash left in between. */
  async settle(): Promise<void> {
    const epochs = (await this.#disk.list(this.#journal)).filter((name) => epochOf(name) !== undefined);
    for (const folder of [this.#journal, ...epochs.map((name) => join(this.#journal, name))]) {
      for (const name of await this.#disk.list(folder)) {
        if (!name.startsWith(MENDED)) continue;
        const path = join(folder, name.slice(MENDED.length));
        if (await this.#disk.exists(path)) await this.#disk.remove(join(folder, name));
        else await this.#disk.rename(join(folder, name), path);
      }
    }
  }

  async #copied(path: string, mended: string): Promise<boolean> {
    await this.#disk.remove(mended);
    if (!(await this.#disk.exists(path))) return false;
    try {
      await this.#disk.copy(path, mended);
      return true;
    } catch (error) {
      this.#log.warn({ path, error: String(error) }, 'no copy can be made: it is repaired where it is');
      await this.#disk.remove(mended);
      return false;
    }
  }

  /** Nothing that can be read is left: an empty one takes its place. */
  async #repair(path: string): Promise<void> {
    try {
      await this.#disk.repair(path);
      const store = await this.#disk.open(path, { create: false });
      try {
        for await (const _ of store.entries(Buffer.alloc(0)));
      } finally {
        await store.close();
      }
    } catch (error) {
      this.#log.error({ path, error: String(error) }, 'nothing of a damaged database can be read');
      await this.#disk.remove(path);
      await this.#disk.makeFolder(dirname(path));
      await (await this.#disk.open(path, { create: true })).close();
    }
  }
}

function nameOf(path: string): string {
  return `${basename(dirname(path))}-${basename(path)}`;
}
