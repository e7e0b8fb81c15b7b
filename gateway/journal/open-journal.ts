import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Epoch } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Disk } from './disk.ts';
import { EpochLog } from './epoch-log.ts';
import type { Mark } from './frame-key.ts';
import { Journal, type JournalSettings } from './journal.ts';
import { type EpochRecord, Meta } from './meta.ts';
import { nodeDisk } from './node-disk.ts';
import { settleEpochFolders } from './parting.ts';
import { epochFolder, tidySegments } from './segment-folder.ts';
import { walk } from './tail.ts';
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
 * @throws Fault already-running, journal-missing
 */
export async function openJournal(options: OpenJournalOptions): Promise<Journal> {
  const { folder, settings, clock, log, hardware, disk = nodeDisk, newEpoch = randomEpoch, inspect = false } = options;
  const provisioned = inspect || (await disk.exists(join(folder, MARKER)));
  if (!provisioned) await disk.makeFolder(folder);
  const meta = await Meta.open(folder, disk, { create: !provisioned });
  const logs: EpochLog[] = [];
  try {
    if (!provisioned) await addEpoch(meta, newEpoch());
    if (!inspect) await settleEpochFolders(folder, meta, disk);
    for (const record of meta.get('epochs')) logs.push(await openEpoch(record, { folder, disk, inspect }));
    if (!provisioned) await disk.writeFile(join(folder, MARKER), MARKER_TEXT);
    const tail = await walk(logs.at(-1) as EpochLog, log);
    const marks = new Map<Epoch, Mark>();
    for (const epoch of logs) marks.set(epoch.epoch, await epoch.mark());
    const begun = { boot: meta.get('boot'), previousEnd: undefined, newestBytes: tail.bytes };
    if (!inspect)
      Object.assign(
        begun,
        await takeOver({ folder, meta, disk, logs, marks, tail, hardware, newEpoch, settings, clock, log }),
      );
    const journal = new Journal({ folder, meta, disk, logs, marks, ...begun, settings, newEpoch, clock, log });
    log.info({ epoch: journal.epoch, boot: begun.boot, next: journal.next }, 'journal open');
    return journal;
  } catch (error) {
    // Nobody else could open what is left open here.
    await Promise.allSettled([...logs, meta].map((each) => each.close()));
    throw error;
  }
}

async function openEpoch(
  { epoch, reserved, end }: EpochRecord,
  { folder, disk, inspect }: { folder: string; disk: Disk; inspect: boolean },
): Promise<EpochLog> {
  const own = epochFolder(folder, epoch);
  if (!inspect) await tidySegments(own, disk);
  // A crash may have come between the word of an epoch and its first segment.
  const isUnused = end === undefined && reserved === 0 && !inspect;
  return EpochLog.open({
    ...{ epoch, folder: own, disk, inspect },
    ...(isUnused ? { createAt: 0 } : {}),
    ...(end ? { end } : {}),
  });
}
