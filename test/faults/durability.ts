import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../core/package-root.ts';
import type { Result } from './results.ts';
import { notesMarkdown, tableMarkdown } from './table.ts';

const PAGE = join(packageRoot, 'docs/durability.md');
export const BEGIN = '<!-- figures: written by `npm run faults` -->';
export const END = '<!-- end of figures -->';

/** Puts the figures between the two markers of docs/durability.md; the prose around them is written by hand. */
export function writeDurability(results: readonly Result[]): void {
  writeFileSync(PAGE, withFigures(readFileSync(PAGE, 'utf8'), results));
}

export function withFigures(page: string, results: readonly Result[]): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new TypeError(`${PAGE} has no place for the figures: ${BEGIN} … ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${figures(results)}\n\n${page.slice(end)}`;
}

/** Which rows ran at which commit, if it was not one. */
function rowsByCommit(results: readonly Result[]): string[] {
  const commits = [...new Set(results.map(({ on }) => on.commit))];
  if (commits.length === 1) return [];
  const rowsOf = (commit: string) => results.filter(({ on }) => on.commit === commit).map(({ row }) => row);
  return [commits.map((commit) => `- at ${commit}: ${rowsOf(commit).join(', ')}`).join('\n')];
}

function figures(results: readonly Result[]): string {
  const machines = new Set(
    results.map(({ on }) => `commit ${on.commit}, Sluice ${on.sluice}, Node ${on.node}, Linux ${on.kernel}`),
  );
  const last =
    results
      .map(({ endedAt }) => endedAt)
      .sort()
      .at(-1) ?? '';
  const total = results.reduce((sum, { verdict }) => sum + verdict.journalled, 0);
  return [
    `Measured ${last.slice(0, 10)}: ${[...machines].join('; ')}. ${total.toLocaleString('en')} records journalled in all.`,
    ...rowsByCommit(results),
    tableMarkdown(results),
    notesMarkdown(results),
  ].join('\n\n');
}
