import { type DecodedFrame, decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import type { Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import { isFault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { Journal, JournalSettings } from './journal.ts';

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

/** Undefined for a frame that nobody can decode. */
function oldestStamp(bytes: Uint8Array): UnixMs | undefined {
  let frame: DecodedFrame;
  try {
    frame = decodeFrame(Buffer.from(bytes));
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
  if (frame.kind === 'events') return Math.min(...frame.events.map(({ at }) => at));
  return Math.min(...frame.columns.map(({ times }) => times[0] ?? Number.POSITIVE_INFINITY));
}
