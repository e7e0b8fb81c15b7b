import type { Log } from '../core/log.ts';
import type { Service } from '../core/service.ts';
import type { DeviceSpec, Plant } from '../devices/plant-types.ts';
import type { AlarmBook } from './alarms/alarm-book.ts';
import { nextCatalogue } from './catalogue.ts';
import type { CounterBook } from './counter-book.ts';
import type { EdgeClock } from './edge-clock.ts';
import { Intake } from './intake.ts';
import type { Journal } from './journal/journal.ts';
import { carryOver } from './plant-change.ts';
import type { LearntByDevice, LearntStore } from './poll/learnt-store.ts';
import { Polling } from './poll/polling.ts';
import { SelfReader } from './self/self-device.ts';
import { SelfPoints } from './self/self-points.ts';
import type { GatewaySettings } from './settings.ts';

export interface PlantDeps {
  readonly settings: GatewaySettings;
  readonly journal: Journal;
  readonly counters: CounterBook;
  readonly book: AlarmBook;
  readonly learnt: LearntByDevice;
  readonly store: LearntStore;
  readonly clockOffsetMs: () => number | undefined;
  readonly clock: EdgeClock;
  readonly log: Log;
}

/** The lines and devices that the gateway works with, and everything that follows them: a plant can be exchanged while it works. */
export class PlantAtWork {
  readonly intake: Intake;
  readonly polling: Polling;
  readonly #deps: PlantDeps;
  readonly #own: SelfPoints;
  readonly #self: SelfReader | undefined;
  #plant: Plant;
  #changing: Promise<void> = Promise.resolve();

  private constructor(plant: Plant, deps: PlantDeps, { own, all, catalogue }: Begun) {
    const { settings, journal, counters, book, learnt, store, clock, log } = deps;
    this.#deps = deps;
    this.#plant = plant;
    this.#own = own;
    const { timezone, holidays } = settings;
    const lineState = (line: string) => this.#find(line)?.state;
    this.intake = new Intake(all, catalogue, journal, clock, {
      counters,
      alarms: { timezone, holidays, restored: book.restored, lineState },
    });
    this.polling = new Polling({ plant, timezone, sink: this.intake, store, learnt, clock, log });
    const self = all.devices.at(-1) as DeviceSpec;
    this.#self = settings.self ? new SelfReader(self, () => own.points, this.intake, clock) : undefined;
  }

  /** Its catalogue is journalled when this resolves, and nothing is read yet. */
  static async begin(plant: Plant, deps: PlantDeps): Promise<PlantAtWork> {
    const { settings, journal, clock, clockOffsetMs } = deps;
    let statistics: (line: string) => ReturnType<Polling['channels'][number]['channel']['statistics']> | undefined =
      () => undefined;
    const own = new SelfPoints(settings, { clock, journal, clockOffsetMs, statistics: (line) => statistics(line) });
    const all = withSelf(plant, settings, own);
    const work = new PlantAtWork(plant, deps, { own, all, catalogue: await publish(all, deps) });
    statistics = (line) => work.#find(line)?.statistics();
    return work;
  }

  get plant(): Plant {
    return this.#plant;
  }

  get services(): readonly Service[] {
    return this.#self ? [this.polling, this.#self] : [this.polling];
  }

  /**
   * Works with this plant from now on. Lines and devices that are as before miss no slot; the catalogue is journalled before the first
   * reading that needs it; alarms, totals and newest values of what stays go on.
   */
  change(next: Plant): Promise<void> {
    const turn = this.#changing.then(() => this.#change(next));
    this.#changing = turn.catch(() => {});
    return turn;
  }

  async #change(next: Plant): Promise<void> {
    const plant = carryOver(this.#plant, next);
    const { settings } = this.#deps;
    await this.polling.change(plant, async () => {
      const all = withSelf(plant, settings, this.#own);
      this.intake.change(all, await publish(all, this.#deps));
      if (settings.self) this.#self?.follow(all.devices.at(-1) as DeviceSpec);
    });
    this.#plant = plant;
  }

  #find(line: string) {
    return this.polling.channels.find(({ spec }) => spec.name === line)?.channel;
  }
}

interface Begun {
  readonly own: SelfPoints;
  readonly all: Plant;
  readonly catalogue: ReturnType<typeof nextCatalogue>;
}

/** The gateway itself is the last device. */
function withSelf({ channels, devices }: Plant, { self }: GatewaySettings, own: SelfPoints): Plant {
  return { channels, devices: self ? [...devices, own.deviceWith(channels)] : devices };
}

async function publish(all: Plant, { journal, settings }: PlantDeps) {
  const previous = journal.knownCatalogue();
  const catalogue = nextCatalogue(previous, all, settings);
  if (catalogue !== previous) await journal.publish(catalogue);
  return catalogue;
}
