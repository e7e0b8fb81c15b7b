import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { expect, test } from 'vitest';
import type { Verb } from '../../cli/verb.ts';
import { packageRoot } from '../../core/package-root.ts';

const folder = join(packageRoot, 'cli');
const files = readdirSync(folder).filter(
  (name) => name.endsWith('.ts') && /^export const verb\b/m.test(readFileSync(join(folder, name), 'utf8')),
);
const verbs = await Promise.all(files.map(async (file) => ((await import(join(folder, file))) as { verb: Verb }).verb));

test('the help lists the verbs that there are', () => {
  const main = readFileSync(join(folder, 'main.ts'), 'utf8');
  const listed = [...main.matchAll(/^ {2}(\w+): \{ summary: .*import\('\.\/(\w+)\.ts'\)/gm)].map(([, name, file]) => [
    name,
    file,
  ]);
  expect(listed.flat().sort()).toEqual(verbs.flatMap(({ name }) => [name, name]).sort());
});

test.each(verbs.map((verb) => [verb.name, verb] as const))('%s --help', (name, { usage, options }) => {
  const lines = usage.split('\n');
  expect(lines[0]).toMatch(new RegExp(`^Usage: sluice ${name}\\b`));
  expect(lines.filter((line) => line.length > 120)).toEqual([]);
  const told = [...usage.matchAll(/^ {2}(?:-\w, | {4})--([\w-]+)/gm)].map(([, option]) => option);
  expect(told.filter((option) => option !== 'json').sort()).toEqual(
    Object.keys(options)
      .filter((option) => option !== 'json')
      .sort(),
  );
  // Texts about options stand in one column.
  const columns = lines.flatMap(
    (line) => /^ {2}(?:-\w, | {4})--[\w-]+(?: [A-Z]\S*)? {2,}/.exec(line)?.[0].length ?? [],
  );
  expect(new Set(columns).size).toBeLessThan(2);

  const example = new RegExp(`^Example: sluice ${name} (.*)$`, 'm').exec(usage)?.[1] ?? '';
  expect(example).not.toBe('');
  const words = example.match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
  const args = words.filter((word) => word !== '--json');
  expect(() => parseArgs({ args, options, allowPositionals: true })).not.toThrow();
});
