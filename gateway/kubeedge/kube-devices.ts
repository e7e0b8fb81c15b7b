import { isDeepStrictEqual } from 'node:util';
import type { Log } from '../../core/log.ts';
import type { Plant } from '../../devices/plant-types.ts';
import type { PlantRules } from '../settings.ts';
import { type KubeEntry, kubePlant, type Memory } from './kube-plant.ts';
import type { ObjectStore } from './object-store.ts';
import { type KubeDevice, type KubeModel, objectId } from './objects.ts';

export interface KubeDevicesDeps {
  readonly store: ObjectStore;
  readonly rules: PlantRules;
  /** Works with this plant from now on: the gateway's own and KubeEdge's. */
  readonly apply: (plant: Plant) => Promise<void>;
  readonly log: Log;
}

/** A list is asked for each minute; less apart, two of them are one that an EdgeCore gave which had just begun. */
const GONE_AFTER_MS = 50_000;

/** What a list of EdgeCore changes beyond what its callbacks have said. */
export interface ListNews {
  readonly fresh: readonly string[];
  readonly changed: readonly string[];
  readonly gone: readonly string[];
  /** Known and not in it. */
  readonly missing: readonly string[];
}

/**
 * The Device and DeviceModel objects of this node, and the part of the plant that follows from them. The gateway's own channels and
 * devices stay their owner's, file or hub; these are KubeEdge's, and both are read side by side.
 */
export class KubeDevices {
  entries: readonly KubeEntry[] = [];
  readonly #deps: KubeDevicesDeps;
  readonly #devices: Map<string, KubeDevice>;
  readonly #models: Map<string, KubeModel>;
  /** Missing in the last list, and since when: an EdgeCore that has just started may not know all yet. */
  #missed: ReadonlyMap<string, number> = new Map();
  #own: Plant = { channels: [], devices: [] };
  #turn: Promise<void> = Promise.resolve();
  #isDue = false;
  #failure: string | undefined;
  readonly #memory: Memory = new Map();
  #onChange: () => void = () => {};

  private constructor(deps: KubeDevicesDeps, devices: Map<string, KubeDevice>, models: Map<string, KubeModel>) {
    this.#deps = deps;
    this.#devices = devices;
    this.#models = models;
  }

  static async open(deps: KubeDevicesDeps): Promise<KubeDevices> {
    const { devices, models } = await deps.store.load(deps.log);
    return new KubeDevices(
      deps,
      new Map(devices.map((device) => [objectId(device), device])),
      new Map(models.map((model) => [objectId(model), model])),
    );
  }

  /** Why what EdgeCore said last is not taken over; it is tried again with each list. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** What the gateway begins with. */
  async begin(own: Plant): Promise<Plant> {
    this.#own = own;
    return this.#resolve();
  }

  /** Called whenever the entries may be others. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  /** The gateway's own part is another one. Rejects if it cannot be applied. */
  ownChange(own: Plant): Promise<void> {
    const turn = this.#turn.then(async () => {
      this.#own = own;
      await this.#apply();
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  takeDevice(device: KubeDevice): void {
    const id = objectId(device);
    if (isDeepStrictEqual(this.#devices.get(id), device)) return;
    this.#devices.set(id, device);
    this.#changed();
  }

  removeDevice(namespace: string, name: string): void {
    if (this.#devices.delete(objectId({ namespace, name }))) this.#changed();
  }

  takeModel(model: KubeModel): void {
    const id = objectId(model);
    if (isDeepStrictEqual(this.#models.get(id), model)) return;
    this.#models.set(id, model);
    this.#changed();
  }

  removeModel(namespace: string, name: string): void {
    if (this.#models.delete(objectId({ namespace, name }))) this.#changed();
  }

  /**
   * The whole list of a registration, for these protocols. What callbacks said since it was asked for is newer. A device goes once it is
   * missing twice, a period apart. `ticks`: monotonic milliseconds.
   */
  takeList(
    devices: readonly KubeDevice[],
    models: readonly KubeModel[],
    about: { readonly protocol: string; readonly newer: ReadonlySet<string>; readonly ticks: number },
  ): ListNews {
    const { protocol, newer, ticks } = about;
    for (const model of models) this.takeModel(model);
    const news = { fresh: [] as string[], changed: [] as string[], gone: [] as string[], missing: [] as string[] };
    const listed = new Set(devices.map(objectId));
    for (const device of devices) {
      const id = objectId(device);
      const known = this.#devices.get(id);
      if (newer.has(id) || isDeepStrictEqual(known, device)) continue;
      (known === undefined ? news.fresh : news.changed).push(id);
      this.takeDevice(device);
    }
    const missing = [...this.#devices.values()]
      .filter((device) => device.protocol === protocol && !listed.has(objectId(device)))
      .map(objectId);
    news.missing.push(...missing);
    for (const id of missing) {
      if (newer.has(id) || ticks - (this.#missed.get(id) ?? ticks) < GONE_AFTER_MS) continue;
      news.gone.push(id);
      this.#devices.delete(id);
    }
    const others = [...this.#missed].filter(([id]) => this.#devices.get(id)?.protocol !== protocol);
    this.#missed = new Map([...others, ...missing.map((id) => [id, this.#missed.get(id) ?? ticks] as const)]);
    if (news.gone.length > 0 || this.#failure !== undefined) this.#changed();
    return news;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    let turn: Promise<void>;
    do {
      turn = this.#turn;
      await turn;
    } while (turn !== this.#turn);
  }

  /** Twenty objects that come together are taken together. */
  #changed(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#turn = this.#turn.then(() => this.#takeOver());
  }

  /** What cannot be kept is worked with all the same. */
  async #takeOver(): Promise<void> {
    this.#isDue = false;
    const { log, store } = this.#deps;
    const failures: string[] = [];
    const failed = (error: unknown) => void failures.push(String(error));
    await store.save({ devices: [...this.#devices.values()], models: [...this.#models.values()] }).catch(failed);
    await this.#apply().catch(failed);
    this.#failure = failures[0];
    if (failures.length > 0) log.error({ failures }, 'the devices of KubeEdge could not be taken over');
  }

  async #apply(): Promise<void> {
    await this.#deps.apply(await this.#resolve());
    this.#onChange();
  }

  async #resolve(): Promise<Plant> {
    const { rules, log } = this.#deps;
    const objects = { devices: [...this.#devices.values()], models: this.#models };
    const { plant, entries } = await kubePlant(objects, this.#own, rules, this.#memory);
    for (const { id, problems, device } of entries) {
      const before = this.entries.find((entry) => entry.id === id);
      if (problems.length > 0 && !isDeepStrictEqual(before?.problems, problems))
        log.warn(
          { object: id, problems },
          device ? 'a Device object is read in part' : 'a Device object cannot be used',
        );
    }
    this.entries = entries;
    const own = this.#own;
    return { channels: [...own.channels, ...plant.channels], devices: [...own.devices, ...plant.devices] };
  }
}
