import { join } from 'node:path';
import type { StoredFrame } from '../../cloud-sync/edge-hub/outbox.ts';
import { chainAfter, resealFrame } from '../../cloud-sync/protocol/frame.ts';
import type { Gap } from '../../cloud-sync/protocol/messages.ts';
import { type Epoch, NO_CHAIN, type Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Disk } from './disk.ts';
import { EpochLog } from './epoch-log.ts';
import type { Epochs } from './epochs.ts';
import type { Mark } from './frame-key.ts';
import type { GapLedger } from './gap-ledger.ts';
import type { Mender } from './mender.ts';
import type { EpochRecord, Meta, SegmentSeal } from './meta.ts';
import { readFrames } from './read-frames.ts';
import type { SealedFrame } from './seal.ts';
import { COMING, epochFolder } from './segment-folder.ts';

/** Frames are moved in batches of about so many bytes. */
const BATCH_BYTES = 512 * 1024;

export interface PartingDeps {
  readonly folder: string;
  readonly disk: Disk;
  readonly mender: Mender | undefined;
  readonly meta: Meta;
  readonly epochs: Epochs;
  readonly ledger: GapLedger;
  readonly boot: number;
  readonly segmentBytes: number;
  /** Bytes of the segment being written. */
  readonly newestBytes: number;
  readonly newEpoch: () => Epoch;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Parted {
  readonly to: Epoch;
  /** Bytes of the segment that is written from now on. */
  readonly newestBytes: number;
}

/** What was written into the folder of the coming epoch. */
interface Moved {
  readonly mark: Mark;
  readonly seals: readonly SegmentSeal[];
  readonly newestBytes: number;
  readonly records: number;
}

/**
 * Moves the records of `epoch` from `at` on into a new epoch, where number n becomes n - at: what is missing stays missing, and
 * declared. The frames are copied first, under a name that does not count; one change of `meta` then makes them the newest epoch
 * and ends the old one. A crash before it leaves the old state, after it the next start gives the folder its name.
 * The caller sees to it that nothing is committed meanwhile. Undefined when the epoch ended there before.
 */
export async function partEpoch(
  deps: PartingDeps,
  { epoch, at }: { readonly epoch: Epoch; readonly at: Seq },
  signal: AbortSignal,
): Promise<Parted | undefined> {
  const { folder, disk, mender, meta, epochs, boot, newEpoch, log } = deps;
  const old = epochs.find(epoch);
  const before = epochs.markOf(epoch) as Mark;
  if (old.ended && at >= before.next) return undefined;
  const next = await old.frameBoundary(Math.min(at, before.next));
  const end: Mark = { next, chain: (await chainAt(deps, old, next)) ?? NO_CHAIN };
  const to = newEpoch();
  const coming = join(folder, COMING + to);
  const moved = await copyFrames(deps, { old, from: next, stored: before.next, to, coming }).catch(async (error) => {
    await disk.remove(coming).catch(() => {});
    throw error;
  });
  const created: EpochRecord = {
    ...{ epoch: to, boots: [[boot, 0, NO_CHAIN]], confirmed: 0 },
    reserved: moved.mark.next,
  };
  const { current, mark } = epochs;
  const endOf = (record: EpochRecord): EpochRecord => {
    if (record.epoch === epoch) return cutRecord(record, end);
    return record.epoch === current.epoch ? { ...record, end: mark, reserved: mark.next } : record;
  };
  const sealed = sealOfOpen(deps);
  // Until it is known that this is written nothing else may be: a write that failed may have been stored all the same.
  await untilDone(deps, signal, () =>
    meta.set(() => ({
      epochs: [...meta.get('epochs').map(endOf), created],
      gaps: meta.get('gaps').flatMap((gap) => moveGap(gap, { epoch, at: next, to })),
      seals: [...cutSeals([...meta.get('seals'), ...sealed], epoch, end), ...moved.seals],
    })),
  );
  const named = epochFolder(folder, to);
  await untilDone(deps, signal, async () => {
    if (await disk.exists(coming)) await disk.rename(coming, named);
  });
  let opened: EpochLog | undefined;
  await untilDone(deps, signal, async () => {
    opened = await EpochLog.open({ epoch: to, folder: named, disk, mender });
  });
  epochs.ended(epoch, end);
  epochs.begin(opened as EpochLog, moved.mark);
  await old.endAt(end);
  if (current !== old) await current.endAt(mark);
  log.debug({ epoch, at: next, to, moved: moved.records }, 'parted');
  return { to, newestBytes: moved.newestBytes };
}

interface Copying {
  readonly old: EpochLog;
  readonly from: Seq;
  /** Everything below is on the disk, or lost. */
  readonly stored: Seq;
  readonly to: Epoch;
  readonly coming: string;
}

async function copyFrames(deps: PartingDeps, copying: Copying): Promise<Moved> {
  const { old, from, stored, to, coming } = copying;
  const { disk, ledger, clock, log: logger, segmentBytes } = deps;
  const next = stored - from;
  const seals: SegmentSeal[] = [];
  let batch: SealedFrame[] = [];
  let [mark, bytes, batchBytes, records]: [Mark, number, number, number] = [{ next: 0, chain: NO_CHAIN }, 0, 0, 0];
  let target: EpochLog | undefined;
  const seal = (first: Seq) =>
    seals.push({ epoch: to, first, next: mark.next, chain: mark.chain, bytes, closedAt: clock.now() });
  const flush = async () => {
    const first = batch[0]?.first;
    if (first === undefined) return;
    target ??= await EpochLog.open({ epoch: to, folder: coming, disk, createAt: first });
    await target.append(batch);
    bytes += batchBytes;
    batch = [];
    batchBytes = 0;
    if (bytes < segmentBytes) return;
    seal(target.newestFirst);
    await target.roll(mark.next);
    bytes = 0;
  };
  try {
    await disk.remove(coming);
    for await (const frame of readFrames(old, { from, stored, ledger, log: logger })) {
      const sealed = moveFrame(frame, from, { epoch: to, chain: mark.chain });
      batch.push(sealed);
      batchBytes += sealed.bytes.length;
      records += sealed.count;
      mark = { next: sealed.first + sealed.count, chain: sealed.chainAfter };
      if (batchBytes >= BATCH_BYTES) await flush();
    }
    await flush();
    target ??= await EpochLog.open({ epoch: to, folder: coming, disk, createAt: next });
    if (mark.next < next && target.newestFirst < next) {
      // Numbers at the end that were lost are not used again.
      seal(target.newestFirst);
      await target.roll(next);
      bytes = 0;
    }
    return { mark: { next, chain: mark.chain }, seals, newestBytes: bytes, records };
  } finally {
    await target?.close();
  }
}

function moveFrame(frame: StoredFrame, by: Seq, { epoch, chain }: { epoch: Epoch; chain: string }): SealedFrame {
  const first = frame.first - by;
  const bytes = resealFrame(frame.bytes, { epoch, first, chain });
  return { first, count: frame.count, chainAfter: chainAfter(bytes), bytes };
}

/** A loss that was declared of numbers that moved moves with them; one that lies across is cut in two. */
function moveGap(gap: Gap, { epoch, at, to }: { epoch: Epoch; at: Seq; to: Epoch }): Gap[] {
  if (gap.epoch !== epoch || gap.to <= at) return [gap];
  if (gap.from >= at) return [{ ...gap, epoch: to, from: gap.from - at, to: gap.to - at }];
  // Whose records the counts are, nobody can tell any more.
  const { points: _, ...bare } = gap;
  return [
    { ...bare, to: at },
    { ...bare, epoch: to, from: 0, to: gap.to - at },
  ];
}

function cutRecord(record: EpochRecord, end: Mark): EpochRecord {
  const boots = record.boots.filter(([, next]) => next < end.next);
  const confirmed = Math.min(record.confirmed, end.next);
  return { ...record, boots, confirmed, end, reserved: end.next };
}

/** The segment that was written so far is closed by the parting. */
function sealOfOpen({ epochs, newestBytes, clock }: PartingDeps): SegmentSeal[] {
  const { current, mark } = epochs;
  if (mark.next === current.newestFirst) return [];
  return [{ epoch: current.epoch, first: current.newestFirst, ...mark, bytes: newestBytes, closedAt: clock.now() }];
}

/** Segments beyond the end are gone; the one that holds it ends there. */
function cutSeals(seals: readonly SegmentSeal[], epoch: Epoch, end: Mark): SegmentSeal[] {
  return seals
    .filter((seal) => seal.epoch !== epoch || seal.first < end.next)
    .map((seal) => (seal.epoch === epoch && seal.next > end.next ? { ...seal, ...end } : seal));
}

async function chainAt({ meta }: PartingDeps, log: EpochLog, seq: Seq): Promise<string | undefined> {
  const seal = meta.get('seals').find(({ epoch, next }) => epoch === log.epoch && next === seq);
  const record = meta.get('epochs').find(({ epoch }) => epoch === log.epoch);
  return (await log.chainAt(seq)) ?? seal?.chain ?? record?.boots.find(([, next]) => next === seq)?.[2];
}

async function untilDone({ clock, log }: PartingDeps, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      log.warn({ error: String(error) }, 'beginning the new epoch fails');
      await clock.sleep(1000, signal);
    }
  }
}

/** At start: an epoch that `meta` knows gets its name, one that it does not know never was. */
export async function settleEpochFolders(folder: string, meta: Meta, disk: Disk): Promise<void> {
  for (const name of await disk.list(folder)) {
    if (!name.startsWith(COMING)) continue;
    const epoch = name.slice(COMING.length);
    const isKnown = meta.get('epochs').some((record) => record.epoch === epoch);
    const target = epochFolder(folder, epoch);
    if (isKnown && !(await disk.exists(target))) await disk.rename(join(folder, name), target);
    else await disk.remove(join(folder, name));
  }
}
