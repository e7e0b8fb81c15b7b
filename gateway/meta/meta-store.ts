import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../core/log.ts';
import { replaceSynced } from '../../core/synced-files.ts';
import { type ConfigState, configStateSchema, NO_CONFIG } from './config-state.ts';

/**
 * What the hub wants of this gateway, in its own folder: written before anything is done about it, so that a gateway that is killed at
 * any instant, or starts without a link, goes on with what it knew.
 */
export class MetaStore {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  static async open(dataDir: string): Promise<MetaStore> {
    const folder = join(dataDir, 'meta');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new MetaStore(join(folder, 'config.json'));
  }

  /** Nothing, if the file is not there or no longer what we wrote: the hub sends again what it wants. */
  async load(log: Log): Promise<ConfigState> {
    try {
      return configStateSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log.error(
          { file: this.#file, error: String(error) },
          'what the hub wants is lost: its own file is applied until the hub says it again',
        );
      return NO_CONFIG;
    }
  }

  /** On the disk when it resolves. One call at a time. */
  save(state: ConfigState): Promise<void> {
    return replaceSynced(this.#file, `${JSON.stringify(state)}\n`);
  }
}
