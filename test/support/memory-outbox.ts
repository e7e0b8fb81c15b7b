import { randomBytes } from 'node:crypto';
import type { EpochState, HubIdentity, Outbox, StoredFrame } from '../../cloud-sync/edge-hub/outbox.ts';
import type { Catalogue } from '../../cloud-sync/protocol/catalogue.ts';
import { ColumnBuilder } from '../../cloud-sync/protocol/column-builder.ts';
import { encodeReadings } from '../../cloud-sync/protocol/columns.ts';
import { encodeEvents } from '../../cloud-sync/protocol/event-body.ts';
import { chainAfter, encodeFrame } from '../../cloud-sync/protocol/frame.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import { type Chain, type Epoch, NO_CHAIN, type Seq } from '../../cloud-sync/protocol/numbers.ts';
import { good } from '../../core/reading.ts';

interface Frame extends StoredFrame {
  readonly chain: Chain;
  readonly kind: 'readings' | 'events';
  readonly body: Uint8Array;
  readonly catalogue: number;
}

interface OldEpoch {
  readonly state: EpochState;
  readonly frames: readonly Frame[];
}

/** A catalogue of so many numbers. */
export function catalogueOf(points: number, version = 1): Catalogue {
  return {
    version,
    site: 'Test',
    timezone: 'Etc/UTC',
    devices: [{ name: 'meter', title: {}, class: 'other', channel: 'bus' }],
    points: Array.from({ length: points }, (_, number) => ({
      number,
      device: 'meter',
      point: `p${number}`,
      title: {},
      kind: 'number' as const,
      type: 'float64',
      writable: false,
    })),
    rules: [],
  };
}

/**
 * A journal in memory, real frames and chains: point p of record n holds n, so that every value names its place (until it is
 * moved to another epoch). Older epochs are read-only.
 */
export class MemoryOutbox implements Outbox {
  epoch: Epoch = randomBytes(16).toString('hex');
  boots: [number, Seq, Chain][] = [[1, 0, NO_CHAIN]];
  readonly confirmed = new Map<Epoch, Seq>();
  readonly confirmations: Seq[] = [];
  declared: Gap[] = [];
  knownHub: HubIdentity | null = null;
  readonly partings: { readonly epoch: Epoch; readonly at: Seq; readonly moved: number }[] = [];
  #old: OldEpoch[] = [];
  #hidden: Gap[] = [];
  #frames: Frame[] = [];
  #next = 0;
  #chain = NO_CHAIN;
  #floor = 0;
  readonly #listeners = new Set<() => void>();
  readonly #catalogue: Catalogue;

  constructor(points = 10) {
    this.#catalogue = catalogueOf(points);
  }

  get next(): Seq {
    return this.#next;
  }

  /** The catalogue as an event, which must come before the first readings. */
  writeCatalogue(): this {
    this.#add(
      1,
      'events',
      encodeEvents([{ event: 'catalogue', at: 1_793_491_200_000, catalogue: this.#catalogue }]),
      0,
    );
    return this;
  }

  /** One frame: so many points, each one reading whose value is the record's number. */
  writeReadings(points = 10): void {
    const builder = new ColumnBuilder();
    const at = 1_793_491_200_000 + this.#next;
    for (let point = 0; point < points; point++) builder.add(point, at, good(this.#next + point));
    this.#add(points, 'readings', encodeReadings(builder.columns()), this.#catalogue.version);
  }

  /** A frame whose checksum is right and whose body is nonsense. */
  writePoison(count = 3): void {
    this.#add(count, 'readings', Buffer.from('nonsense'), this.#catalogue.version);
  }

  #add(count: number, kind: 'readings' | 'events', body: Uint8Array, catalogue: number): void {
    const header = { kind, epoch: this.epoch, first: this.#next, count, catalogue, boot: 1, chain: this.#chain };
    const bytes = encodeFrame({ ...header, clockUncertain: false }, body);
    this.#frames.push({ first: this.#next, count, bytes, chain: this.#chain, kind, body, catalogue });
    this.#next += count;
    this.#chain = chainAfter(bytes);
    for (const listener of this.#listeners) listener();
  }

  /** Retention: everything below is gone, and declared if so wished. */
  trim(floor: Seq, declare = false): void {
    const from = this.#floor;
    this.#frames = this.#frames.filter(({ first }) => first >= floor);
    this.#floor = this.#frames[0]?.first ?? this.#next;
    const lost = Math.max(from, this.confirmed.get(this.epoch) ?? 0);
    if (!declare || lost >= this.#floor) return;
    const others = this.declared.filter((gap) => gap.to !== lost);
    const before = this.declared.find((gap) => gap.to === lost);
    const gap: Gap = { epoch: this.epoch, from: before?.from ?? lost, to: this.#floor, reason: 'retention' };
    this.declared = [...others, { ...gap, points: { 0: gap.to - gap.from } }];
  }

  /** Damage: the frame that holds the number is lost, and declared if so wished, at once or when reading finds it. */
  lose(seq: Seq, declare: boolean | 'when-read'): void {
    const lost = this.#frames.find(({ first, count }) => first <= seq && seq < first + count);
    if (lost === undefined) throw new RangeError('no such frame');
    this.#frames = this.#frames.filter((frame) => frame !== lost);
    const { first: from, count } = lost;
    const gap: Gap = { epoch: this.epoch, from, to: from + count, reason: 'journal-damaged' };
    if (declare === 'when-read') this.#hidden.push(gap);
    else if (declare) this.declared.push(gap);
  }

  /** A twin of this journal as it is now, that goes its own way: a cloned card, a restored image. */
  clone(restarted = true): MemoryOutbox {
    const copy = new MemoryOutbox(this.#catalogue.points.length);
    copy.epoch = this.epoch;
    copy.#old = [...this.#old];
    copy.#frames = [...this.#frames];
    copy.#next = this.#next;
    copy.#chain = this.#chain;
    copy.#floor = this.#floor;
    for (const [epoch, next] of this.confirmed) copy.confirmed.set(epoch, next);
    copy.boots = [...this.boots];
    if (restarted) copy.boots.push([this.boots.length + 1, this.#next, this.#chain]);
    return copy;
  }

  /** The card is in other hardware now: what is written goes to a new epoch. */
  beginEpoch(): void {
    const { epoch, boots } = this;
    const state = { epoch, floor: this.#floor, next: this.#next, chain: this.#chain, confirmed: 0, boots };
    this.#old.push({ state, frames: this.#frames });
    this.epoch = randomBytes(16).toString('hex');
    this.boots = [[this.boots.length + 1, 0, NO_CHAIN]];
    this.#frames = [];
    this.#next = 0;
    this.#chain = NO_CHAIN;
    this.#floor = 0;
  }

  async part(epoch: Epoch, at: Seq): Promise<void> {
    if (epoch !== this.epoch) throw new RangeError('only the newest can part here');
    const moved = this.#frames.filter(({ first }) => first >= at);
    this.partings.push({ epoch, at, moved: moved.reduce((sum, { count }) => sum + count, 0) });
    this.#frames = this.#frames.filter(({ first }) => first < at);
    this.#chain = moved[0]?.chain ?? this.#chain;
    this.#next = at;
    this.boots = this.boots.filter(([, next]) => next < at);
    this.beginEpoch();
    for (const { count, kind, body, catalogue } of moved) this.#add(count, kind, body, catalogue);
  }

  hub(): HubIdentity | null {
    return this.knownHub;
  }

  async setHub(hub: HubIdentity): Promise<void> {
    this.knownHub = hub;
  }

  epochs(): readonly EpochState[] {
    const { epoch, boots } = this;
    const confirmed = this.confirmed.get(epoch) ?? 0;
    const newest = { epoch, floor: this.#floor, next: this.#next, chain: this.#chain, confirmed, boots };
    const old = this.#old.map(({ state }) => ({ ...state, confirmed: this.confirmed.get(state.epoch) ?? 0 }));
    return [...old.filter(({ next, confirmed: done }) => done < next), newest];
  }

  async *frames(epoch: Epoch, from: Seq): AsyncIterable<StoredFrame> {
    // By number, not by place: retention may take frames while they are read.
    let next = from;
    for (;;) {
      const frame = this.#framesOf(epoch).find(({ first, count }) => first + count > next);
      if (frame === undefined) break;
      next = frame.first + frame.count;
      yield frame;
    }
    const found = this.#hidden.filter((gap) => gap.epoch === epoch);
    this.#hidden = this.#hidden.filter((gap) => gap.epoch !== epoch);
    this.declared.push(...found);
  }

  async chainAt(epoch: Epoch, seq: Seq): Promise<Chain | undefined> {
    const end = this.epochs().find((state) => state.epoch === epoch);
    return seq === end?.next ? end.chain : this.#framesOf(epoch).find(({ first }) => first === seq)?.chain;
  }

  #framesOf(epoch: Epoch): readonly Frame[] {
    return epoch === this.epoch ? this.#frames : (this.#old.find(({ state }) => state.epoch === epoch)?.frames ?? []);
  }

  async confirm(epoch: Epoch, next: Seq): Promise<void> {
    this.confirmations.push(next);
    this.confirmed.set(epoch, next);
    // The hub has recorded what is declared below.
    this.declared = this.declared.filter((gap) => gap.epoch !== epoch || gap.to > next);
  }

  gaps(): readonly Gap[] {
    return this.declared;
  }

  async republishCatalogue(): Promise<void> {
    this.writeCatalogue();
  }

  catalogue(): Catalogue {
    return this.#catalogue;
  }

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
