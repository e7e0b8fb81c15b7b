import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Outcome, PointId, UnixMs } from '../core/reading.ts';
import { isAbort, type Service } from '../core/service.ts';
import { replaceSynced } from '../core/synced-files.ts';
import type { CounterSpec } from '../devices/plant-types.ts';
import { type CounterState, stepCounter } from './counter.ts';

const FILE = 'counters.json';
/** What a device showed last may be this old after a power cut; where it began anew is written at once. */
const SAVE_EVERY_MS = 5 * 60_000;

const fileSchema = z.object({
  counters: z.record(z.string(), z.object({ base: z.number(), last: z.number(), at: z.number() })),
});

/** The totals of all counters, in the gateway's folder: they go on after a restart. */
export class CounterBook implements Service {
  readonly name = 'counters';
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #states = new Map<PointId, CounterState>();
  #isWritten = true;
  #writing: Promise<void> = Promise.resolve();

  private constructor(folder: string, clock: Clock, log: Log) {
    this.#folder = folder;
    this.#clock = clock;
    this.#log = log;
  }

  /** With a file that is missing or damaged the totals begin again with what the devices show. */
  static async open(folder: string, clock: Clock, log: Log): Promise<CounterBook> {
    const book = new CounterBook(folder, clock, log);
    const file = join(folder, FILE);
    try {
      const { counters } = fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
      for (const [point, state] of Object.entries(counters)) book.#states.set(point, state);
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isMissing)
        log.warn({ file, error: String(error) }, 'totals of counters begin again with what the devices show');
    }
    return book;
  }

  /** The total that follows from what the device shows; a fault stays what it is. */
  step(point: PointId, spec: CounterSpec, read: Outcome, at: UnixMs): Outcome {
    if (read.quality === 'bad' || typeof read.value !== 'number') return read;
    const before = this.#states.get(point);
    const { state, outcome, jump } = stepCounter(spec, before, read.value, at);
    this.#states.set(point, state);
    this.#isWritten = false;
    if (jump !== undefined) {
      this.#log.warn({ point, from: before?.last, to: state.last }, `counter ${jump}`);
      void this.#save();
    }
    return outcome;
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await this.#clock.sleep(SAVE_EVERY_MS, signal);
        await this.#save();
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    }
    await this.#save();
  }

  #save(): Promise<void> {
    if (this.#isWritten) return this.#writing;
    this.#isWritten = true;
    this.#writing = this.#writing
      .then(() => this.#write())
      .catch((error: unknown) => {
        this.#isWritten = false;
        this.#log.warn({ folder: this.#folder, error: String(error) }, 'totals of counters are not kept');
      });
    return this.#writing;
  }

  async #write(): Promise<void> {
    const counters = Object.fromEntries(
      [...this.#states].map(([point, { base, last, at }]) => [point, { base, last, at }]),
    );
    await replaceSynced(join(this.#folder, FILE), `${JSON.stringify({ counters }, null, 1)}\n`);
  }
}
