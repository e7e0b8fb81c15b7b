import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import { systemClock } from '../../core/clock.ts';
import { isFault } from '../../core/faults.ts';
import { quietLog } from '../../core/log.ts';
import type { Journal } from '../../gateway/journal/journal.ts';
import { openJournal } from '../../gateway/journal/open-journal.ts';
import { JOURNAL_SETTINGS, journalFolder, RunningJournal, removeFolder } from '../support/journal-home.ts';
import { mutated, seeded } from '../support/mutate.ts';

export interface JournalTally {
  readonly journals: number;
  /** Would not open, and said why. */
  readonly refused: number;
  /** Readings that were written, over all journals. */
  readonly written: number;
  readonly read: number;
  readonly declared: number;
}

const SCANS = 40;

/** Damages a real journal's files, one to three at a time, and reads it: every value that comes out is the one that went in. */
export async function fuzzJournals(seed: number, journals: number): Promise<JournalTally> {
  const random = seeded(seed);
  const home = await journalFolder();
  const whole = join(home, 'whole');
  try {
    const written = await write(whole);
    const tally = { journals, refused: 0, written: written * journals, read: 0, declared: 0 };
    for (let round = 0; round < journals; round++) {
      const folder = join(home, `damaged-${round}`);
      cpSync(whole, folder, { recursive: true });
      const what = damage(folder, random, seed + round);
      try {
        const { read, declared } = await readAll(folder, written);
        tally.read += read;
        tally.declared += declared;
      } catch (error) {
        if (!isFault(error)) throw new Error(`seed ${seed}, round ${round}: ${what}`, { cause: error });
        tally.refused++;
      }
      rmSync(folder, { recursive: true });
    }
    return tally;
  } finally {
    await removeFolder(home);
  }
}

async function write(folder: string): Promise<number> {
  // Written in two lives, so that tables and logs are both there.
  for (let life = 0; life < 2; life++) {
    const running = await RunningJournal.open(folder);
    await running.publish();
    for (let scan = 0; scan < SCANS; scan++) await running.scan();
    await running.close();
  }
  const running = await RunningJournal.open(folder);
  const { next } = running.journal;
  await running.close();
  return next;
}

function damage(folder: string, random: () => number, seed: number): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'LOCK')
    .map((entry) => join(entry.parentPath, entry.name));
  const told: string[] = [];
  for (let left = 1 + Math.floor(random() * 3); left > 0; left--) {
    const file = files[Math.floor(random() * files.length)] as string;
    const way = random();
    try {
      if (way < 0.08) unlinkSync(file);
      else if (way < 0.2) truncateSync(file, Math.floor(random() * statSync(file).size));
      else writeFileSync(file, mutated(readFileSync(file), seed * 7 + left));
    } catch (error) {
      // Gone by an earlier stroke.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    told.push(`${relative(folder, file)} ${way.toFixed(2)}`);
  }
  return told.join(', ');
}

async function readAll(folder: string, written: number): Promise<{ read: number; declared: number }> {
  const options = { folder, settings: JOURNAL_SETTINGS, clock: systemClock, log: quietLog };
  const journal = await openJournal(options);
  try {
    return await check(journal, written);
  } finally {
    await journal.close();
  }
}

/** Each number below `written` is read with its own value or declared lost, in every epoch that is left. */
async function check(journal: Journal, written: number): Promise<{ read: number; declared: number }> {
  const seen = new Set<number>();
  for (const { epoch } of journal.epochs()) {
    for await (const { bytes } of journal.frames(epoch, 0)) {
      const frame = decodeFrame(Buffer.from(bytes));
      let seq = frame.header.first;
      if (frame.kind === 'events') {
        for (let at = 0; at < frame.header.count; at++) seen.add(seq++);
        continue;
      }
      for (const { values } of frame.columns) {
        if (values.kind !== 'number') throw new Error('another kind of value');
        for (const value of values.numbers) {
          if (value !== seq) throw new Error(`record ${seq} says ${value}`);
          seen.add(seq++);
        }
      }
    }
  }
  let declared = 0;
  const gaps = journal.gaps();
  const isKnown = journal.epochs().some(({ next }) => next >= written);
  for (let seq = 0; seq < written; seq++) {
    if (gaps.some(({ from, to }) => from <= seq && seq < to)) declared++;
    else if (!seen.has(seq) && isKnown) throw new Error(`record ${seq} is neither there nor declared lost`);
  }
  return { read: seen.size, declared };
}
