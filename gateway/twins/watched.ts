import type { TwinWanted } from '../../cloud-sync/protocol/twins.ts';
import type { UnixMs } from '../../core/reading.ts';
import type { PointState } from '../point-state.ts';
import type { Seen } from './twin-step.ts';

/** After a write that could not be made; twice as long after each more, since each try is kept on the card: a lock may be closed for weeks. */
const AGAIN_MS = 10_000;
/** A point that shows what is wanted, but from before it was, is waited for so long and then written: some are read each hour. */
const READ_WITHIN_MS = 10_000;

/** What a process knows of a point and does not keep. */
export interface Watched {
  /** Monotonic milliseconds: not written before. */
  notBefore: number;
  againMs: number;
  /** Readings until then say nothing about the last write. */
  writtenAt: UnixMs;
  seen: Seen | undefined;
  /** Monotonic milliseconds: until then a reading may show that nothing needs to be written. */
  readBy: number | undefined;
}

export function watchedSince(writtenAt: UnixMs): Watched {
  return { notBefore: 0, againMs: AGAIN_MS, writtenAt, seen: undefined, readBy: undefined };
}

/** Whether a device has to be written that may hold already what is wanted. `ticks`: monotonic milliseconds. */
export function needOf(
  wanted: TwinWanted,
  { newest, newestAt }: Pick<PointState, 'newest' | 'newestAt'>,
  watched: Watched,
  ticks: number,
): 'held' | 'wait' | 'write' {
  if (newest === undefined) return 'wait';
  if (newest.quality === 'bad' || newest.value !== wanted.value) return 'write';
  if (newestAt > Math.max(wanted.at, watched.writtenAt)) return 'held';
  watched.readBy ??= ticks + READ_WITHIN_MS;
  return ticks < watched.readBy ? 'wait' : 'write';
}
