import type { Result } from './results.ts';

const HEADS = [
  ...[
    'row',
    'faults',
    'journalled',
    'stored',
    'declared',
    'unreported',
    'undeclared',
    'twice',
    'misplaced',
    'false gaps',
  ],
  ...['recovery p50 / max', 'seconds', 'seed', 'verdict'],
];

export function tableText(results: readonly Result[]): string {
  const rows = [HEADS, ...results.map(cells)];
  const widths = HEADS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function tableMarkdown(results: readonly Result[]): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  return [line(HEADS), line(HEADS.map(() => '---')), ...results.map((result) => line(cells(result)))].join('\n');
}

/** Figures that only some rows have. */
export function notesMarkdown(results: readonly Result[]): string {
  return results
    .filter(({ notes }) => Object.keys(notes).length > 0)
    .map(({ row, notes }) => `- \`${row}\`: ${notesText(notes)}`)
    .join('\n');
}

export function notesText(notes: Result['notes']): string {
  return Object.entries(notes)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? grouped(value) : value}`)
    .join('; ');
}

function cells(result: Result): string[] {
  const { row, faults, verdict, recoveryMs, seconds, seed, broken, skipped, reused } = result;
  if (skipped !== undefined) return [row, ...Array(HEADS.length - 2).fill(''), `not run: ${skipped}`];
  return [
    row,
    grouped(faults),
    ...[verdict.journalled, verdict.stored, verdict.declared, verdict.unreported].map(grouped),
    ...[verdict.undeclared + reused, verdict.twice].map(grouped),
    ...[verdict.misplaced + verdict.disordered, verdict.falselyDeclared].map(grouped),
    recoveryText(recoveryMs),
    String(Math.round(seconds)),
    String(seed),
    broken.length === 0 ? 'held' : 'BROKEN',
  ];
}

function recoveryText(recoveryMs: readonly number[]): string {
  if (recoveryMs.length === 0) return '';
  const sorted = [...recoveryMs].sort((a, b) => a - b);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return `${seconds(sorted[sorted.length >> 1] as number)} / ${seconds(sorted.at(-1) as number)}`;
}

function grouped(value: number): string {
  const text = Number.isInteger(value) ? String(value) : value.toFixed(1);
  return text.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
