import type { Clock } from '../../core/clock.ts';
import { isAbort, type Service } from '../../core/service.ts';
import type { Intake } from '../intake.ts';

const LOOK_EVERY_MS = 1000;

/** Looks after alarm rules that wait for their on-delay: a point that is read once an hour raises its alarm in time all the same. */
export class RuleWatch implements Service {
  readonly name = 'rules';
  readonly #intake: Intake;
  readonly #clock: Clock;

  constructor(intake: Intake, clock: Clock) {
    this.#intake = intake;
    this.#clock = clock;
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await this.#clock.sleep(LOOK_EVERY_MS, signal);
        this.#intake.stepWaiting();
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    }
  }
}
