import { randomBytes } from 'node:crypto';
import type { EpochState, Outbox, StoredFrame } from '../../cloud-sync/edge-hub/outbox.ts';
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

/** A journal in memory, real frames and chains: point p of record n holds n, so that every value names its place. */
export class MemoryOutbox implements Outbox {
  epoch: Epoch = randomBytes(16).toString('hex');
  boots: [number, Seq, Chain][] = [[1, 0, NO_CHAIN]];
  readonly confirmed = new Map<Epoch, Seq>();
  readonly confirmations: Seq[] = [];
  declared: Gap[] = [];
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
    this.#frames.push({ first: this.#next, count, bytes, chain: this.#chain });
    this.#next += count;
    this.#chain = chainAfter(bytes);
    for (const listener of this.#listeners) listener();
  }

  /** Retention: everything below is gone. */
  trim(floor: Seq): void {
    this.#frames = this.#frames.filter(({ first }) => first >= floor);
    this.#floor = this.#frames[0]?.first ?? this.#next;
  }

  /** Damage: the frame that holds the number is lost, and declared if so wished. */
  lose(seq: Seq, declare: boolean): void {
    const lost = this.#frames.find(({ first, count }) => first <= seq && seq < first + count);
    if (lost === undefined) throw new RangeError('no such frame');
    this.#frames = this.#frames.filter((frame) => frame !== lost);
    const { first: from, count } = lost;
    if (declare) this.declared.push({ epoch: this.epoch, from, to: from + count, reason: 'journal-damaged' });
  }

  /** A twin of this journal as it is now, that goes its own way: a cloned card, a restored image. */
  clone(): MemoryOutbox {
    const copy = new MemoryOutbox(this.#catalogue.points.length);
    copy.epoch = this.epoch;
    copy.#frames = [...this.#frames];
    copy.#next = this.#next;
    copy.#chain = this.#chain;
    copy.#floor = this.#floor;
    copy.boots = [...this.boots, [this.boots.length + 1, this.#next, this.#chain]];
    return copy;
  }

  epochs(): readonly EpochState[] {
    const { epoch, boots } = this;
    const confirmed = this.confirmed.get(epoch) ?? 0;
    return [{ epoch, floor: this.#floor, next: this.#next, chain: this.#chain, confirmed, boots }];
  }

  async *frames(_epoch: Epoch, from: Seq): AsyncIterable<StoredFrame> {
    for (let at = 0; ; at++) {
      const frame = this.#frames[at];
      if (frame === undefined) return;
      if (frame.first + frame.count > from) yield frame;
    }
  }

  async chainAt(_epoch: Epoch, seq: Seq): Promise<Chain | undefined> {
    return seq === this.#next ? this.#chain : this.#frames.find(({ first }) => first === seq)?.chain;
  }

  async confirm(epoch: Epoch, next: Seq): Promise<void> {
    this.confirmations.push(next);
    this.confirmed.set(epoch, Math.max(next, this.confirmed.get(epoch) ?? 0));
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
