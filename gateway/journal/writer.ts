import type { JournalEvent } from '../../cloud-sync/protocol/events.ts';
import type { Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Outcome, UnixMs } from '../../core/reading.ts';
import { isAbort } from '../../core/service.ts';
import { CommitTrigger, type Urgency } from './commit-trigger.ts';
import { Committer } from './committer.ts';
import type { Epochs } from './epochs.ts';
import type { GapLedger } from './gap-ledger.ts';
import { Pending } from './pending.ts';
import { sealFrames } from './seal.ts';
import type { Upkeep } from './upkeep.ts';

/** What may wait in memory while the disk refuses; more is counted and dropped: it never entered the journal. */
const MAX_PENDING = 500_000;
const MAX_PENDING_BYTES = 32 * 1024 * 1024;

const HOUSEKEEPING_MS = 60_000;

/** After the stop, a disk that refuses gets this long. */
const LAST_WRITE_MS = 2000;

/** Where a record stands. */
export interface RecordPlace {
  readonly epoch: Epoch;
  readonly seq: Seq;
}

/** One of the two is called, if the journal gets that far. */
export interface EventOptions {
  readonly urgent?: boolean;
  /** Told the event's number once it is on the disk. */
  readonly onNumber?: (place: RecordPlace) => void;
  /** The journal takes nothing more, or its disk refused to the end: the event never enters it. */
  readonly onDropped?: () => void;
}

export interface WriterDeps {
  readonly epochs: Epochs;
  readonly upkeep: Upkeep;
  readonly ledger: GapLedger;
  readonly boot: number;
  /** Milliseconds and bytes. */
  readonly settings: { readonly commitInterval: number; readonly commitBytes: number };
  readonly clock: Clock;
  readonly log: Log;
  readonly catalogue: number;
}

/** With fewer records in a commit, the 17 kB of its sync are more than a card should be written with for each of them. */
const SOON_RECORDS = 200;

/** Gathers records and commits them, one commit at a time; keeps house in between. */
export class Writer {
  readonly #deps: WriterDeps;
  readonly #committer: Committer;
  readonly #trigger: CommitTrigger;
  readonly #pending: Pending;
  readonly #listeners = new Set<() => void>();
  /** Events whose number somebody waits for: how many records stand before each in the next commit. */
  readonly #awaited: (Pick<EventOptions, 'onDropped'> &
    Required<Pick<EventOptions, 'onNumber'>> & { readonly offset: number })[] = [];
  /** Aborts when a disk that refuses is given up. */
  readonly #patience = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  /** Records that the commit under way has taken. */
  #underWay = 0;
  #dropped = 0;
  #isRunning = false;
  #workingSince: number | undefined;

  constructor(deps: WriterDeps) {
    this.#deps = deps;
    const { epochs, upkeep, ledger, clock, log } = deps;
    this.#committer = new Committer(clock, log, {
      current: () => epochs.current,
      makeRoom: (error) => upkeep.makeRoom(error),
      closeToDisplace: (mark) => upkeep.closeToDisplace(mark, this.#patience.signal),
      leaveDamaged: (mark) => upkeep.leaveDamaged(mark, this.#patience.signal),
      declareLost: (from, to) => ledger.declare({ epoch: epochs.current.epoch, from, to, reason: 'journal-damaged' }),
    });
    this.#trigger = new CommitTrigger(clock);
    this.#pending = new Pending(deps.catalogue, () => !clock.synchronised());
  }

  /** Records that never entered the journal because the disk refused for too long. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A write failed and has not been repaired yet. */
  get failing(): boolean {
    return this.#committer.failing;
  }

  /** Milliseconds since the last step of a write that has not ended, or since one was due and none began. A refused write is a step. */
  get stalledMs(): number {
    const { clock, settings } = this.#deps;
    if (this.#workingSince !== undefined) return clock.ticks() - Math.max(this.#workingSince, this.#committer.triedAt);
    return this.#isRunning ? this.#trigger.overdueMs(settings.commitInterval) : 0;
  }

  reading(point: number, at: UnixMs, outcome: Outcome): void {
    if (this.#isFull()) return;
    this.#pending.reading(point, at, outcome);
    this.#trigger.note(this.#pending.bytes >= this.#deps.settings.commitBytes ? 'now' : this.#patientUrgency);
  }

  event(event: JournalEvent, options: EventOptions): void {
    const { urgent = false, onNumber, onDropped } = options;
    if (this.#isFull()) {
      onDropped?.();
      return;
    }
    if (onNumber) this.#awaited.push({ offset: this.#pending.records, onNumber, ...(onDropped ? { onDropped } : {}) });
    this.#pending.event(event);
    this.#trigger.note(urgent ? 'now' : this.#patientUrgency);
  }

  /** Readings from now on refer to this catalogue, which no frame can hold. */
  refer(catalogue: number): void {
    this.#pending.refer(catalogue);
  }

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Does `work` while nothing is committed. The signal aborts when a disk that refuses is given up. */
  alone<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      this.#workingSince = this.#deps.clock.ticks();
      try {
        return await work(this.#patience.signal);
      } finally {
        this.#workingSince = undefined;
      }
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Runs until the signal aborts and what came before is written. True if all of it is on the disk. */
  async run(signal: AbortSignal): Promise<boolean> {
    const { clock, settings, upkeep } = this.#deps;
    // What came before the stop is written even then; a disk that refuses for long is given up.
    let cancel: () => void = () => {};
    const limit = () => {
      cancel = clock.after(LAST_WRITE_MS, () => this.#patience.abort());
    };
    if (signal.aborted) limit();
    signal.addEventListener('abort', limit, { once: true });
    let housekeepingAt = 0;
    this.#isRunning = true;
    do {
      await this.#trigger.due(settings.commitInterval, signal);
      await this.#commitOrGiveUp();
      if (clock.ticks() < housekeepingAt) continue;
      housekeepingAt = clock.ticks() + HOUSEKEEPING_MS;
      await this.alone(() => upkeep.keepHouse());
    } while (!signal.aborted);
    this.#isRunning = false;
    const whole = await this.#commitOrGiveUp();
    cancel();
    signal.removeEventListener('abort', limit);
    await this.alone(() => upkeep.keepHouse());
    return whole;
  }

  /** Commits at once what was given so far; resolves when it is on the disk. */
  async flush(): Promise<void> {
    const { epochs, clock } = this.#deps;
    const upTo = epochs.mark.next + this.#underWay + this.#pending.records;
    this.#trigger.note('now');
    while (epochs.mark.next < upTo) await clock.sleep(1);
  }

  get #patientUrgency(): Urgency {
    return this.#pending.records >= SOON_RECORDS ? 'soon' : 'late';
  }

  #isFull(): boolean {
    const full = this.#pending.records >= MAX_PENDING || this.#pending.bytes >= MAX_PENDING_BYTES;
    if (full) this.#dropped += 1;
    return full;
  }

  async #commitOrGiveUp(): Promise<boolean> {
    const { records } = this.#pending;
    try {
      await this.alone((signal) => this.#commit(signal));
      return true;
    } catch (error) {
      if (!isAbort(error, this.#patience.signal)) throw error;
      this.#dropped += records;
      this.#deps.log.error({ records }, 'the disk refused to the end: these records never entered the journal');
      return false;
    }
  }

  async #commit(signal: AbortSignal): Promise<void> {
    if (this.#pending.records === 0) return;
    const { epochs, upkeep, boot, log } = this.#deps;
    const { epoch } = epochs.current;
    const from = epochs.mark;
    const { frames, mark } = sealFrames(this.#pending.take(), from, { epoch, boot });
    const awaited = this.#awaited.splice(0);
    this.#underWay = mark.next - from.next;
    try {
      await upkeep.reserve(mark.next, signal);
      await upkeep.rollIfDue(from, signal);
      await this.#committer.write({ frames, from, to: mark }, signal);
    } catch (error) {
      for (const { onDropped } of awaited) onDropped?.();
      throw error;
    } finally {
      this.#underWay = 0;
    }
    epochs.advance(mark);
    upkeep.written(frames.reduce((sum, { bytes }) => sum + bytes.length, 0));
    log.debug({ epoch, from: from.next, next: mark.next }, 'journalled');
    for (const { offset, onNumber } of awaited) onNumber({ epoch, seq: from.next + offset });
    for (const listener of this.#listeners) listener();
  }
}
