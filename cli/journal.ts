import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime, systemClock } from '../core/clock.ts';
import { askControl } from '../core/control-socket.ts';
import { Fault } from '../core/faults.ts';
import { quietLog } from '../core/log.ts';
import { formatDuration, formatSize } from '../core/units.ts';
import type { Journal } from '../gateway/journal/journal.ts';
import { type JournalSummary, summariseJournal } from '../gateway/journal/journal-summary.ts';
import { openJournal } from '../gateway/journal/open-journal.ts';
import { type EpochVerdict, isSound } from '../gateway/journal/verify-journal.ts';
import { defaultJournalSettings } from '../gateway/journal-settings.ts';
import { textOption } from './options.ts';
import type { Arguments, Verb } from './verb.ts';

export const verb: Verb = {
  name: 'journal',
  summary: "look into a gateway's journal",
  usage: `Usage: sluice journal status|verify [--data DIR] [--json]

  status   where it stands, what waits, what is declared lost
  verify   reads every frame: what is whole, damaged, missing; exit code 1 if something is missing that is not declared

      --data DIR   the gateway's dataDir (default /var/lib/sluice)
      --json       machine form

Works beside a running gateway, and on a stopped one.

Example: sluice journal status --data /var/lib/sluice --json`,
  options: { data: { type: 'string' } },
  async run(args, io) {
    const word = args.positionals[0] ?? '';
    const dataDir = textOption(args.values, 'data') ?? '/var/lib/sluice';
    if (word === 'verify') return verify(dataDir, args, io);
    if (word === 'export') throw new Fault('usage', 'sluice journal export is planned for a later release');
    if (word !== 'status') throw new Fault('usage', 'sluice journal knows: status, verify');
    const settings = defaultJournalSettings();
    const summary = await ask(dataDir, 'journal status', (journal) => summariseJournal(journal, settings));
    if (args.values.json) io.out(JSON.stringify(summary));
    else for (const line of describe(summary, io.clock.now())) io.out(line);
    return 0;
  },
};

async function verify(dataDir: string, args: Arguments, io: Parameters<Verb['run']>[1]): Promise<number> {
  const verdicts = await ask(dataDir, 'journal verify', (journal) => journal.verify());
  if (args.values.json) io.out(JSON.stringify(verdicts));
  else for (const line of verdicts.flatMap(describeVerdict)) io.out(line);
  return verdicts.every(isSound) ? 0 : 1;
}

/** Asks the running gateway; of a stopped one the journal is opened, only to look. */
async function ask<T>(dataDir: string, verb: string, look: (journal: Journal) => Promise<T>): Promise<T> {
  const running = await askControl<T>(join(dataDir, 'control.sock'), verb);
  if (running !== undefined) return running;
  const folder = join(dataDir, 'journal');
  if (!existsSync(folder)) throw new Fault('file-missing', `${folder}: no journal here`);
  const settings = defaultJournalSettings();
  const journal = await openJournal({ folder, settings, clock: systemClock, log: quietLog, inspect: true });
  try {
    return await look(journal);
  } finally {
    await journal.close();
  }
}

function describeVerdict(verdict: EpochVerdict): string[] {
  const { epoch, floor, next, frames, records, bytes, damaged, chainBreaks, holes } = verdict;
  return [
    `epoch ${epoch}`,
    `  numbers      ${floor} … ${next}`,
    `  whole        ${records} records in ${frames} frames, ${formatSize(bytes)}`,
    `  damaged      ${damaged === 0 ? 'nothing' : `${damaged} frames`}`,
    `  missing      ${holes.length === 0 ? 'nothing' : ''}`,
    ...holes.map(({ from, to, undeclared }) => `    ${from} … ${to}: ${undeclared ? 'NOT DECLARED' : 'declared'}`),
    ...chainBreaks.map((seq) => `  CHAIN BROKEN at ${seq}`),
  ];
}

function describe(summary: JournalSummary, now: number): string[] {
  const oldest = summary.oldestUnsent === null ? '' : `, oldest ${formatDuration(now - summary.oldestUnsent)} ago`;
  return [
    ...summary.epochs.flatMap(({ epoch, floor, next, confirmed }) => [
      `epoch ${epoch}`,
      `  numbers      ${floor} … ${next} (boot ${summary.boot})`,
      `  confirmed    ${confirmed}`,
      `  waiting      ${next - Math.max(confirmed, floor)} records${oldest}`,
    ]),
    `on disk        ${formatSize(summary.bytes)} of ${formatSize(summary.maxBytes)}`,
    `at risk        readings of the last ${formatDuration(summary.commitIntervalMs)} in a power cut`,
    `disk           ${formatSize(summary.freeBytes)} free${summary.ballast ? ', with a reserve for declaring losses' : ''}`,
    ...describeEnds(summary),
    `writing        ${summary.failing ? 'FAILS: see the log' : 'well'}`,
    `declared lost  ${summary.gaps.length === 0 ? 'nothing' : ''}`,
    ...summary.gaps.map(({ from, to, reason }) => `  ${from} … ${to} (${to - from} records): ${reason}`),
  ];
}

function describeEnds({ uncleanEnds: { count, last } }: JournalSummary): string[] {
  if (count === 0) return ['unclean ends   none'];
  const lines = [`unclean ends   ${count}`];
  if (last?.from != null && last.to != null)
    lines.push(
      `  the last, of boot ${last.boot}: readings after ${isoTime(last.from)} may be missing, up to ${isoTime(last.to)}`,
    );
  return lines;
}
