import type { JournalEvent } from '../cloud-sync/protocol/events.ts';
import { Condition, type Log } from '../core/log.ts';
import { isAbort, type Service } from '../core/service.ts';
import type { EdgeClock } from './edge-clock.ts';

/** What the keeper needs of the journal. */
export interface AnchorKeeper {
  readonly boot: number;
  event(event: JournalEvent, options: { urgent: boolean }): void;
}

const LOOK_EVERY_MS = 1000;

/** Looks at the clock each second and journals what has changed about it. */
export class ClockKeeper implements Service {
  readonly name = 'clock';
  readonly #clock: EdgeClock;
  readonly #journal: AnchorKeeper;
  readonly #log: Log;
  readonly #unset: Condition;
  readonly #disagrees: Condition;

  constructor(clock: EdgeClock, journal: AnchorKeeper, log: Log) {
    this.#clock = clock;
    this.#journal = journal;
    this.#log = log;
    this.#unset = new Condition(log, 'the clock is not set: stamps are uncertain');
    this.#disagrees = new Condition(log, "the clock differs from the hub's by more than 2 s");
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        this.#look();
        await this.#clock.sleep(LOOK_EVERY_MS, signal);
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    }
  }

  #look(): void {
    const change = this.#clock.check();
    if (change) {
      const { at, ticks, source, offset, step, certain } = change;
      const wholes = { ...(offset === undefined ? {} : { offset }), ...(step === undefined ? {} : { step }) };
      const anchor = { event: 'clock-anchor', boot: this.#journal.boot, at: Math.round(at), ticks, source } as const;
      this.#journal.event({ ...anchor, ...wholes, certain }, { urgent: true });
      this.#log.info({ source, offset, step, certain }, 'the clock has changed');
    }
    const ticks = this.#clock.ticks();
    if (this.#clock.isSet()) this.#unset.end(ticks);
    else this.#unset.begin(ticks, {});
    if (this.#clock.disagrees) this.#disagrees.begin(ticks, { offsetMs: this.#clock.hubOffsetMs });
    else this.#disagrees.end(ticks);
  }
}
