import type { ArchiveBatch } from '../../cloud-sync/cloud-hub/archive.ts';
import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import { Fault } from '../../core/faults.ts';

/**
 * The last guard of "exactly once, in order": what a batch adds begins where the journal stands and ends at its cursor, and
 * what it leaves out is in its gaps.
 * @throws Fault out-of-sequence
 */
export function checkOrder({ gateway, epoch, frames, gaps, cursor }: ArchiveBatch, stored: Seq): void {
  let next = stored;
  const passGaps = (to: Seq) => {
    for (const gap of gaps) if (gap.epoch === epoch && gap.from <= next && next < gap.to && next < to) next = gap.to;
  };
  const expect = (seq: Seq) => {
    passGaps(seq);
    if (seq !== next) throw new Fault('out-of-sequence', `${gateway}: ${seq} does not follow ${next}`);
  };
  for (const { header } of frames) {
    expect(header.first);
    next += header.count;
  }
  expect(cursor.next);
}
