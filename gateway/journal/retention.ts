import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { UnixMs } from '../../core/reading.ts';

/** Sizes in bytes, times in milliseconds. */
export interface RetentionSettings {
  readonly maxBytes: number;
  readonly maxAge: number;
  /** Confirmed readings stay this long, size permitting: a hub restored from a backup fetches them again. */
  readonly keepConfirmed: number;
  /** Free space on the disk that is never used. */
  readonly minFree: number;
}

export interface ClosedSegment {
  readonly next: Seq;
  readonly confirmed: boolean;
  readonly bytes: number;
  readonly closedAt: UnixMs;
}

export interface RetentionState {
  /** Oldest first, over all epochs; the one being written is not among them. */
  readonly closed: readonly ClosedSegment[];
  /** Bytes of the segment being written. */
  readonly openBytes: number;
  readonly freeBytes: number;
  readonly now: UnixMs;
}

/** How many of the oldest closed segments go. Whole segments, oldest first, so what is lost is one run of numbers. */
export function segmentsToTrim(state: RetentionState, settings: RetentionSettings): number {
  let total = state.closed.reduce((sum, { bytes }) => sum + bytes, state.openBytes);
  let free = state.freeBytes;
  let count = 0;
  for (const segment of state.closed) {
    const age = state.now - segment.closedAt;
    const spent = segment.confirmed && age > settings.keepConfirmed;
    const tight = total > settings.maxBytes || free < settings.minFree;
    if (!spent && !tight && age <= settings.maxAge) break;
    total -= segment.bytes;
    free += segment.bytes;
    count += 1;
  }
  return count;
}
