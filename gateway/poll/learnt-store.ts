import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '../../core/log.ts';
import { replaceSynced } from '../../core/synced-files.ts';
import type { Learnt } from './device-plan.ts';

const FILE = 'learnt.json';

const rangeSchema = z.object({ table: z.string(), from: z.number(), to: z.number() });
const fileSchema = z.object({
  devices: z.record(
    z.string(),
    z.object({
      place: z.string(),
      refused: z.array(rangeSchema),
      registers: z.number().int().positive().optional(),
      bits: z.number().int().positive().optional(),
    }),
  ),
});

export type LearntByDevice = ReadonlyMap<string, Learnt>;

/** What devices have been seen to refuse, in the gateway's folder: a restart need not find it out again. */
export class LearntStore {
  readonly #file: string;
  readonly #log: Log;
  #writing: Promise<void> = Promise.resolve();

  constructor(dataDir: string, log: Log) {
    this.#file = join(dataDir, FILE);
    this.#log = log;
  }

  /** Nothing, if the file is not there or no longer what we wrote: it is found out again. */
  async load(): Promise<LearntByDevice> {
    try {
      const { devices } = fileSchema.parse(JSON.parse(await readFile(this.#file, 'utf8')));
      return new Map(Object.entries(devices) as [string, Learnt][]);
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isMissing)
        this.#log.warn({ file: this.#file, error: String(error) }, 'what devices refuse is found out again');
      return new Map();
    }
  }

  /** Failing costs no more than finding it out again after a restart. */
  save(learnt: LearntByDevice): Promise<void> {
    this.#writing = this.#writing
      .then(() => replaceSynced(this.#file, `${JSON.stringify({ devices: Object.fromEntries(learnt) }, null, 1)}\n`))
      .catch((error: unknown) => {
        this.#log.warn({ file: this.#file, error: String(error) }, 'what devices refuse is not kept');
      });
    return this.#writing;
  }
}
