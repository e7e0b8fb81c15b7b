import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Epoch, NO_CHAIN, type Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import { EpochLog } from './epoch-log.ts';
import type { Mark } from './frame-key.ts';
import { Journal, type JournalSettings } from './journal.ts';
import { type EpochRecord, Meta } from './meta.ts';
import { type OpenStore, openLevel } from './store.ts';

export interface OpenJournalOptions {
  /** Folder of the journal; made on first use. */
  readonly folder: string;
  readonly settings: JournalSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly openStore?: OpenStore;
  /** Only to look: no boot begins, nothing is made or written. */
  readonly inspect?: boolean;
}

/** Lies beside the databases: once it is there, a database that is gone is a loss, not a first start. */
const MARKER = 'provisioned';

/**
 * Opens the journal, or makes it on the first start, and begins a boot.
 * @throws Fault already-running, journal-missing
 */
export async function openJournal(options: OpenJournalOptions): Promise<Journal> {
  const { folder, clock, log, openStore = openLevel, inspect = false } = options;
  const provisioned = inspect || existsSync(join(folder, MARKER));
  if (!provisioned) await mkdir(folder, { recursive: true });
  const meta = await Meta.open(folder, openStore, { create: !provisioned });
  if (!provisioned) await addEpoch(meta);

  const epochs: EpochLog[] = [];
  const marks = new Map<Epoch, Mark>();
  for (const record of meta.get('epochs')) {
    const newest = record === meta.get('epochs').at(-1);
    const epoch = await EpochLog.open(folder, record.epoch, openStore, {
      create: newest && record.reserved === 0 && !inspect,
    });
    epochs.push(epoch);
    marks.set(record.epoch, await epoch.mark());
  }
  if (!provisioned) await writeMarker(join(folder, MARKER));

  const newestBytes = await walk(epochs.at(-1) as EpochLog, log);
  const boot = inspect ? meta.get('boot') : await beginBoot(meta, marks);
  const journal = new Journal({ meta, epochs, boot, newestBytes, settings: options.settings, clock, log }, marks);
  log.info({ epoch: journal.epoch, boot, next: journal.next }, 'journal open');
  return journal;
}

/** A new identity: a wiped disk, or a journal begun anew on purpose. A first start that was cut short left an epoch unused. */
async function addEpoch(meta: Meta): Promise<void> {
  const record: EpochRecord = { epoch: randomBytes(16).toString('hex'), boots: [], confirmed: 0, reserved: 0 };
  const used = meta.get('epochs').filter(({ reserved }) => reserved > 0);
  await meta.set({ epochs: [...used, record] });
}

/** Reads the newest segment once: its size, and whether its frames are whole and follow one another. */
async function walk(epoch: EpochLog, log: Log): Promise<number> {
  let bytes = 0;
  let next: Seq | undefined;
  for await (const read of epoch.read(epoch.newestFirst)) {
    const { first, count } = read.key;
    if (next !== undefined && first !== next) log.error({ from: next, to: first }, 'the journal has a hole');
    if (read.state === 'damaged') log.error({ first, count }, 'a stored frame is damaged');
    else bytes += read.frame.bytes.length;
    next = first + count;
  }
  return bytes;
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
  await meta.set({ boot, epochs });
  return boot;
}

async function writeMarker(path: string): Promise<void> {
  const file = await openFile(path, 'w');
  await file.writeFile(
    'The journal beside this file exists. Remove this file only to begin a new journal on purpose.\n',
  );
  await file.sync();
  await file.close();
}
