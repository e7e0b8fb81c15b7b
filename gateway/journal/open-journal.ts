import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Epoch } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import type { Disk } from './disk.ts';
import { EpochLog } from './epoch-log.ts';
import type { Mark } from './frame-key.ts';
import { GapLedger } from './gap-ledger.ts';
import { Journal, type JournalSettings } from './journal.ts';
import { Mender } from './mender.ts';
import { type EpochRecord, Meta } from './meta.ts';
import { nodeDisk } from './node-disk.ts';
import { settleEpochFolders } from './parting.ts';
import { restoreMeta } from './restore-meta.ts';
import { epochFolder, epochOf, segmentFirst, tidySegments } from './segment-folder.ts';
import { SetAside } from './set-aside.ts';
import { type Tail, walk } from './tail.ts';
import { addEpoch, takeOver } from './take-over.ts';

export interface OpenJournalOptions {
  /** Folder of the journal; made on first use. */
  readonly folder: string;
  readonly settings: JournalSettings;
  readonly clock: Clock;
  readonly log: Log;
  /** Identity of the board; a journal that was written on another begins a new epoch. Left out where nobody can tell. */
  readonly hardware?: string | undefined;
  /** Where it lies; the real disk if left out. */
  readonly disk?: Disk;
  /** Makes the identity of a new epoch: 128 random bits in hex. */
  readonly newEpoch?: () => Epoch;
  /** Only to look: no boot begins, nothing is made or written. */
  readonly inspect?: boolean;
}

/** Lies beside the databases: once it is there, a database that is gone is a loss, not a first start. */
const MARKER = 'provisioned';
const MARKER_TEXT = 'The journal beside this file exists. Remove this file only to begin a new journal on purpose.\n';

const randomEpoch = (): Epoch => randomBytes(16).toString('hex');

/**
 * Opens the journal, or makes it on the first start, and begins a boot.
 * @throws Fault already-running; journal-missing when nothing is left that could be mended
 */
export async function openJournal(options: OpenJournalOptions): Promise<Journal> {
  const { folder, settings, clock, log, hardware, disk = nodeDisk, newEpoch = randomEpoch, inspect = false } = options;
  const provisioned = inspect || (await disk.exists(join(folder, MARKER)));
  if (!provisioned) await disk.makeFolder(folder);
  const setAside = new SetAside(folder, disk, log);
  const mender = inspect ? undefined : new Mender(folder, disk, log, setAside);
  await mender?.settle();
  const meta = await Meta.open(folder, disk, { create: !provisioned, mender });
  const logs: EpochLog[] = [];
  try {
    if (mender && (!meta.isWhole || (await isForgotten(folder, meta, disk))))
      await restoreMeta({ folder, meta, disk, mender, newEpoch, log });
    if (!provisioned) await addEpoch(meta, newEpoch());
    if (!inspect) await settleEpochFolders(folder, meta, disk);
    const openAll = async () => {
      for (const record of meta.get('epochs')) logs.push(await openEpoch(record, { folder, meta, disk, mender }));
      if (logs.length === 0) throw new Fault('journal-missing', `${folder}: its meta is empty`);
      return walk(logs.at(-1) as EpochLog, log);
    };
    let tail = await openAll();
    if (mender && isOld(meta, tail)) {
      await Promise.all(logs.splice(0).map((each) => each.close()));
      await restoreMeta({ folder, meta, disk, mender, newEpoch, log });
      tail = await openAll();
    }
    if (!provisioned) await disk.writeFile(join(folder, MARKER), MARKER_TEXT);
    const marks = new Map<Epoch, Mark>();
    for (const epoch of logs) marks.set(epoch.epoch, await epoch.mark());
    const begun = { boot: meta.get('boot'), previousEnd: undefined, newestBytes: tail.bytes };
    if (mender)
      Object.assign(
        begun,
        await takeOver({ folder, meta, disk, mender, logs, marks, tail, hardware, newEpoch, settings, clock, log }),
      );
    const journal = new Journal({ folder, meta, disk, mender, logs, marks, ...begun, settings, newEpoch, clock, log });
    log.info({ epoch: journal.epoch, boot: begun.boot, next: journal.next }, 'journal open');
    tellEnded(meta, journal.epoch, log);
    return journal;
  } catch (error) {
    // Nobody else could open what is left open here.
    await Promise.allSettled([...logs, meta].map((each) => each.close()));
    throw error;
  }
}

/** A process that was killed while its journal parted had no time to say so. */
function tellEnded(meta: Meta, newest: Epoch, log: Log): void {
  for (const { epoch, end } of meta.get('epochs')) if (end) log.debug({ epoch, at: end.next, newest }, 'journal ended');
}

async function openEpoch(
  { epoch, reserved, confirmed, end }: EpochRecord,
  { folder, meta, disk, mender }: { folder: string; meta: Meta; disk: Disk; mender: Mender | undefined },
): Promise<EpochLog> {
  const own = epochFolder(folder, epoch);
  const options = { epoch, folder: own, disk, ...(end ? { end } : {}) };
  if (!mender) return EpochLog.open({ ...options, inspect: true });
  await tidySegments(own, disk);
  // A crash may have come between the word of an epoch and its first segment. Else all of it is gone.
  const isBare = end === undefined && !(await disk.list(own)).some((name) => segmentFirst(name) !== undefined);
  if (isBare && reserved > confirmed)
    await new GapLedger(meta).declare({ epoch, from: confirmed, to: reserved, reason: 'journal-damaged' });
  return EpochLog.open({ ...options, mender, ...(isBare ? { createAt: reserved } : {}) });
}

/** Does `meta` know no epoch although there are some, or should be? */
async function isForgotten(folder: string, meta: Meta, disk: Disk): Promise<boolean> {
  if (meta.get('epochs').length > 0) return false;
  const isThere = (await disk.list(folder)).some((name) => epochOf(name) !== undefined);
  return isThere || (await disk.exists(join(folder, MARKER)));
}

/** LevelDB leaves out what is damaged at the end of its log, in silence: is `meta` older than the frames? */
function isOld(meta: Meta, { wholeTo, boot }: Tail): boolean {
  return boot > meta.get('boot') || wholeTo > (meta.get('epochs').at(-1)?.reserved ?? 0);
}
