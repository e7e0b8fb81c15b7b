import type { EpochState, Outbox, StoredFrame } from '../../cloud-sync/edge-hub/outbox.ts';
import type { Catalogue } from '../../cloud-sync/protocol/catalogue.ts';
import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import type { Chain, Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Outcome, UnixMs } from '../../core/reading.ts';
import type { Service } from '../../core/service.ts';
import { CommitTrigger, Committer } from './committer.ts';
import type { EpochLog } from './epoch-log.ts';
import type { Mark } from './frame-key.ts';
import { GapLedger } from './gap-ledger.ts';
import type { EpochRecord, Meta } from './meta.ts';
import { Pending } from './pending.ts';
import type { RetentionSettings } from './retention.ts';
import { sealFrames } from './seal.ts';
import { Trimmer } from './trimmer.ts';

/** Bytes and milliseconds. */
export interface JournalSettings extends RetentionSettings {
  readonly commitInterval: number;
  readonly commitBytes: number;
}

export interface JournalDeps {
  readonly meta: Meta;
  /** Oldest first; the last is written to. */
  readonly epochs: readonly EpochLog[];
  readonly boot: number;
  /** Bytes of the segment being written, as it was found. */
  readonly newestBytes: number;
  readonly settings: JournalSettings;
  readonly clock: Clock;
  readonly log: Log;
}

/** A segment is closed at this size or age. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
const SEGMENT_MS = 86_400_000;

/** Numbers are reserved ahead of use in steps of this size. */
const RESERVE = 65_536;

/** Readings that may wait in memory while the disk refuses; more are counted and dropped: they never entered the journal. */
const MAX_PENDING = 500_000;

const HOUSEKEEPING_MS = 60_000;

/** Records on disk at the edge, numbered, until the hub has confirmed them. `openJournal` makes one. */
export class Journal implements Outbox, Service {
  readonly name = 'journal';
  readonly #deps: JournalDeps;
  readonly #current: EpochLog;
  readonly #committer: Committer;
  readonly #trigger: CommitTrigger;
  readonly #ledger: GapLedger;
  readonly #trimmer: Trimmer;
  readonly #pending: Pending;
  readonly #confirmed = new Map<Epoch, Seq>();
  readonly #marks = new Map<Epoch, Mark>();
  readonly #listeners = new Set<() => void>();
  #catalogue: Catalogue | null;
  #segment = { bytes: 0, since: 0 };
  #dropped = 0;

  constructor(deps: JournalDeps, marks: ReadonlyMap<Epoch, Mark>) {
    this.#deps = deps;
    const { meta, epochs, clock, log, settings } = deps;
    this.#current = epochs.at(-1) as EpochLog;
    this.#committer = new Committer(this.#current, clock, log);
    this.#trigger = new CommitTrigger(clock);
    this.#ledger = new GapLedger(meta);
    this.#trimmer = new Trimmer({ meta, ledger: this.#ledger, clock, log, settings });
    this.#catalogue = meta.get('catalogue');
    this.#pending = new Pending(this.#catalogue?.version ?? 0);
    for (const [epoch, mark] of marks) this.#marks.set(epoch, mark);
    for (const record of meta.get('epochs')) this.#confirmed.set(record.epoch, record.confirmed);
    this.#segment = { bytes: deps.newestBytes, since: clock.now() };
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

  event(event: JournalEvent, options: { urgent?: boolean } = {}): void {
    this.#pending.event(event);
    this.#trigger.note(options.urgent ?? false);
  }

  /** The catalogue that readings from now on refer to. */
  async publish(catalogue: Catalogue): Promise<void> {
    this.#catalogue = catalogue;
    await this.#deps.meta.set({ catalogue });
    this.event({ event: 'catalogue', at: this.#deps.clock.now(), catalogue }, { urgent: true });
  }

  async run(signal: AbortSignal): Promise<void> {
    let housekeepingAt = 0;
    while (!signal.aborted) {
      await this.#trigger.due(this.#deps.settings.commitInterval, signal);
      // What came before the stop is written even then; a disk that refuses now is given up.
      await this.#commit(signal.aborted ? AbortSignal.timeout(2000) : signal);
      if (this.#deps.clock.ticks() < housekeepingAt) continue;
      housekeepingAt = this.#deps.clock.ticks() + HOUSEKEEPING_MS;
      await this.#keepHouse();
    }
    await this.#keepHouse();
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
      const record = this.#record(log.epoch);
      const boots = record.boots.map(([boot, at, hash]): [number, Seq, Chain] => [boot, at, hash]);
      return { epoch: log.epoch, floor: log.floor, next, chain, confirmed: this.confirmedBelow(log.epoch), boots };
    });
  }

  async *frames(epoch: Epoch, from: Seq): AsyncIterable<StoredFrame> {
    const log = this.#find(epoch);
    for await (const read of log.read(from)) {
      if (read.state === 'whole') {
        yield read.frame;
        continue;
      }
      const { first, count } = read.key;
      this.#deps.log.error({ epoch, first, count }, 'a stored frame is damaged: declared lost');
      await this.#ledger.declare({ epoch, from: first, to: first + count, reason: 'journal-damaged' });
    }
  }

  chainAt(epoch: Epoch, seq: Seq): Promise<Chain | undefined> {
    const mark = this.#marks.get(epoch);
    return mark?.next === seq ? Promise.resolve(mark.chain) : this.#find(epoch).chainAt(seq);
  }

  async confirm(epoch: Epoch, next: Seq): Promise<void> {
    this.#confirmed.set(epoch, Math.max(next, this.confirmedBelow(epoch)));
    await this.#ledger.confirmed(epoch, next);
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
    const sealed = this.#deps.meta.get('seals').filter(({ trimmed }) => !trimmed);
    return sealed.reduce((sum, { bytes }) => sum + bytes, this.#segment.bytes);
  }

  confirmedBelow(epoch: Epoch): Seq {
    return this.#confirmed.get(epoch) ?? 0;
  }

  async #commit(signal: AbortSignal): Promise<void> {
    if (this.#pending.records === 0) return;
    const context = { epoch: this.epoch, boot: this.boot, clockUncertain: !this.#deps.clock.synchronised() };
    const from = this.#mark;
    const { frames, mark } = sealFrames(this.#pending.take(), from, context);
    await this.#reserve(mark.next, signal);
    await this.#rollIfDue(from.next);
    await this.#committer.write({ frames, from, to: mark }, signal);
    this.#marks.set(this.epoch, mark);
    this.#segment.bytes += frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#deps.log.debug({ epoch: this.epoch, from: from.next, next: mark.next }, 'journalled');
    for (const listener of this.#listeners) listener();
  }

  async #reserve(upTo: Seq, signal: AbortSignal): Promise<void> {
    const record = this.#record(this.epoch);
    if (upTo <= record.reserved) return;
    const reserved = upTo + RESERVE;
    await this.#retryMeta(() => this.#saveEpoch({ ...record, reserved }), signal);
  }

  async #retryMeta(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        this.#deps.log.warn({ error: String(error) }, 'writing beside the journal fails');
        await this.#deps.clock.sleep(1000, signal);
      }
    }
  }

  async #rollIfDue(next: Seq): Promise<void> {
    const { clock, meta } = this.#deps;
    const old = clock.now() - this.#segment.since >= SEGMENT_MS;
    if ((this.#segment.bytes < SEGMENT_BYTES && !old) || next === this.#current.newestFirst) return;
    const seal = {
      epoch: this.epoch,
      first: this.#current.newestFirst,
      next,
      chain: this.#mark.chain,
      bytes: this.#segment.bytes,
      closedAt: clock.now(),
    };
    await this.#current.roll(next);
    await meta.set({ seals: [...meta.get('seals'), seal] });
    this.#segment = { bytes: 0, since: clock.now() };
  }

  async #keepHouse(): Promise<void> {
    const record = this.#record(this.epoch);
    const confirmed = this.confirmedBelow(this.epoch);
    if (record.confirmed !== confirmed) await this.#saveEpoch({ ...record, confirmed });
    await this.#trimmer.trim(this.#current, confirmed, this.#segment.bytes);
  }

  async #saveEpoch(changed: EpochRecord): Promise<void> {
    const epochs = this.#deps.meta.get('epochs').map((each) => (each.epoch === changed.epoch ? changed : each));
    await this.#deps.meta.set({ epochs });
  }

  get #mark(): Mark {
    return this.#marks.get(this.epoch) as Mark;
  }

  #record(epoch: Epoch): EpochRecord {
    return this.#deps.meta.get('epochs').find((each) => each.epoch === epoch) as EpochRecord;
  }

  #find(epoch: Epoch): EpochLog {
    const found = this.#deps.epochs.find((log) => log.epoch === epoch);
    if (found === undefined) throw new TypeError(`no epoch ${epoch} in this journal`);
    return found;
  }
}
