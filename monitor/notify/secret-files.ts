import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceSynced, syncFolder } from '../../core/synced-files.ts';

/** A name as it is made here; never a path. */
export const SECRET_NAME = /^(receivers\.[a-z0-9][a-z0-9._-]{0,62}|smtp)\.[a-zA-Z]+$/;

/** Secrets that people gave in the page: files of their own, readable by the hub's user alone. They go in, and into messages, nowhere else. */
export class SecretFiles {
  readonly folder: string;

  constructor(dataDir: string) {
    this.folder = join(dataDir, 'secrets');
  }

  async write(name: string, secret: string): Promise<void> {
    if (!SECRET_NAME.test(name)) throw new TypeError(`no name of a secret: ${name}`);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await replaceSynced(join(this.folder, name), secret);
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.folder, name), { force: true });
    await syncFolder(this.folder).catch(() => {});
  }

  /** As it was: undefined if it was not there. */
  restore(name: string, secret: string | undefined): Promise<void> {
    return secret === undefined ? this.remove(name) : this.write(name, secret);
  }

  /** All of them by name, for a backup. */
  async all(): Promise<Readonly<Record<string, string>>> {
    const names = (await readdir(this.folder).catch(() => [])).filter((name) => SECRET_NAME.test(name));
    const pairs = names.map(async (name) => [name, await readFile(join(this.folder, name), 'utf8')]);
    return Object.fromEntries(await Promise.all(pairs));
  }
}
