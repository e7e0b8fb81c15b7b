import type { Archive, ArchiveBatch, CursorState, Told } from '../../cloud-sync/cloud-hub/archive.ts';
import { mergeBoots } from '../../cloud-sync/cloud-hub/history.ts';
import { Sessions } from '../../cloud-sync/cloud-hub/sessions.ts';
import type { Catalogue } from '../../cloud-sync/protocol/catalogue.ts';
import type { DecodedFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import { documentSchema } from '../../cloud-sync/protocol/document.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import { parseMessage } from '../../cloud-sync/protocol/messages.ts';
import { type Epoch, NO_CHAIN, type Seq } from '../../cloud-sync/protocol/numbers.ts';
import { quietLog } from '../../core/log.ts';
import { checkOrder } from '../../monitor/archive/batch-order.ts';
import type { SimNetwork } from './sim-network.ts';
import { SimProcess, type SimTime } from './sim-time.ts';

type Random = () => number;

export interface ArchiveFaults {
  /** Share of transactions that fail; half of them are stored all the same. */
  failing: number;
  /** Answers before the transaction is committed. For negative controls. */
  answersEarly: boolean;
  /** Drops frames that are not younger than what it has. For negative controls. */
  dropsByTime: boolean;
}

/** What the hub has of one journal. */
export interface Held {
  readonly gateway: string;
  readonly epoch: Epoch;
  cursor: CursorState;
  readonly numbers: Set<number>;
  readonly frames: DecodedFrame[];
  readonly gaps: Map<number, Gap>;
}

/** The archive: transactions, each of them whole or not there. */
export class SimArchive {
  readonly faults: ArchiveFaults = { failing: 0, answersEarly: false, dropsByTime: false };
  readonly #time: SimTime;
  readonly #random: Random;
  #held = new Map<string, Held>();
  #generation = 0;

  constructor(time: SimTime, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  all(): readonly Held[] {
    return [...this.#held.values()];
  }

  nextOf(epoch: Epoch): Seq {
    return this.all().find((held) => held.epoch === epoch)?.cursor.next ?? 0;
  }

  /** A backup, to be given to `restore`. */
  backup(): ReadonlyMap<string, Held> {
    return new Map([...this.#held].map(([key, held]) => [key, copyOf(held)]));
  }

  restore(backup: ReadonlyMap<string, Held>): void {
    this.#held = new Map([...backup].map(([key, held]) => [key, copyOf(held)]));
    this.#generation++;
  }

  /** As one process of the hub sees it. */
  attach(owner: SimProcess): Archive {
    const wait = () => this.#time.sleep(owner, 1 + this.#random() * 20);
    return {
      identity: async () => ({ hub: 'hub', generation: String(this.#generation) }),
      cursors: async (gateway) => {
        await wait();
        const own = this.all().filter((held) => held.gateway === gateway);
        return own.map(({ cursor, numbers }) => ({ ...cursor, numbers: new Set(numbers) }));
      },
      tell: async (told) => {
        await wait();
        this.#tell(told);
        await wait();
      },
      append: async (batches) => {
        if (this.faults.answersEarly) {
          this.#time.after(owner, 150, () => this.#store(batches));
          return;
        }
        await wait();
        const fails = this.#random() < this.faults.failing;
        if (fails && this.#random() < 0.5) throw new Error('simulated: not stored');
        this.#store(batches);
        if (fails) throw new Error('simulated: stored, and reported as failed');
        await wait();
      },
    };
  }

  #tell({ gateway, epochs, open }: Told): void {
    for (const { epoch, next, boots, hardware } of epochs) {
      const held = this.#held.get(keyOf({ gateway, epoch })) ?? {
        ...{ gateway, epoch, numbers: new Set<number>(), frames: [], gaps: new Map<number, Gap>() },
        cursor: { epoch, next: 0, chain: NO_CHAIN, catalogue: 0, boots: [] },
      };
      this.#held.set(keyOf(held), held);
      const { cursor } = held;
      const told = Math.max(cursor.told ?? 0, next);
      const more = hardware === undefined ? {} : { hardware };
      held.cursor = { ...cursor, ...more, told, boots: mergeBoots(cursor.boots, boots), closed: false };
      for (const [from, gap] of held.gaps) if (gap.reason === 'epoch-lost') held.gaps.delete(from);
    }
    for (const held of this.all()) {
      const { epoch, cursor } = held;
      if (held.gateway !== gateway || open === undefined || open.has(epoch) || cursor.closed) continue;
      const { next: from, told = 0 } = cursor;
      held.cursor = { ...cursor, closed: true };
      if (told > from) held.gaps.set(from, { epoch, from, to: told, reason: 'epoch-lost' });
    }
  }

  #store(batches: readonly ArchiveBatch[]): void {
    for (const batch of batches) checkOrder(batch, this.#held.get(keyOf(batch))?.cursor.next ?? 0);
    for (const batch of batches) this.#storeOne(batch);
  }

  #storeOne(batch: ArchiveBatch): void {
    const { gateway, epoch, cursor, gaps, catalogue } = batch;
    const held: Held = this.#held.get(keyOf(batch)) ?? {
      ...{ gateway, epoch, cursor, numbers: new Set(), frames: [], gaps: new Map() },
    };
    this.#held.set(keyOf(batch), held);
    held.cursor = { ...held.cursor, ...cursor };
    if (catalogue) learn(held, catalogue);
    for (const frame of batch.frames) {
      if (frame.kind === 'events') {
        for (const event of frame.events) if (event.event === 'catalogue') learn(held, event.catalogue);
      }
      if (!this.faults.dropsByTime || newest(frame) > newestOf(held)) held.frames.push(frame);
    }
    for (const gap of gaps) held.gaps.set(gap.from, gap);
  }
}

function keyOf({ gateway, epoch }: { gateway: string; epoch: string }): string {
  return `${gateway}/${epoch}`;
}

function copyOf(held: Held): Held {
  return { ...held, numbers: new Set(held.numbers), frames: [...held.frames], gaps: new Map(held.gaps) };
}

function learn(held: Held, catalogue: Catalogue): void {
  for (const { number } of catalogue.points) held.numbers.add(number);
}

function newestOf({ frames }: Held): number {
  return frames.reduce((most, frame) => Math.max(most, newest(frame)), Number.NEGATIVE_INFINITY);
}

function newest(frame: DecodedFrame): number {
  if (frame.kind === 'events') return Math.max(...frame.events.map(({ at }) => at));
  return Math.max(...frame.columns.map(({ times }) => times.at(-1) ?? 0));
}

/** The hub's process: the real sessions over the archive and the network. */
export class SimHub {
  readonly #time: SimTime;
  readonly #archive: SimArchive;
  readonly #network: SimNetwork;
  #process: SimProcess | undefined;

  constructor(time: SimTime, archive: SimArchive, network: SimNetwork) {
    this.#time = time;
    this.#archive = archive;
    this.#network = network;
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  start(): void {
    const process = new SimProcess('hub');
    this.#process = process;
    const sessions = new Sessions({
      archive: this.#archive.attach(process),
      clock: this.#time.clockFor(process),
      log: quietLog,
      events: { onFrames() {}, onLive() {}, onStatus() {}, onSession() {}, onCloned() {}, onRefused() {} },
      send: (gateway, kind, payload) => {
        if (process.alive) this.#network.send(gateway, kind, payload);
      },
      renewBefore: () => 0,
      wanted: async () => 0,
    });
    this.#network.serve({
      process,
      connected: (gateway) => sessions.connected(gateway),
      disconnected: (gateway, replaced) => sessions.disconnected(gateway, replaced),
      receive(gateway, kind, payload) {
        sessions.heard(gateway);
        if (kind === 'hello') sessions.onHello(gateway, payload);
        else if (kind === 'frame') void sessions.onFrame(gateway, payload);
        else if (kind === 'document') {
          const part = parseMessage(documentSchema, payload);
          if (part) sessions.onCatalogue(gateway, part);
        }
      },
    });
  }

  kill(): void {
    if (this.#process) this.#process.alive = false;
    this.#process = undefined;
    this.#network.serve(undefined);
  }
}
