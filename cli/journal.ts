import { isoTime } from '../core/clock.ts';
import { Fault } from '../core/faults.ts';
import { formatDuration, formatSize } from '../core/units.ts';
import type { JournalSummary } from '../gateway/journal/journal-summary.ts';
import { type EpochVerdict, isSound } from '../gateway/journal/verify-journal.ts';
import type { JournalExportRequest } from '../gateway/journal-control.ts';
import { askGateway, DEFAULT_GATEWAY_DATA, streamGateway } from './gateway-access.ts';
import { choiceOption, textOption, timeOption } from './options.ts';
import { writeOutput } from './output.ts';
import { progressBar } from './progress.ts';
import type { Arguments, Io, Verb } from './verb.ts';

export const verb: Verb = {
  name: 'journal',
  summary: "look into a gateway's journal",
  usage: `Usage: sluice journal status|verify [--data DIR] [--json]
       sluice journal export [--from T] [--to T] [--format ndjson] [-o FILE] [--data DIR]

  status   where it stands, what waits, what is declared lost
  verify   reads every frame: what is whole, damaged, missing; exit code 1 if something is missing that is not declared
  export   every record that is whole, in the order of its number: readings, and events as JSON

      --data DIR      the gateway's dataDir (default ${DEFAULT_GATEWAY_DATA})
      --json          machine form
      --from T        export: ISO 8601 or Unix milliseconds (default: all that is there)
      --to T          export: not included
      --format F      export: ndjson (default, times in Unix milliseconds) or csv (times in UTC)
  -o, --output FILE   export: default standard output

Works beside a running gateway, and on a stopped one. Export leaves out what is damaged (verify tells), and gives
stamps as they were made: those of a clock that was not set yet are marked.

Example: sluice journal export --data /var/lib/sluice --from 2026-11-01 -o journal.ndjson`,
  options: {
    data: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    format: { type: 'string' },
    output: { type: 'string', short: 'o' },
  },
  async run(args, io) {
    const word = args.positionals[0] ?? '';
    const dataDir = textOption(args.values, 'data') ?? DEFAULT_GATEWAY_DATA;
    if (word === 'verify') return verify(dataDir, args, io);
    if (word === 'export') return exportJournal(dataDir, args, io);
    if (word !== 'status') throw new Fault('usage', 'sluice journal knows: status, verify, export');
    const summary = await askGateway<JournalSummary>(dataDir, 'journal status');
    if (args.values.json) io.out(JSON.stringify(summary));
    else for (const line of describe(summary, io.clock.now())) io.out(line);
    return 0;
  },
};

async function verify(dataDir: string, args: Arguments, io: Io): Promise<number> {
  const verdicts = await askGateway<EpochVerdict[]>(dataDir, 'journal verify');
  if (args.values.json) io.out(JSON.stringify(verdicts));
  else for (const line of verdicts.flatMap(describeVerdict)) io.out(line);
  return verdicts.every(isSound) ? 0 : 1;
}

async function exportJournal(dataDir: string, { values }: Arguments, io: Io): Promise<number> {
  const span = { from: timeOption(values, 'from'), to: timeOption(values, 'to') };
  const request: JournalExportRequest = {
    ...span,
    format: choiceOption(values, 'format', ['ndjson', 'csv'] as const, 'ndjson'),
  };
  const output = textOption(values, 'output');
  // Counting is only worth it for whoever watches.
  const watched = process.stderr.isTTY && output !== undefined;
  const size = watched ? await askGateway<{ records: number }>(dataDir, 'journal export-size', span) : undefined;
  await streamGateway(dataDir, 'journal export', request, (parts) =>
    writeOutput(parts, output, progressBar(size?.records, io.clock)),
  );
  return 0;
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
    `verified       ${describeVerified(summary)}`,
    `writing        ${summary.failing ? 'FAILS: see the log' : 'well'}`,
    `declared lost  ${summary.gaps.length === 0 ? 'nothing' : ''}`,
    ...summary.gaps.map(({ from, to, reason }) => `  ${from} … ${to} (${to - from} records): ${reason}`),
  ];
}

function describeVerified({ lastVerified }: JournalSummary): string {
  if (lastVerified === null) return 'not yet';
  return `${isoTime(lastVerified.at)}: ${lastVerified.records} records in closed segments are whole`;
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
