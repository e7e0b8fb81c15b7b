import type { Catalogue, CatalogueDevice, CatalogueEntry } from '../cloud-sync/protocol/catalogue.ts';
import type { Epoch, GatewayId } from '../cloud-sync/protocol/numbers.ts';
import type { Registry, Series, StoredCatalogue } from './archive/registry.ts';

/** A point as the hub shows it. */
export interface KnownPoint {
  /** `gateway/device/point` */
  readonly id: string;
  readonly gateway: GatewayId;
  readonly entry: CatalogueEntry;
  readonly series: Series;
}

/** The newest catalogues, by the names people use. */
export class Points {
  readonly #registry: () => Registry;
  readonly #built = new WeakMap<StoredCatalogue, ReadonlyMap<string, KnownPoint>>();

  /** A function, since a failed write replaces the archive's registry. */
  constructor(registry: () => Registry) {
    this.#registry = registry;
  }

  catalogues(): ReadonlyMap<GatewayId, Catalogue> {
    return new Map([...this.#registry().catalogues].map(([gateway, { catalogue }]) => [gateway, catalogue]));
  }

  findCatalogue(gateway: GatewayId): Catalogue | undefined {
    return this.#registry().catalogues.get(gateway)?.catalogue;
  }

  devices(gateway?: GatewayId): readonly { readonly gateway: GatewayId; readonly device: CatalogueDevice }[] {
    return [...this.catalogues()]
      .filter(([id]) => gateway === undefined || id === gateway)
      .flatMap(([id, { devices }]) => devices.map((device) => ({ gateway: id, device })));
  }

  list(gateway?: GatewayId, device?: string): readonly KnownPoint[] {
    const stored = [...this.#registry().catalogues.values()].filter(
      (held) => gateway === undefined || held.gateway === gateway,
    );
    return stored
      .flatMap((held) => [...this.#points(held).values()])
      .filter((point) => device === undefined || point.entry.device === device);
  }

  find(id: string): KnownPoint | undefined {
    const stored = this.#registry().catalogues.get(id.slice(0, id.indexOf('/')));
    return stored && this.#points(stored).get(id);
  }

  /** What a number in a frame stands for. */
  findSeries(gateway: GatewayId, epoch: Epoch, number: number): Series | undefined {
    return this.#registry().epochs.get(`${gateway}/${epoch}`)?.numbers.get(number);
  }

  /** Is this version of a gateway's catalogue, or a newer one, stored? */
  knows(gateway: GatewayId, version: number): boolean {
    return (this.#registry().catalogues.get(gateway)?.catalogue.version ?? -1) >= version;
  }

  /** What a number in a live message stands for; undefined if that speaks of another catalogue than the newest. */
  findLive(gateway: GatewayId, version: number, number: number): Series | undefined {
    const stored = this.#registry().catalogues.get(gateway);
    if (stored?.catalogue.version !== version) return undefined;
    return this.#registry().epochsById.get(stored.epoch)?.numbers.get(number);
  }

  /** The archive's number of a journal; later journals of a gateway have higher ones. */
  findJournal(gateway: GatewayId, epoch: Epoch): number | undefined {
    return this.#registry().epochs.get(`${gateway}/${epoch}`)?.id;
  }

  epochName(id: number): Epoch {
    return this.#registry().epochsById.get(id)?.cursor.epoch ?? '';
  }

  #points(stored: StoredCatalogue): ReadonlyMap<string, KnownPoint> {
    const built = this.#built.get(stored);
    if (built) return built;
    const numbers = this.#registry().epochsById.get(stored.epoch)?.numbers;
    const points = new Map<string, KnownPoint>();
    for (const entry of stored.catalogue.points) {
      const series = numbers?.get(entry.number);
      const id = `${stored.gateway}/${entry.device}/${entry.point}`;
      // A number that is no longer polled never hides the one that replaced it.
      if (!series || (entry.retired && points.has(id))) continue;
      points.set(id, { id, gateway: stored.gateway, entry, series });
    }
    this.#built.set(stored, points);
    return points;
  }
}

export function pointIdOf({ gateway, device, point }: Series): string {
  return `${gateway}/${device}/${point}`;
}
