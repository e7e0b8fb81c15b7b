import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { twinPointSchema } from '../../cloud-sync/protocol/twins.ts';
import { valueSchema } from '../../cloud-sync/protocol/writes.ts';
import type { Log } from '../../core/log.ts';
import { replaceSynced } from '../../core/synced-files.ts';

const pointSchema = twinPointSchema.extend({
  /** How often it was tried: each try has an id of its own in the book of writes. */
  tries: z.number().int().nonnegative(),
  /** As the device took it: 55.55 in steps of 0.1 is 55.6. */
  taken: valueSchema.optional(),
});
export type TwinPointState = z.output<typeof pointSchema>;

const stateSchema = z.object({
  /** As its owner sent it. */
  document: z.object({ version: z.number().int(), hash: z.string(), text: z.string() }),
  points: z.record(z.string(), pointSchema),
});
export type TwinState = z.output<typeof stateSchema>;

/** Who sends what is wanted. */
export type TwinOwner = 'the hub' | 'KubeEdge';

/** What is wanted of the points and how far each is: on the disk before anything is done about it. */
export class TwinStore {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  static async open(dataDir: string, name = 'twins.json'): Promise<TwinStore> {
    const folder = join(dataDir, 'meta');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new TwinStore(join(folder, name));
  }

  /** Undefined if there is none, or none that is understood: its owner sends it again. */
  async load(log: Log, owner: TwinOwner): Promise<TwinState | undefined> {
    try {
      return stateSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log.error({ file: this.#file, error: String(error) }, `the twins are lost until ${owner} sends them again`);
      return undefined;
    }
  }

  /** On the disk when it resolves. One call at a time. */
  save(state: TwinState): Promise<void> {
    return replaceSynced(this.#file, `${JSON.stringify(state)}\n`);
  }
}
