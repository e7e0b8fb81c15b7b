import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { isFault } from '../../core/faults.ts';
import { isAbort, type Service } from '../../core/service.ts';
import type { KubeBroker } from './kube-broker.ts';
import type { Stand } from './report-queue.ts';
import { type DataValue, dataMessage, dataTopic } from './topics.ts';

type DataBroker = Pick<KubeBroker, 'isOpen' | 'onOpen' | 'publish'>;

const TELL_EVERY_MS = 1000;

/** What changed in the last second, for programs of others at the node's broker: `$ke/events/device/…/data/update`. */
export class DataFeed implements Service {
  readonly name = 'kubeedge-data';
  readonly #broker: DataBroker;
  readonly #stands: () => readonly Stand[];
  readonly #clock: Clock;
  readonly #told = new Map<string, string>();

  constructor(broker: DataBroker, stands: () => readonly Stand[], clock: Clock) {
    this.#broker = broker;
    this.#stands = stands;
    this.#clock = clock;
    // Who comes back may have lost what it was told.
    broker.onOpen(() => this.#told.clear());
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        if (this.#broker.isOpen()) await this.#tell();
        await this.#clock.sleep(TELL_EVERY_MS, signal);
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    }
  }

  async #tell(): Promise<void> {
    const at = this.#clock.now();
    for (const { id, twins } of this.#stands()) {
      const changed: DataValue[] = [];
      for (const { property, reported } of twins) {
        if (this.#told.get(`${id}/${property}`) !== reported) changed.push({ property, value: reported, at });
      }
      if (changed.length === 0) continue;
      try {
        await this.#broker.publish(dataTopic(id), dataMessage(randomBytes(8).toString('hex'), at, changed));
        for (const { property, value } of changed) this.#told.set(`${id}/${property}`, value);
      } catch (error) {
        // The broker is away: told when it is back.
        if (!isFault(error)) throw error;
        return;
      }
    }
  }
}
