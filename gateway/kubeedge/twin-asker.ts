import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { isFault } from '../../core/faults.ts';
import { isAbort, type Service } from '../../core/service.ts';
import type { KubeBroker } from './kube-broker.ts';
import { getMessage, getTopic } from './topics.ts';

const LOOK_EVERY_MS = 1000;
/** EdgeCore looks into its database for each. */
const MOST_AT_ONCE = 10;

/**
 * Asks EdgeCore, once for each connection and device, what it holds as wanted: what was wanted while the gateway was away is said by no
 * difference before the next report. The answers come to whoever listens at the broker.
 */
export class TwinAsker implements Service {
  readonly name = 'kubeedge-ask';
  readonly #broker: Pick<KubeBroker, 'isOpen' | 'onOpen' | 'publish'>;
  readonly #ids: () => readonly string[];
  readonly #clock: Clock;
  readonly #asked = new Set<string>();

  constructor(broker: Pick<KubeBroker, 'isOpen' | 'onOpen' | 'publish'>, ids: () => readonly string[], clock: Clock) {
    this.#broker = broker;
    this.#ids = ids;
    this.#clock = clock;
    broker.onOpen(() => this.#asked.clear());
  }

  /** EdgeCore did not know them when they were asked for. */
  again(ids: readonly string[]): void {
    for (const id of ids) this.#asked.delete(id);
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        if (this.#broker.isOpen()) await this.#ask();
        await this.#clock.sleep(LOOK_EVERY_MS, signal);
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    }
  }

  async #ask(): Promise<void> {
    const due = this.#ids().filter((id) => !this.#asked.has(id));
    for (const id of due.slice(0, MOST_AT_ONCE)) {
      try {
        await this.#broker.publish(getTopic(id), getMessage(randomBytes(8).toString('hex'), this.#clock.now()));
        this.#asked.add(id);
      } catch (error) {
        // The broker is away: asked when it is back.
        if (!isFault(error)) throw error;
        return;
      }
    }
  }
}
