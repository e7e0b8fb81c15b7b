import type { ArchiveBatch, CursorState } from '../../cloud-sync/cloud-hub/archive.ts';
import type { Catalogue, CatalogueEntry } from '../../cloud-sync/protocol/catalogue.ts';
import { type Epoch, type GatewayId, NO_CHAIN } from '../../cloud-sync/protocol/numbers.ts';

export type SeriesId = number;

/**
 * The history of one point. A new point number (other type or scale) goes on in the same series, since values are decoded;
 * another kind or unit starts a new one: degrees of two sorts are never one line on a chart.
 */
export interface Series {
  readonly id: SeriesId;
  readonly gateway: GatewayId;
  readonly device: string;
  readonly point: string;
  readonly kind: CatalogueEntry['kind'];
  readonly unit: string;
}

export interface EpochRow {
  readonly id: number;
  readonly gateway: GatewayId;
  cursor: CursorState;
  /** What the point numbers of this epoch stand for. */
  readonly numbers: Map<number, Series>;
}

export interface StoredCatalogue {
  readonly gateway: GatewayId;
  /** Internal id of the epoch it came in. */
  readonly epoch: number;
  readonly catalogue: Catalogue;
}

/** What the archive knows by heart: journals, series, newest catalogues. The database holds the same, durably. */
export class Registry {
  readonly epochs = new Map<string, EpochRow>();
  readonly epochsById = new Map<number, EpochRow>();
  readonly series = new Map<string, Series>();
  readonly catalogues = new Map<GatewayId, StoredCatalogue>();

  epochsOf(gateway: GatewayId): readonly EpochRow[] {
    return [...this.epochs.values()].filter((row) => row.gateway === gateway);
  }

  addEpoch(row: EpochRow): void {
    this.epochs.set(epochKey(row.gateway, row.cursor.epoch), row);
    this.epochsById.set(row.id, row);
  }

  addSeries(series: Series): void {
    this.series.set(seriesKey(series), series);
  }

  nextEpochId(): number {
    return this.epochs.size + 1;
  }

  nextSeriesId(): SeriesId {
    return this.series.size + 1;
  }

  /** Takes in what a transaction has stored. */
  merge(stage: Stage): void {
    for (const row of stage.newEpochs) this.addEpoch(row);
    for (const series of stage.newSeries) this.addSeries(series);
    for (const stored of stage.catalogues) this.catalogues.set(stored.gateway, stored);
    for (const { row, number, series } of stage.newNumbers) row.numbers.set(number, series);
    for (const { row, cursor } of stage.cursors) row.cursor = cursor;
  }
}

/** What one transaction is about to add to the registry. Looked up before it is committed, forgotten if it fails. */
export class Stage {
  readonly #base: Registry;
  readonly newEpochs: EpochRow[] = [];
  readonly newSeries: Series[] = [];
  readonly newNumbers: { row: EpochRow; number: number; series: Series }[] = [];
  readonly catalogues: StoredCatalogue[] = [];
  readonly cursors: { row: EpochRow; cursor: CursorState }[] = [];
  /** Records that come to a journal's rows and to its gaps. */
  readonly counts = new Map<EpochRow, { readonly stored: number; readonly declared: number }>();
  readonly #epochs = new Map<string, EpochRow>();
  readonly #series = new Map<string, Series>();
  readonly #numbers = new Map<EpochRow, Map<number, Series>>();

  constructor(base: Registry) {
    this.#base = base;
  }

  epoch(gateway: GatewayId, epoch: Epoch): EpochRow {
    const key = epochKey(gateway, epoch);
    const known = this.#base.epochs.get(key) ?? this.#epochs.get(key);
    if (known) return known;
    const row: EpochRow = {
      id: this.#base.nextEpochId() + this.newEpochs.length,
      gateway,
      cursor: { epoch, next: 0, chain: NO_CHAIN, catalogue: 0, boots: [] },
      numbers: new Map(),
    };
    this.#epochs.set(key, row);
    this.newEpochs.push(row);
    return row;
  }

  /** Where the journal stands with what is staged. */
  cursorOf(row: EpochRow): CursorState {
    return this.cursors.findLast((each) => each.row === row)?.cursor ?? row.cursor;
  }

  /** All journals of a gateway, staged ones included. */
  epochsOf(gateway: GatewayId): readonly EpochRow[] {
    return [...this.#base.epochsOf(gateway), ...this.newEpochs.filter((row) => row.gateway === gateway)];
  }

  /** What a batch adds: to be asked before its cursor is staged. */
  count(row: EpochRow, { frames, cursor }: ArchiveBatch): void {
    const { stored, declared } = this.counts.get(row) ?? { stored: 0, declared: 0 };
    const records = frames.reduce((sum, { header }) => sum + header.count, 0);
    const moved = cursor.next - this.cursorOf(row).next;
    this.counts.set(row, { stored: stored + records, declared: declared + moved - records });
  }

  find(row: EpochRow, number: number): Series | undefined {
    return this.#numbers.get(row)?.get(number) ?? row.numbers.get(number);
  }

  adopt(row: EpochRow, catalogue: Catalogue): void {
    for (const entry of catalogue.points) this.#adoptEntry(row, entry);
    const held = this.#newest(row.gateway);
    if (held && held.epoch === row.id && held.catalogue.version > catalogue.version) return;
    this.catalogues.push({ gateway: row.gateway, epoch: row.id, catalogue });
  }

  #adoptEntry(row: EpochRow, entry: CatalogueEntry): void {
    const wanted = { gateway: row.gateway, ...entry, unit: entry.unit ?? '' };
    const key = seriesKey(wanted);
    if (this.find(row, entry.number) === (this.#base.series.get(key) ?? this.#series.get(key) ?? null)) return;
    const series = this.#base.series.get(key) ?? this.#series.get(key) ?? this.#addSeries(key, wanted);
    this.newNumbers.push({ row, number: entry.number, series });
    const numbers = this.#numbers.get(row) ?? new Map<number, Series>();
    this.#numbers.set(row, numbers.set(entry.number, series));
  }

  #addSeries(key: string, { gateway, device, point, kind, unit }: Omit<Series, 'id'>): Series {
    const id = this.#base.nextSeriesId() + this.newSeries.length;
    const series: Series = { id, gateway, device, point, kind, unit };
    this.#series.set(key, series);
    this.newSeries.push(series);
    return series;
  }

  #newest(gateway: GatewayId): StoredCatalogue | undefined {
    return this.catalogues.findLast((stored) => stored.gateway === gateway) ?? this.#base.catalogues.get(gateway);
  }
}

function epochKey(gateway: GatewayId, epoch: Epoch): string {
  return `${gateway}/${epoch}`;
}

function seriesKey({ gateway, device, point, kind, unit }: Omit<Series, 'id'>): string {
  return `${gateway}/${device}/${point}/${kind}/${unit}`;
}
