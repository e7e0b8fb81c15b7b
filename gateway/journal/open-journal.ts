import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Epoch, NO_CHAIN } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Disk } from './disk.ts';
import { EpochLog } from './epoch-log.ts';
import type { Mark } from './frame-key.ts';
import { Journal, type JournalSettings } from './journal.ts';
import { type EpochRecord, Meta } from './meta.ts';
import { nodeDisk } from './node-disk.ts';
import { epochFolder, tidySegments } from './segment-folder.ts';
import { settleSeals } from './settle-seals.ts';
import { settleTail, type Tail, walk } from './tail.ts';

export interface OpenJournalOptions {
  /** Folder of the journal; made on first use. */
  readonly folder: string;
  readonly settings: JournalSettings;
  readonly clock: Clock;
  readonly log: Log;
  /** Where it lies; the real disk if left out. */
  readonly disk?: Disk;
  /** Makes the identity of a new journal: 128 random bits in hex. */
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
  const { folder, clock, log, disk = nodeDisk, newEpoch = randomEpoch, inspect = false } = options;
  const provisioned = inspect || (await disk.exists(join(folder, MARKER)));
  if (!provisioned) await disk.makeFolder(folder);
  const meta = await Meta.open(folder, disk, { create: !provisioned });
  const epochs: EpochLog[] = [];
  try {
    if (!provisioned) await addEpoch(meta, newEpoch());
    for (const record of meta.get('epochs')) {
      if (!inspect) await tidySegments(epochFolder(folder, record.epoch), disk);
      const create = record === meta.get('epochs').at(-1) && record.reserved === 0 && !inspect;
      epochs.push(await EpochLog.open(folder, record.epoch, disk, { create }));
    }
    if (!provisioned) await disk.writeFile(join(folder, MARKER), MARKER_TEXT);
    const tail = await walk(epochs.at(-1) as EpochLog, log);
    const marks = new Map<Epoch, Mark>();
    for (const epoch of epochs) marks.set(epoch.epoch, await epoch.mark());
    const boot = inspect ? meta.get('boot') : await takeOver({ meta, disk, epochs, marks, tail, clock, log });
    const newestBytes = tail.bytes;
    const journal = new Journal(
      { meta, disk, epochs, boot, newestBytes, settings: options.settings, clock, log },
      marks,
    );
    log.info({ epoch: journal.epoch, boot, next: journal.next }, 'journal open');
    return journal;
  } catch (error) {
    // Nobody else could open what is left open here.
    await Promise.allSettled([...epochs, meta].map((each) => each.close()));
    throw error;
  }
}

interface TakeOver {
  readonly meta: Meta;
  readonly disk: Disk;
  readonly epochs: readonly EpochLog[];
  readonly marks: Map<Epoch, Mark>;
  readonly tail: Tail;
  readonly clock: Clock;
  readonly log: Log;
}

/** Puts right what a crash or damage left, and begins a boot. Returns its number. */
async function takeOver({ meta, disk, epochs, marks, tail, clock, log }: TakeOver): Promise<number> {
  const newest = epochs.at(-1) as EpochLog;
  marks.set(newest.epoch, await settleTail(newest, tail, { meta, log }));
  await settleSeals(epochs, { meta, disk, clock });
  return beginBoot(meta, marks);
}

/** A new identity: a wiped disk, or a journal begun anew on purpose. A first start that was cut short left an epoch unused. */
async function addEpoch(meta: Meta, epoch: Epoch): Promise<void> {
  const record: EpochRecord = { epoch, boots: [], confirmed: 0, reserved: 0 };
  const used = meta.get('epochs').filter(({ reserved }) => reserved > 0);
  await meta.set(() => ({ epochs: [...used, record] }));
}

/** Boots are listed so that two histories that parted can be told apart; the oldest give way after 500. */
async function beginBoot(meta: Meta, marks: ReadonlyMap<Epoch, Mark>): Promise<number> {
  const boot = meta.get('boot') + 1;
  const records = meta.get('epochs');
  const epochs = records.map((record, index) => {
    if (index < records.length - 1) return record;
    const { next, chain } = marks.get(record.epoch) ?? { next: 0, chain: NO_CHAIN };
    return { ...record, boots: [...record.boots, [boot, next, chain] as const].slice(-500) };
  });
  await meta.set(() => ({ boot, epochs }));
  return boot;
}
