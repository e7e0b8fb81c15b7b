import { type DecodedFrame, decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import { isFault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import type { Disk } from './disk.ts';
import type { EpochLog } from './epoch-log.ts';
import type { Epochs } from './epochs.ts';
import type { GapLedger } from './gap-ledger.ts';
import type { Meta, SegmentSeal } from './meta.ts';
import { type RetentionSettings, segmentsToTrim } from './retention.ts';

/** So many epochs are named to the hub. */
const KEPT_EPOCHS = 20;

export interface TrimmerDeps {
  readonly meta: Meta;
  readonly ledger: GapLedger;
  readonly epochs: Epochs;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: RetentionSettings;
}

/** Lets the oldest segments go when they are spent or space is short. What the hub lacks is declared first, by name and number. */
export class Trimmer {
  readonly #deps: TrimmerDeps;

  constructor(deps: TrimmerDeps) {
    this.#deps = deps;
  }

  /** `openBytes`: of the segment being written. */
  async trim(openBytes: number): Promise<void> {
    const { disk, epochs, clock, settings } = this.#deps;
    const seals = this.#closed();
    const count = segmentsToTrim(
      {
        closed: seals.map((seal) => ({ ...seal, confirmed: seal.next <= epochs.confirmedBelow(seal.epoch) })),
        openBytes,
        freeBytes: await disk.free(epochs.current.folder),
        // A clock that nobody has set says nothing about age: a jump must not throw readings away.
        now: clock.synchronised() ? clock.now() : Number.NEGATIVE_INFINITY,
      },
      settings,
    );
    for (const seal of seals.slice(0, count)) {
      if (!(await this.#trimOne(seal))) break;
    }
    await this.#forgetSpent();
  }

  /** On a full disk: the oldest go until `wanted` bytes are free. False if there was none that could go. */
  async displace(wanted: number): Promise<boolean> {
    const { disk, epochs } = this.#deps;
    let went = false;
    for (const seal of this.#closed()) {
      if (went && (await disk.free(epochs.current.folder)) >= wanted) break;
      if (!(await this.#trimOne(seal))) break;
      went = true;
    }
    return went;
  }

  /** Closed segments that are still there, oldest first, over all epochs. */
  #closed(): SegmentSeal[] {
    const { meta, epochs } = this.#deps;
    return epochs.all.flatMap(({ epoch }) => meta.get('seals').filter((seal) => seal.epoch === epoch && !seal.trimmed));
  }

  async #trimOne(seal: SegmentSeal): Promise<boolean> {
    const { meta, ledger, epochs, log } = this.#deps;
    const { epoch, first, next } = seal;
    const segments = epochs.find(epoch);
    const confirmed = epochs.confirmedBelow(epoch);
    if (next > confirmed) {
      const from = Math.max(first, confirmed);
      const points = await countByPoint(segments, from, next);
      log.warn({ epoch, from, to: next }, 'unsent readings displaced: the journal is full or too old');
      await ledger.declare({ epoch, from, to: next, reason: 'retention', points });
    }
    if (!(await segments.trimOldest(first))) return false;
    const isIt = (each: SegmentSeal) => each.epoch === epoch && each.first === first;
    await meta.set(() => ({
      seals: meta.get('seals').map((each) => (isIt(each) ? { ...each, trimmed: true } : each)),
    }));
    return true;
  }

  /**
   * Epochs that have ended go when the hub has all of them, nothing of them is left here, and many came after them. Until then they are
   * named: a hub that was restored from a backup must hear of what it lacks, to declare it.
   */
  async #forgetSpent(): Promise<void> {
    const { meta, epochs, disk } = this.#deps;
    for (const log of epochs.all.slice(0, -KEPT_EPOCHS)) {
      const { epoch, firsts, folder } = log;
      const { end } = epochs.record(epoch);
      const hubHasIt = end !== undefined && epochs.confirmedBelow(epoch) >= end.next;
      if (!hubHasIt || firsts.length > 0 || log.isRead) continue;
      await meta.set(() => ({
        epochs: meta.get('epochs').filter((each) => each.epoch !== epoch),
        seals: meta.get('seals').filter((each) => each.epoch !== epoch),
        gaps: meta.get('gaps').filter((each) => each.epoch !== epoch),
      }));
      epochs.forget(epoch);
      await log.close();
      await disk.remove(folder);
    }
  }
}

async function countByPoint(epoch: EpochLog, from: Seq, to: Seq): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for await (const read of epoch.read(from)) {
    if (read.state === 'damaged') continue;
    if (read.key.first >= to) break;
    const decoded = decodeOrNothing(read.frame.bytes);
    if (decoded?.kind !== 'readings') continue;
    for (const column of decoded.columns) counts[column.point] = (counts[column.point] ?? 0) + column.times.length;
  }
  return counts;
}

/** A frame that nobody can decode is lost all the same; only its points stay unnamed. */
function decodeOrNothing(bytes: Uint8Array): DecodedFrame | undefined {
  try {
    return decodeFrame(Buffer.from(bytes));
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
}
