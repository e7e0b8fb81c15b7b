import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { EpochLog } from './epoch-log.ts';
import type { Mark } from './frame-key.ts';
import type { EpochRecord, Meta } from './meta.ts';
import type { Trimmer } from './trimmer.ts';

/** A segment is closed at this size or age. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
const SEGMENT_MS = 86_400_000;

/** Numbers are reserved ahead of use in steps of this size. */
const RESERVE = 65_536;

export interface UpkeepOptions {
  readonly meta: Meta;
  readonly current: EpochLog;
  readonly trimmer: Trimmer;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes of the segment being written, as it was found. */
  readonly newestBytes: number;
}

/** What the journal does besides writing frames: reserves numbers, rolls segments, trims, notes what is confirmed. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #segment: { bytes: number; since: number };

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#segment = { bytes: options.newestBytes, since: options.clock.now() };
  }

  /** Bytes of frames on disk. */
  get bytes(): number {
    const sealed = this.#options.meta.get('seals').filter(({ trimmed }) => !trimmed);
    return sealed.reduce((sum, { bytes }) => sum + bytes, this.#segment.bytes);
  }

  written(bytes: number): void {
    this.#segment.bytes += bytes;
  }

  /** Resolves when no number below `upTo` is used without the journal knowing. Rejects only when the signal aborts. */
  async reserve(upTo: Seq, signal: AbortSignal): Promise<void> {
    if (upTo <= this.#record.reserved) return;
    await this.#untilDone(() => this.#saveEpoch({ reserved: upTo + RESERVE }), signal);
  }

  async rollIfDue({ next, chain }: Mark, signal: AbortSignal): Promise<void> {
    const { clock, meta, current } = this.#options;
    const { epoch, newestFirst: first } = current;
    const old = clock.now() - this.#segment.since >= SEGMENT_MS;
    if ((this.#segment.bytes < SEGMENT_BYTES && !old) || next === first) return;
    const seal = { epoch, first, next, chain, bytes: this.#segment.bytes, closedAt: clock.now() };
    try {
      await current.roll(next);
    } catch (error) {
      // A full disk: the old one takes more until there is room for a new one.
      this.#warn(error);
      return;
    }
    this.#segment = { bytes: 0, since: clock.now() };
    await this.#untilDone(() => meta.set(() => ({ seals: [...meta.get('seals'), seal] })), signal);
  }

  /** What fails here is tried again the next time; it never stops the journal. */
  async keepHouse(confirmed: Seq): Promise<void> {
    const { trimmer, current } = this.#options;
    try {
      if (this.#record.confirmed !== confirmed) await this.#saveEpoch({ confirmed });
      await trimmer.trim(current, confirmed, this.#segment.bytes);
    } catch (error) {
      this.#warn(error);
    }
  }

  async #untilDone(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        this.#warn(error);
        await this.#options.clock.sleep(1000, signal);
      }
    }
  }

  get #record(): EpochRecord {
    const { meta, current } = this.#options;
    return meta.get('epochs').find(({ epoch }) => epoch === current.epoch) as EpochRecord;
  }

  async #saveEpoch(changes: Partial<EpochRecord>): Promise<void> {
    const { meta, current } = this.#options;
    const isIt = ({ epoch }: EpochRecord) => epoch === current.epoch;
    await meta.set(() => ({ epochs: meta.get('epochs').map((each) => (isIt(each) ? { ...each, ...changes } : each)) }));
  }

  #warn(error: unknown): void {
    this.#options.log.warn({ error: String(error) }, 'the upkeep of the journal fails');
  }
}
