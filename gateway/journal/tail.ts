import { readHeader } from '../../cloud-sync/protocol/frame.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import { NO_CHAIN, type Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Log } from '../../core/log.ts';
import { EndCheck } from './end-check.ts';
import type { EpochLog } from './epoch-log.ts';
import type { Mark } from './frame-key.ts';
import { GapLedger } from './gap-ledger.ts';
import type { EpochRecord, Meta } from './meta.ts';

/** What the segment being written looked like when it was opened. */
export interface Tail {
  readonly bytes: number;
  /** After its last whole frame. */
  readonly wholeTo: Seq;
  /** No damaged frame in it can be its newest: the key that tells where the journal stands can be trusted. */
  readonly isWhole: boolean;
  /** The newest boot that wrote into it; 0 while it is empty. */
  readonly boot: number;
}

/** Reads the newest segment once: its size, and whether its frames are whole and follow one another. */
export async function walk(epoch: EpochLog, log: Log): Promise<Tail> {
  const end = new EndCheck(epoch.newestFirst);
  let bytes = 0;
  let boot = 0;
  // From the very first key: a flipped bit may have moved the newest frame before all others.
  for await (const read of epoch.readSegment(epoch.newestFirst, 0)) {
    if (read.state === 'whole') {
      const { key, frame } = read;
      if (key.first !== end.next) log.error({ from: end.next, to: key.first }, 'the journal has a hole');
      boot = Math.max(boot, readHeader(Buffer.from(frame.bytes)).boot);
      bytes += frame.bytes.length;
    }
    end.add(read);
  }
  return { bytes, wholeTo: end.next, isWhole: end.isWhole, boot };
}

/**
 * Where numbering goes on. If the end cannot be read, or lies before what once was there, it goes on behind every number ever
 * used, in a segment of its own; what is missing is declared. `mended`: the segment was repaired, which may have cost its end.
 */
export async function settleTail(
  epoch: EpochLog,
  tail: Tail,
  { meta, mended, log }: { meta: Meta; mended: boolean; log: Log },
): Promise<Mark> {
  const mark = await epoch.mark();
  const record = meta.get('epochs').find((each) => each.epoch === epoch.epoch);
  const end = cleanEndOf(epoch, meta);
  // Without a frame before it, only meta still knows the chain there.
  const places = [mark, end, startOf(record)].filter((place) => place !== undefined);
  const at = (next: Seq): Mark =>
    places.find((place) => place.next === next && place.chain !== NO_CHAIN) ?? { next, chain: NO_CHAIN };
  const reached = Math.max(record?.confirmed ?? 0, ...places.slice(1).map(({ next }) => next));
  // What was whole a moment ago can be damaged now: the mark is read a second time.
  const isEnd = tail.isWhole && mark.next === tail.wholeTo;
  if (isEnd && mark.next >= reached && (!mended || mark.next === end?.next)) {
    if (mended && mark.next > epoch.newestFirst) await epoch.roll(mark.next);
    return at(mark.next);
  }
  const next = Math.max(mark.next, tail.wholeTo, reached, end ? 0 : (record?.reserved ?? 0));
  await leave(epoch, { epoch: epoch.epoch, from: tail.wholeTo, to: next, reason: 'journal-damaged' }, { meta, log });
  return at(next);
}

async function leave(epoch: EpochLog, gap: Gap, { meta, log }: { meta: Meta; log: Log }): Promise<void> {
  log.error({ ...gap }, 'the end of the journal is damaged: numbering goes on behind it');
  if (gap.from < gap.to) await new GapLedger(meta).declare(gap);
  if (gap.to > epoch.newestFirst) await epoch.roll(gap.to);
}

/** Where the boot before this one left the epoch, if it ended in order and left word. */
function cleanEndOf({ epoch }: EpochLog, meta: Meta): Mark | undefined {
  const cleanEnd = meta.get('cleanEnd');
  if (cleanEnd?.boot !== meta.get('boot') || cleanEnd.epoch !== epoch) return undefined;
  const { next, chain } = cleanEnd;
  return next === undefined || chain === undefined ? undefined : { next, chain };
}

/** Where the boot before this one began. */
function startOf(record: EpochRecord | undefined): Mark | undefined {
  const [, next, chain] = record?.boots.at(-1) ?? [];
  return next === undefined || chain === undefined ? undefined : { next, chain };
}
