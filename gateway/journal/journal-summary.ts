import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import type { Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { Journal, JournalSettings } from './journal.ts';
import type { LastVerified, UncleanEnds } from './meta.ts';
import { oldestStamp } from './stamps.ts';

/** What `sluice journal status` shows. Sizes in bytes, times in milliseconds. */
export interface JournalSummary {
  readonly epochs: readonly {
    readonly epoch: Epoch;
    readonly floor: Seq;
    readonly next: Seq;
    readonly confirmed: Seq;
  }[];
  readonly boot: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** A power cut can take at most the readings of this long. */
  readonly commitIntervalMs: number;
  readonly oldestUnsent: UnixMs | null;
  /** Declared losses that the hub has not heard of yet. */
  readonly gaps: readonly Gap[];
  /** A write failed and has not been repaired yet. */
  readonly failing: boolean;
  /** Bytes that may still be written to its disk. */
  readonly freeBytes: number;
  /** Is there a reserve of space for declaring losses on a full disk? A stopped journal shows none. */
  readonly ballast: boolean;
  /** Ends without an orderly close, and what the last of them may have taken. */
  readonly uncleanEnds: UncleanEnds;
  /** The newest walk over the sealed segments; null before the first. */
  readonly lastVerified: LastVerified | null;
}

export async function summariseJournal(journal: Journal, settings: JournalSettings): Promise<JournalSummary> {
  return {
    epochs: journal.epochs().map(({ epoch, floor, next, confirmed }) => ({ epoch, floor, next, confirmed })),
    boot: journal.boot,
    bytes: journal.bytes,
    maxBytes: settings.maxBytes,
    commitIntervalMs: settings.commitInterval,
    oldestUnsent: await oldestUnsent(journal),
    gaps: journal.gaps(),
    failing: journal.failing,
    freeBytes: await journal.freeBytes(),
    ballast: journal.hasBallast,
    uncleanEnds: journal.uncleanEnds(),
    lastVerified: journal.lastVerified(),
  };
}

/** Stamp of the oldest record that the hub lacks; null if it has all. */
export async function oldestUnsent(journal: Journal): Promise<UnixMs | null> {
  for (const { epoch, confirmed, next } of journal.epochs()) {
    if (confirmed === next) continue;
    for await (const { bytes } of journal.frames(epoch, confirmed)) {
      const at = oldestStamp(bytes);
      if (at !== undefined) return at;
    }
  }
  return null;
}

/** Records not confirmed by the hub, over all epochs. */
export function backlogOf(journal: Journal): number {
  return journal.epochs().reduce((sum, { next, confirmed, floor }) => sum + next - Math.max(confirmed, floor), 0);
}
