import { type DecodedFrame, decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import { isFault } from '../../core/faults.ts';
import type { UnixMs } from '../../core/reading.ts';

/** Stamp of the oldest record of a frame; undefined for one that nobody can decode. */
export function oldestStamp(bytes: Uint8Array): UnixMs | undefined {
  return stampOf(bytes, Math.min);
}

/** Stamp of the newest record of a frame; undefined for one that nobody can decode. */
export function newestStamp(bytes: Uint8Array): UnixMs | undefined {
  return stampOf(bytes, Math.max);
}

/** The times of a column rise, unless the clock was set back: its first and last are looked at. */
function stampOf(bytes: Uint8Array, pick: (...stamps: number[]) => number): UnixMs | undefined {
  let frame: DecodedFrame;
  try {
    frame = decodeFrame(Buffer.from(bytes));
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
  const stamps =
    frame.kind === 'events'
      ? frame.events.map(({ at }) => at)
      : frame.columns.flatMap(({ times }) => [times[0] as number, times.at(-1) as number]);
  return stamps.length === 0 ? undefined : pick(...stamps);
}
