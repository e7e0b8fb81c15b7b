import type { Clock } from '../../core/clock.ts';
import { isFault } from '../../core/faults.ts';
import { Budget } from './budget.ts';
import type { DmiClient } from './dmi-client.ts';
import type { KubeReport } from './report-queue.ts';
import type { Road } from './road.ts';

/** So many calls in a row without an answer, and EdgeCore hangs. */
const MOST_SILENT = 3;

/** Reports over DMI: a call for each device, within what EdgeCore allows all mappers of the node together. */
export class DmiRoad implements Road {
  readonly gapMs = 0;
  readonly #client: DmiClient;
  readonly #clock: Clock;
  readonly #budget: Budget;
  #isOpen = false;
  #onOpen: () => void = () => {};
  /** Calls that EdgeCore refused for there having been too many. */
  limited = 0;
  /** Calls in a row, of whatever kind, that it did not answer. */
  #silent = 0;

  constructor(client: DmiClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
    this.#budget = new Budget(clock.ticks());
  }

  /** It takes calls and answers none. */
  get isSilent(): boolean {
    return this.#silent >= MOST_SILENT;
  }

  isOpen(): boolean {
    return this.#isOpen;
  }

  /** The mapper is registered; or it no longer is. */
  set(isOpen: boolean): void {
    if (isOpen && !this.#isOpen) this.#onOpen();
    this.#isOpen = isOpen;
  }

  onOpen(listener: () => void): void {
    this.#onOpen = listener;
  }

  may(ticks: number): boolean {
    return this.#budget.wait(ticks) === 0;
  }

  take(ticks: number): void {
    this.#budget.take(ticks);
  }

  /** Resolves when a call of another kind may be made. */
  async turn(signal: AbortSignal): Promise<void> {
    while (!this.#budget.take(this.#clock.ticks()))
      await this.#clock.sleep(this.#budget.wait(this.#clock.ticks()), signal);
  }

  send(report: KubeReport): Promise<void> {
    const [namespace = '', name = ''] = report.id.split('/');
    if (report.kind === 'state') return this.watch(this.#client.reportState(namespace, name, report.state));
    const twins = report.twins.map(({ property, desired, reported }) => ({
      propertyName: property,
      observedDesired: { value: desired },
      reported: { value: reported },
    }));
    return this.watch(this.#client.reportTwins(namespace, name, twins));
  }

  /** Any call of ours: what it comes to says how EdgeCore is. */
  async watch<T>(call: Promise<T>): Promise<T> {
    try {
      const answer = await call;
      this.#silent = 0;
      return answer;
    } catch (error) {
      this.#silent = isFault(error, 'edgecore-silent') ? this.#silent + 1 : 0;
      if (isFault(error, 'edgecore-limit')) {
        this.limited += 1;
        this.#budget.refused(this.#clock.ticks());
      }
      throw error;
    }
  }
}
