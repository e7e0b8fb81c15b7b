import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { EpochLog } from './epoch-log.ts';
import type { ReadFrame } from './segment.ts';

/** So much is read before the segment is let go. */
const PART_BYTES = 1024 * 1024;

/**
 * The frames from `from` on that begin below `to`, read part by part: between parts no segment is held, so that a reader who takes
 * his time keeps none from being trimmed. `pause` is awaited between parts.
 */
export async function* readParts(
  log: EpochLog,
  { from, to, pause }: { from: Seq; to: Seq; pause?: (() => Promise<void>) | undefined },
): AsyncIterable<ReadFrame> {
  for (let at: Seq | undefined = from; at !== undefined; ) {
    const part: ReadFrame[] = [];
    at = await readPart(log, { from: at, to }, part);
    yield* part;
    if (at !== undefined) await pause?.();
  }
}

/** Answers where the next part begins; undefined after the last. */
async function readPart(
  log: EpochLog,
  { from, to }: { from: Seq; to: Seq },
  part: ReadFrame[],
): Promise<Seq | undefined> {
  let bytes = 0;
  for await (const read of log.read(from)) {
    if (read.state === 'whole') {
      const { first, count } = read.key;
      if (first >= to) return undefined;
      part.push(read);
      bytes += read.frame.bytes.length;
      if (bytes >= PART_BYTES) return first + count;
    } else part.push(read);
  }
  return undefined;
}
