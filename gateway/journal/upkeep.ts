import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Epochs } from './epochs.ts';
import type { Mark } from './frame-key.ts';
import type { EpochRecord, Meta, SegmentSeal } from './meta.ts';
import { type Ballast, isFull, WANTED_BYTES } from './room.ts';
import type { SetAside } from './set-aside.ts';
import type { Trimmer } from './trimmer.ts';

/** A segment is closed at this size or age. */
const MOST_SEGMENT_BYTES = 64 * 1024 * 1024;
const SEGMENT_MS = 86_400_000;

/** A journal has room for so many segments at least, so that little is displaced at a time. */
const SEGMENTS = 8;

/** Numbers are reserved ahead of use in steps of this size. */
export const RESERVE = 65_536;

export interface UpkeepOptions {
  readonly meta: Meta;
  readonly epochs: Epochs;
  readonly trimmer: Trimmer;
  readonly ballast: Ballast;
  readonly setAside: SetAside | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Of all frames: what retention allows. */
  readonly maxBytes: number;
  /** Bytes of the segment being written, as it was found. */
  readonly newestBytes: number;
}

/** What the journal does besides writing frames: reserves numbers, rolls segments, trims, notes what is confirmed, finds room. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  /** A segment is closed when it holds so many bytes. */
  readonly segmentBytes: number;
  #segment: { bytes: number; since: number };

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.segmentBytes = Math.min(MOST_SEGMENT_BYTES, Math.ceil(options.maxBytes / SEGMENTS));
    this.#segment = { bytes: options.newestBytes, since: options.clock.now() };
  }

  /** Bytes of frames on disk. */
  get bytes(): number {
    const sealed = this.#options.meta.get('seals').filter(({ trimmed }) => !trimmed);
    return sealed.reduce((sum, { bytes }) => sum + bytes, this.#segment.bytes);
  }

  /** Bytes of the segment being written. */
  get newestBytes(): number {
    return this.#segment.bytes;
  }

  written(bytes: number): void {
    this.#segment.bytes += bytes;
  }

  /** Another segment is written, which holds so many bytes already. */
  begun(bytes: number): void {
    this.#segment = { bytes, since: this.#options.clock.now() };
  }

  /** Resolves when no number below `upTo` is used without the journal knowing. Rejects only when the signal aborts. */
  async reserve(upTo: Seq, signal: AbortSignal): Promise<void> {
    const { epochs } = this.#options;
    if (upTo <= epochs.record(epochs.current.epoch).reserved) return;
    await this.#untilDone(() => this.#saveEpochs({ reserved: upTo + RESERVE }), signal);
  }

  async rollIfDue(mark: Mark, signal: AbortSignal): Promise<void> {
    const old = this.#options.clock.now() - this.#segment.since >= SEGMENT_MS;
    if (this.#segment.bytes >= this.segmentBytes || old) await this.#roll(mark, signal);
  }

  /** What fails here is tried again the next time; it never stops the journal. */
  async keepHouse(): Promise<void> {
    const { trimmer, ballast } = this.#options;
    try {
      await this.#saveEpochs({});
      await trimmer.trim(this.#segment.bytes);
      await ballast.make();
    } catch (error) {
      this.#warn(error);
      if (isFull(error)) await this.makeRoom(error);
    }
  }

  /** After a write failed. On a full disk the ballast goes, so that losses can be declared, then the oldest segments. */
  async makeRoom(error: unknown): Promise<void> {
    if (!isFull(error)) return;
    try {
      await this.#options.ballast.drop();
      await this.#options.setAside?.clear();
      await this.#options.trimmer.displace(WANTED_BYTES);
    } catch (failure) {
      this.#warn(failure);
    }
  }

  /** The disk is full and nothing closed is left: what is being written is closed at `mark`, so that it can go the next time. */
  async closeToDisplace(mark: Mark, signal: AbortSignal): Promise<void> {
    const closed = this.#options.meta.get('seals').some(({ trimmed }) => !trimmed);
    if (!closed) await this.#roll(mark, signal);
  }

  /** The segment being written cannot be trusted any more: another one begins at `mark`. */
  async leaveDamaged(mark: Mark, signal: AbortSignal): Promise<void> {
    const { epochs, log } = this.#options;
    const { epoch, newestFirst } = epochs.current;
    log.error(
      { epoch, segment: newestFirst, next: mark.next },
      'the segment being written is damaged: another one begins',
    );
    await this.#roll(mark, signal);
  }

  async #roll(mark: Mark, signal: AbortSignal): Promise<void> {
    const { clock, meta, epochs } = this.#options;
    const { epoch, newestFirst: first } = epochs.current;
    if (mark.next === first) return;
    const seal: SegmentSeal = { epoch, first, ...mark, bytes: this.#segment.bytes, closedAt: clock.now() };
    try {
      await epochs.current.roll(mark.next);
    } catch (error) {
      // A full disk: the old one takes more until there is room for a new one.
      this.#warn(error);
      return;
    }
    this.begun(0);
    await this.#untilDone(() => meta.set(() => ({ seals: [...meta.get('seals'), seal] })), signal);
  }

  async #untilDone(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        this.#warn(error);
        await this.makeRoom(error);
        await this.#options.clock.sleep(1000, signal);
      }
    }
  }

  /** Notes what is confirmed, and for the current epoch what else changes. */
  async #saveEpochs(changes: Partial<EpochRecord>): Promise<void> {
    const { meta, epochs } = this.#options;
    const isNoted = (each: EpochRecord) => each.confirmed === epochs.confirmedBelow(each.epoch);
    if (Object.keys(changes).length === 0 && meta.get('epochs').every(isNoted)) return;
    await meta.set(() => ({
      epochs: meta.get('epochs').map((each) => ({
        ...each,
        confirmed: epochs.confirmedBelow(each.epoch),
        ...(each.epoch === epochs.current.epoch ? changes : {}),
      })),
    }));
  }

  #warn(error: unknown): void {
    this.#options.log.warn({ error: String(error) }, 'the upkeep of the journal fails');
  }
}
