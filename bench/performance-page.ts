import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../core/package-root.ts';
import { figure, goalText, meets, type Row } from './report.ts';

const PAGE = join(packageRoot, 'docs/performance.md');

/** Puts the figures of one benchmark into its place in `docs/performance.md`, so that no figure there was typed by hand. */
export function writeSection(name: string, machine: string, rows: readonly Row[]): void {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [`<!-- bench ${name} -->`, `<!-- end ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${PAGE} has no place for ${name}`);
  writeFileSync(PAGE, `${page.slice(0, from)}${begin}\n\n${table(machine, rows)}\n${page.slice(to)}`);
}

function table(machine: string, rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { what, value, unit, baseline } = row;
    const beside = baseline
      ? `${(value / baseline.value).toFixed(2)} of ${baseline.what} (${figure(baseline.value)})`
      : '';
    const goal = row.goal ? `${goalText(row)}${meets(row) ? '' : ' ✗'}` : '';
    return `| ${what.trim()} | ${figure(value)} ${unit} | ${beside} | ${goal} |`;
  });
  return [`${machine}`, '', '| what | measured | beside | goal |', '| --- | --- | --- | --- |', ...lines, ''].join(
    '\n',
  );
}
