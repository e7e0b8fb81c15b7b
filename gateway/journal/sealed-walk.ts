import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import { isAbort, type Service } from '../../core/service.ts';
import type { Journal } from './journal.ts';
import type { EpochVerdict } from './verify-journal.ts';

/** A start has better to do at first. */
const BEGIN_MS = 60_000;
/** Between parts of 1 MiB: at most 4 MiB/s are read, the 2 GiB of a full journal in some ten minutes. */
const PAUSE_MS = 250;
const EVERY_MS = 7 * 86_400_000;

/**
 * Reads the sealed segments again, slowly, after each start and then once a week: what a card has lost is declared while it is
 * new, not only when the hub asks for it.
 */
export class SealedWalk implements Service {
  readonly name = 'sealed walk';
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(journal: Journal, clock: Clock, log: Log) {
    this.#journal = journal;
    this.#clock = clock;
    this.#log = log;
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(BEGIN_MS, signal);
    for (;;) {
      try {
        await this.#walk(signal);
      } catch (error) {
        if (isAbort(error, signal)) throw error;
        this.#log.warn({ error: String(error) }, 'the sealed segments could not be verified');
      }
      await this.#clock.sleep(EVERY_MS, signal);
    }
  }

  async #walk(signal: AbortSignal): Promise<void> {
    const pause = () => this.#clock.sleep(PAUSE_MS, signal);
    const verdicts = await this.#journal.verify({ sealedOnly: true, pause });
    for (const verdict of verdicts) {
      const { epoch, chainBreaks, damaged } = verdict;
      await this.#declare(verdict);
      if (damaged > 0) this.#log.error({ epoch, damaged }, 'sealed segments hold damaged frames');
      if (chainBreaks.length > 0) this.#log.error({ epoch, chainBreaks }, 'sealed frames do not follow each other');
    }
    const records = verdicts.reduce((sum, verdict) => sum + verdict.records, 0);
    await this.#journal.noteVerified({ at: this.#clock.now(), records });
    this.#log.info({ records }, 'the sealed segments are verified');
  }

  /** Reading there again declares what is still missing: meanwhile it may have been trimmed, declared, mended or confirmed. */
  async #declare({ epoch, holes }: EpochVerdict): Promise<void> {
    for (const { from, to, undeclared } of holes) {
      const state = this.#journal.epochs().find((each) => each.epoch === epoch);
      if (state === undefined) return;
      const begin = Math.max(from, state.floor, state.confirmed);
      if (!undeclared || begin >= to) continue;
      for await (const _ of this.#journal.frames(epoch, begin)) break;
    }
  }
}
