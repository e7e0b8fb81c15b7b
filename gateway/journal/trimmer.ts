import { type DecodedFrame, decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import { isFault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import type { Disk } from './disk.ts';
import type { EpochLog } from './epoch-log.ts';
import type { GapLedger } from './gap-ledger.ts';
import type { Meta, SegmentSeal } from './meta.ts';
import { type RetentionSettings, segmentsToTrim } from './retention.ts';

export interface TrimmerDeps {
  readonly meta: Meta;
  readonly ledger: GapLedger;
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

  async trim(epoch: EpochLog, confirmed: Seq, openBytes: number): Promise<void> {
    const { meta, disk, clock, settings } = this.#deps;
    const seals = meta.get('seals').filter((seal) => seal.epoch === epoch.epoch && !seal.trimmed);
    const count = segmentsToTrim(
      {
        closed: seals.map((seal) => ({ ...seal, confirmed: seal.next <= confirmed })),
        openBytes,
        freeBytes: await disk.free(epoch.folder),
        // A clock that nobody has set says nothing about age: a jump must not throw readings away.
        now: clock.synchronised() ? clock.now() : Number.NEGATIVE_INFINITY,
      },
      settings,
    );
    for (const seal of seals.slice(0, count)) {
      if (!(await this.#trimOne(epoch, seal, confirmed))) return;
    }
  }

  async #trimOne(epoch: EpochLog, seal: SegmentSeal, confirmed: Seq): Promise<boolean> {
    const { meta, ledger, log } = this.#deps;
    if (seal.next > confirmed) {
      const from = Math.max(seal.first, confirmed);
      const points = await countByPoint(epoch, from, seal.next);
      log.warn({ from, to: seal.next }, 'unsent readings displaced: the journal is full or too old');
      await ledger.declare({ epoch: epoch.epoch, from, to: seal.next, reason: 'retention', points });
    }
    if (!(await epoch.trimOldest(seal.first))) return false;
    const isIt = (each: SegmentSeal) => each.epoch === seal.epoch && each.first === seal.first;
    await meta.set(() => ({
      seals: meta.get('seals').map((each) => (isIt(each) ? { ...each, trimmed: true } : each)),
    }));
    return true;
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
