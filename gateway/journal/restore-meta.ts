import { join } from 'node:path';
import type { Epoch } from '../../cloud-sync/protocol/numbers.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import type { Disk } from './disk.ts';
import { EpochLog } from './epoch-log.ts';
import type { Mender } from './mender.ts';
import type { EpochRecord, Meta } from './meta.ts';
import { type EpochScan, findContent, scanEpoch } from './scan-epoch.ts';
import { epochFolder, epochOf, segmentName } from './segment-folder.ts';
import { RESERVE } from './upkeep.ts';

export interface RestoreDeps {
  readonly folder: string;
  readonly meta: Meta;
  readonly disk: Disk;
  readonly mender: Mender;
  readonly newEpoch: () => Epoch;
  readonly log: Log;
}

/**
 * Makes `meta` anew from the frames, as far as they tell, and from what is left of it: an older state of it may be what was saved.
 * What is confirmed may be told too low, never too high: the hub says it again.
 * @throws Fault journal-missing when there is no epoch either
 */
export async function restoreMeta(deps: RestoreDeps): Promise<void> {
  const { folder, meta, disk, log } = deps;
  const epochs = (await disk.list(folder)).map(epochOf).filter((epoch) => epoch !== undefined);
  if (epochs.length === 0) throw new Fault('journal-missing', `${folder}: neither meta nor frames are there`);
  log.error({ epochs }, "the journal's meta is damaged: it is made anew from the frames");
  const known = meta.get('epochs');
  const scans: EpochScan[] = [];
  for (const epoch of epochs) scans.push(await withLog(deps, epoch, scanEpoch));
  const place = ({ epoch, mark }: EpochScan) => {
    const at = known.findIndex((each) => each.epoch === epoch);
    // One without frames has just begun.
    return [mark.next === 0 ? 1 : 0, at] as const;
  };
  scans.sort((one, other) => {
    const [[emptyOne, atOne], [emptyOther, atOther]] = [place(one), place(other)];
    if (emptyOne !== emptyOther) return emptyOne - emptyOther;
    if (one.newestBoot !== other.newestBoot) return one.newestBoot - other.newestBoot;
    return atOne >= 0 && atOther >= 0 ? atOne - atOther : one.newestStamp - other.newestStamp;
  });
  const records: EpochRecord[] = [];
  for (const [index, scan] of scans.entries()) {
    const before = known.find(({ epoch }) => epoch === scan.epoch);
    records.push(
      index === scans.length - 1
        ? await currentRecord(deps, scan, before)
        : await endedRecord(deps, scan, scans[index + 1] as EpochScan, before),
    );
  }
  if (records.at(-1)?.end) records.push({ epoch: deps.newEpoch(), boots: [], confirmed: 0, reserved: 0 });
  const boots = scans.map(({ newestBoot }) => newestBoot);
  const catalogues = [meta.get('catalogue'), ...scans.map(({ catalogue }) => catalogue)];
  const catalogue = catalogues.reduce(
    (one, other) => ((other?.version ?? -1) > (one?.version ?? -1) ? other : one),
    null,
  );
  await meta.set(() => ({ epochs: records, boot: Math.max(meta.get('boot'), ...boots), catalogue: catalogue ?? null }));
}

/** Behind every number that may have been used: a record takes more than half a bit. */
async function currentRecord(
  { folder, disk }: RestoreDeps,
  { epoch, mark, boots, isWhole }: EpochScan,
  before: EpochRecord | undefined,
): Promise<EpochRecord> {
  const own = epochFolder(folder, epoch);
  const names = [...(await disk.list(own))].sort();
  const bytes = isWhole || names.length === 0 ? 0 : await disk.bytes(join(own, names.at(-1) as string));
  const used = mark.next === 0 && names.length === 1 && names[0] === segmentName(0) && isWhole;
  const reserved = Math.max(before?.reserved ?? 0, used ? 0 : mark.next + RESERVE + bytes * 16);
  const known = before?.boots ?? [];
  const newer = boots.filter(([boot]) => boot > (known.at(-1)?.[0] ?? -1));
  const merged = [...known, ...newer].slice(-500);
  return { ...before, epoch, boots: merged, confirmed: before?.confirmed ?? 0, reserved };
}

/** Records that were moved on into the next epoch may still lie in this one: it ends where they begin. */
async function endedRecord(
  deps: RestoreDeps,
  { epoch, mark, boots }: EpochScan,
  next: EpochScan,
  before: EpochRecord | undefined,
): Promise<EpochRecord> {
  if (before?.end) return before;
  const { firstContent } = next;
  const moved =
    firstContent === undefined ? undefined : await withLog(deps, epoch, (log) => findContent(log, firstContent));
  const end = moved ?? mark;
  const confirmed = Math.min(before?.confirmed ?? 0, end.next);
  const kept = (before?.boots ?? boots).filter(([, at]) => at < end.next);
  return { epoch, boots: kept, confirmed, reserved: end.next, end, ...(moved ? { parted: true } : {}) };
}

async function withLog<T>(
  { folder, disk, mender }: RestoreDeps,
  epoch: Epoch,
  work: (log: EpochLog) => Promise<T>,
): Promise<T> {
  const end = { next: Number.MAX_SAFE_INTEGER, chain: '' };
  const log = await EpochLog.open({ epoch, folder: epochFolder(folder, epoch), disk, mender, end, inspect: true });
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}
