import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime, systemClock } from '../core/clock.ts';
import { askControl } from '../core/control-socket.ts';
import { Fault } from '../core/faults.ts';
import { quietLog } from '../core/log.ts';
import { formatDuration, formatSize } from '../core/units.ts';
import { type JournalSummary, summariseJournal } from '../gateway/journal/journal-summary.ts';
import { openJournal } from '../gateway/journal/open-journal.ts';
import { defaultJournalSettings } from '../gateway/journal-settings.ts';
import { textOption } from './options.ts';
import type { Verb } from './verb.ts';

export const verb: Verb = {
  name: 'journal',
  summary: "look into a gateway's journal",
  usage: `Usage: sluice journal status [--data DIR] [--json]

      --data DIR   the gateway's dataDir (default /var/lib/sluice)
      --json       machine form

Works beside a running gateway, and on a stopped one.

Example: sluice journal status --data /var/lib/sluice --json`,
  options: { data: { type: 'string' } },
  async run(args, io) {
    const word = args.positionals[0] ?? '';
    if (['verify', 'export'].includes(word))
      throw new Fault('usage', `sluice journal ${word} is planned for a later release`);
    if (word !== 'status') throw new Fault('usage', 'sluice journal knows: status');
    const summary = await findSummary(textOption(args.values, 'data') ?? '/var/lib/sluice');
    if (args.values.json) io.out(JSON.stringify(summary));
    else for (const line of describe(summary, io.clock.now())) io.out(line);
    return 0;
  },
};

async function findSummary(dataDir: string): Promise<JournalSummary> {
  const running = await askControl<JournalSummary>(join(dataDir, 'control.sock'), 'journal status');
  if (running !== undefined) return running;
  const folder = join(dataDir, 'journal');
  if (!existsSync(folder)) throw new Fault('file-missing', `${folder}: no journal here`);
  const settings = defaultJournalSettings();
  const journal = await openJournal({ folder, settings, clock: systemClock, log: quietLog, inspect: true });
  try {
    return await summariseJournal(journal, settings);
  } finally {
    await journal.close();
  }
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
