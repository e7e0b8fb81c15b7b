import { NO_CHAIN, type Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Log } from '../../core/log.ts';
import type { EpochLog } from './epoch-log.ts';
import { type Mark, markAfter } from './frame-key.ts';
import { GapLedger } from './gap-ledger.ts';
import type { Meta } from './meta.ts';

/** What the segment being written looked like when it was opened. */
export interface Tail {
  readonly bytes: number;
  /** After its last whole frame. */
  readonly wholeTo: Seq;
  /** The last thing in it is whole: the key that tells where the journal stands can be trusted. */
  readonly isWhole: boolean;
}

/** Reads the newest segment once: its size, and whether its frames are whole and follow one another. */
export async function walk(epoch: EpochLog, log: Log): Promise<Tail> {
  let bytes = 0;
  let wholeTo = epoch.newestFirst;
  let isWhole = true;
  for await (const read of epoch.read(epoch.newestFirst)) {
    isWhole = read.state === 'whole';
    if (read.state === 'damaged') continue;
    if (read.key.first !== wholeTo) log.error({ from: wholeTo, to: read.key.first }, 'the journal has a hole');
    bytes += read.frame.bytes.length;
    wholeTo = markAfter(read.key).next;
  }
  return { bytes, wholeTo, isWhole };
}

/**
 * Where numbering goes on. If the end cannot be read, or lies before what once was there, it goes on behind every number ever
 * used, in a segment of its own; what is missing is declared.
 */
export async function settleTail(epoch: EpochLog, tail: Tail, { meta, log }: { meta: Meta; log: Log }): Promise<Mark> {
  const mark = await epoch.mark();
  const record = meta.get('epochs').find((each) => each.epoch === epoch.epoch);
  const reached = Math.max(record?.confirmed ?? 0, record?.boots.at(-1)?.[1] ?? 0);
  const reserved = Math.max(record?.reserved ?? 0, reached);
  if (tail.isWhole && mark.next >= reached && mark.next <= reserved) return mark;
  const gap = { epoch: epoch.epoch, from: tail.wholeTo, to: reserved, reason: 'journal-damaged' as const };
  log.error({ ...gap }, 'the end of the journal is damaged: numbering goes on behind it');
  await new GapLedger(meta).declare(gap);
  if (reserved > epoch.newestFirst) await epoch.roll(reserved);
  return { next: reserved, chain: NO_CHAIN };
}
