import { basename, join } from 'node:path';
import type { Log } from '../../core/log.ts';
import type { Disk } from './disk.ts';

/** What is kept of damaged databases: the newest ones. Each is at most as large as a segment. */
const MOST_FOLDERS = 4;
/** What is kept of damaged frames: the first ones, because they tell most of how the damage began. */
const MOST_FRAMES = 100;
const MOST_FRAME_BYTES = 16 * 1024 * 1024;

const DATABASE = 'database-';
const FRAME = 'frame-';

/** What was damaged, as it was found, for whoever wants to know why. Nothing in here is read again. */
export class SetAside {
  readonly folder: string;
  readonly #disk: Disk;
  readonly #log: Log;

  constructor(journal: string, disk: Disk, log: Log) {
    this.folder = join(journal, 'set-aside');
    this.#disk = disk;
    this.#log = log;
  }

  /** Moves a database here under `name`; with no `path` only the name is noted. Resolves when it is durable. */
  async database(path: string | undefined, name: string): Promise<void> {
    await this.#disk.makeFolder(this.folder);
    const names = await this.#names(DATABASE);
    const number = Number(names.at(-1)?.slice(DATABASE.length, DATABASE.length + 6) ?? 0) + 1;
    const target = join(this.folder, `${DATABASE}${String(number).padStart(6, '0')}-${name}`);
    if (path === undefined) await this.#disk.makeFolder(target);
    else await this.#disk.rename(path, target);
    for (const old of names.slice(0, Math.max(0, names.length + 1 - MOST_FOLDERS)))
      await this.#disk.remove(join(this.folder, old));
  }

  /** Was a database put here under that name? */
  async has(name: string): Promise<boolean> {
    return (await this.#names(DATABASE)).some((each) => each.slice(DATABASE.length + 7) === name);
  }

  /** Keeps the bytes of a damaged frame, if there is room for them. Never rejects: it only helps to explain. */
  async frame(name: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.folder, FRAME + name);
    try {
      const names = await this.#names(FRAME);
      if (names.length >= MOST_FRAMES || names.includes(basename(path))) return;
      await this.#disk.makeFolder(this.folder);
      if ((await this.#disk.bytes(this.folder)) + bytes.length > MOST_FRAME_BYTES) return;
      await this.#disk.writeFile(path, bytes);
    } catch (error) {
      this.#log.warn({ error: String(error) }, 'a damaged frame could not be set aside');
      await this.#disk.remove(path).catch(() => {});
    }
  }

  /** On a full disk what is journalled comes first. */
  async clear(): Promise<void> {
    await this.#disk.remove(this.folder);
  }

  async #names(kind: string): Promise<string[]> {
    return (await this.#disk.list(this.folder)).filter((name) => name.startsWith(kind)).sort();
  }
}
