import type { EpochState, Outbox, StoredFrame } from '../../cloud-sync/edge-hub/outbox.ts';
import type { Catalogue } from '../../cloud-sync/protocol/catalogue.ts';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import type { Chain, Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Outcome, UnixMs } from '../../core/reading.ts';
import { isAbort, type Service } from '../../core/service.ts';
import { CommitTrigger, Committer } from './committer.ts';
import type { Disk } from './disk.ts';
import type { EpochLog } from './epoch-log.ts';
import type { Mark } from './frame-key.ts';
import { GapLedger } from './gap-ledger.ts';
import type { Meta } from './meta.ts';
import { Pending } from './pending.ts';
import { readFrames } from './read-frames.ts';
import type { RetentionSettings } from './retention.ts';
import { fitsFrame, sealFrames } from './seal.ts';
import { Trimmer } from './trimmer.ts';
import { Upkeep } from './upkeep.ts';

/** Bytes and milliseconds. */
export interface JournalSettings extends RetentionSettings {
  readonly commitInterval: number;
  readonly commitBytes: number;
}

export interface JournalDeps {
  readonly meta: Meta;
  readonly disk: Disk;
  /** Oldest first; the last is written to. */
  readonly epochs: readonly EpochLog[];
  readonly boot: number;
  /** Bytes of the segment being written, as it was found. */
  readonly newestBytes: number;
  readonly settings: JournalSettings;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where a record stands. */
export interface RecordPlace {
  readonly epoch: Epoch;
  readonly seq: Seq;
}

/** Readings that may wait in memory while the disk refuses; more are counted and dropped: they never entered the journal. */
const MAX_PENDING = 500_000;

const HOUSEKEEPING_MS = 60_000;

/** After the stop, a disk that refuses gets this long. */
const LAST_WRITE_MS = 2000;

/** Records on disk at the edge, numbered, until the hub has confirmed them. `openJournal` makes one. */
export class Journal implements Outbox, Service {
  readonly name = 'journal';
  readonly #deps: JournalDeps;
  readonly #current: EpochLog;
  readonly #committer: Committer;
  readonly #trigger: CommitTrigger;
  readonly #ledger: GapLedger;
  readonly #upkeep: Upkeep;
  readonly #pending: Pending;
  readonly #confirmed = new Map<Epoch, Seq>();
  readonly #marks = new Map<Epoch, Mark>();
  readonly #listeners = new Set<() => void>();
  /** Events whose number somebody waits for: how many records stand before each in the next commit. */
  readonly #awaited: { readonly offset: number; readonly onNumber: (place: RecordPlace) => void }[] = [];
  #catalogue: Catalogue | null;
  #dropped = 0;

  constructor(deps: JournalDeps, marks: ReadonlyMap<Epoch, Mark>) {
    this.#deps = deps;
    const { meta, disk, epochs, clock, log, settings } = deps;
    this.#current = epochs.at(-1) as EpochLog;
    this.#ledger = new GapLedger(meta);
    this.#committer = new Committer(this.#current, clock, log, (from, to) =>
      this.#ledger.declare({ epoch: this.epoch, from, to, reason: 'journal-damaged' }),
    );
    this.#trigger = new CommitTrigger(clock);
    const trimmer = new Trimmer({ meta, ledger: this.#ledger, disk, clock, log, settings });
    this.#upkeep = new Upkeep({ meta, current: this.#current, trimmer, clock, log, newestBytes: deps.newestBytes });
    this.#catalogue = meta.get('catalogue');
    this.#pending = new Pending(this.#catalogue?.version ?? 0, () => !clock.synchronised());
    for (const [epoch, mark] of marks) this.#marks.set(epoch, mark);
    for (const record of meta.get('epochs')) this.#confirmed.set(record.epoch, record.confirmed);
  }

  get epoch(): Epoch {
    return this.#current.epoch;
  }

  get boot(): number {
    return this.#deps.boot;
  }

  /** Readings that never entered the journal because the disk refused for too long. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A write failed and has not been repaired yet. */
  get failing(): boolean {
    return this.#committer.failing;
  }

  /** Next number to be used: everything below is on the disk. */
  get next(): Seq {
    return this.#mark.next;
  }

  reading(point: number, at: UnixMs, outcome: Outcome): void {
    if (this.#pending.records >= MAX_PENDING) {
      this.#dropped += 1;
      return;
    }
    this.#pending.reading(point, at, outcome);
    this.#trigger.note(this.#pending.bytes >= this.#deps.settings.commitBytes);
  }

  /** `onNumber`: told the event's number once it is on the disk. */
  event(event: JournalEvent, options: { urgent?: boolean; onNumber?: (place: RecordPlace) => void } = {}): void {
    const { onNumber } = options;
    if (onNumber) this.#awaited.push({ offset: this.#pending.records, onNumber });
    this.#pending.event(event);
    this.#trigger.note(options.urgent ?? false);
  }

  /** The catalogue that readings from now on refer to. */
  async publish(catalogue: Catalogue): Promise<void> {
    this.#catalogue = catalogue;
    await this.#deps.meta.set(() => ({ catalogue }));
    const event = { event: 'catalogue', at: this.#deps.clock.now(), catalogue } as const;
    // A hub that lacks it asks for it, and gets it in parts.
    if (fitsFrame(event)) this.event(event, { urgent: true });
    else this.#pending.refer(catalogue.version);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, settings } = this.#deps;
    // What came before the stop is written even then; a disk that refuses for long is given up.
    const patience = new AbortController();
    let cancel: () => void = () => {};
    const limit = () => {
      cancel = clock.after(LAST_WRITE_MS, () => patience.abort());
    };
    if (signal.aborted) limit();
    signal.addEventListener('abort', limit, { once: true });
    let housekeepingAt = 0;
    do {
      await this.#trigger.due(settings.commitInterval, signal);
      await this.#commitOrGiveUp(patience.signal);
      if (clock.ticks() < housekeepingAt) continue;
      housekeepingAt = clock.ticks() + HOUSEKEEPING_MS;
      await this.#upkeep.keepHouse(this.confirmedBelow(this.epoch));
    } while (!signal.aborted);
    await this.#commitOrGiveUp(patience.signal);
    cancel();
    signal.removeEventListener('abort', limit);
    await this.#upkeep.keepHouse(this.confirmedBelow(this.epoch));
  }

  /** Commits at once what was given so far; resolves when it is on the disk. */
  async flush(): Promise<void> {
    const upTo = this.next + this.#pending.records;
    this.#trigger.note(true);
    while (this.next < upTo) await this.#deps.clock.sleep(1);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#deps.epochs, this.#deps.meta].map((each) => each.close()));
  }

  // Outbox: what the uplink needs.

  epochs(): readonly EpochState[] {
    return this.#deps.epochs.map((log) => {
      const { next, chain } = this.#marks.get(log.epoch) as Mark;
      const record = this.#deps.meta.get('epochs').find((each) => each.epoch === log.epoch);
      const boots = (record?.boots ?? []).map(([boot, at, hash]): [number, Seq, Chain] => [boot, at, hash]);
      return { epoch: log.epoch, floor: log.floor, next, chain, confirmed: this.confirmedBelow(log.epoch), boots };
    });
  }

  async *frames(epoch: Epoch, from: Seq): AsyncIterable<StoredFrame> {
    const stored = this.#marks.get(epoch)?.next ?? 0;
    const options = { from, stored, ledger: this.#ledger, log: this.#deps.log };
    try {
      yield* readFrames(this.#find(epoch), options);
    } catch (error) {
      // The handle is being mended: what is there, a later reading finds.
      if (!this.failing) throw error;
    }
  }

  async chainAt(epoch: Epoch, seq: Seq): Promise<Chain | undefined> {
    const mark = this.#marks.get(epoch);
    if (mark?.next === seq) return mark.chain;
    const seal = this.#deps.meta.get('seals').find((each) => each.epoch === epoch && each.next === seq);
    return (await this.#find(epoch).chainAt(seq)) ?? seal?.chain;
  }

  async confirm(epoch: Epoch, next: Seq): Promise<void> {
    this.#confirmed.set(epoch, Math.max(next, this.confirmedBelow(epoch)));
    // May lag: the hub says it again.
    await this.#ledger.confirmed(epoch, next).catch((error: unknown) => {
      this.#deps.log.warn({ error: String(error) }, 'what is confirmed could not be noted');
    });
  }

  gaps(): readonly Gap[] {
    return this.#ledger.all();
  }

  /** The catalogue of the last start, if there was one. */
  knownCatalogue(): Catalogue | null {
    return this.#catalogue;
  }

  catalogue(): Catalogue {
    if (this.#catalogue === null) throw new TypeError('the catalogue is published before the first session');
    return this.#catalogue;
  }

  async republishCatalogue(): Promise<void> {
    await this.publish(this.catalogue());
  }

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Bytes of frames on disk. */
  get bytes(): number {
    return this.#upkeep.bytes;
  }

  confirmedBelow(epoch: Epoch): Seq {
    return this.#confirmed.get(epoch) ?? 0;
  }

  async #commitOrGiveUp(signal: AbortSignal): Promise<void> {
    const { records } = this.#pending;
    try {
      await this.#commit(signal);
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
      this.#dropped += records;
      this.#deps.log.error({ records }, 'the disk refused to the end: these records never entered the journal');
    }
  }

  async #commit(signal: AbortSignal): Promise<void> {
    if (this.#pending.records === 0) return;
    const context = { epoch: this.epoch, boot: this.boot };
    const from = this.#mark;
    const { epoch } = this;
    const { frames, mark } = sealFrames(this.#pending.take(), from, context);
    const awaited = this.#awaited.splice(0);
    await this.#upkeep.reserve(mark.next, signal);
    await this.#upkeep.rollIfDue(from, signal);
    await this.#committer.write({ frames, from, to: mark }, signal);
    this.#marks.set(this.epoch, mark);
    this.#upkeep.written(frames.reduce((sum, { bytes }) => sum + bytes.length, 0));
    this.#deps.log.debug({ epoch: this.epoch, from: from.next, next: mark.next }, 'journalled');
    for (const { offset, onNumber } of awaited) onNumber({ epoch, seq: from.next + offset });
    for (const listener of this.#listeners) listener();
  }

  get #mark(): Mark {
    return this.#marks.get(this.epoch) as Mark;
  }

  #find(epoch: Epoch): EpochLog {
    const found = this.#deps.epochs.find((log) => log.epoch === epoch);
    if (found === undefined) throw new TypeError(`no epoch ${epoch} in this journal`);
    return found;
  }
}
