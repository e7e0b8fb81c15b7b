import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseSettings, problemLine, SettingsFault } from '../../core/settings.ts';
import { duration, size } from '../../core/units.ts';

const schema = z.strictObject({
  name: z.string(),
  wait: duration({ least: 100 }).default(1000),
  room: size().optional(),
  lines: z.array(z.strictObject({ port: z.string(), baudRate: z.number().int().default(9600) })).default([]),
});

function problemsOf(text: string): string[] {
  try {
    parseSettings(schema, text, 'a.yaml');
  } catch (error) {
    if (error instanceof SettingsFault) return error.problems.map(problemLine);
    throw error;
  }
  return [];
}

test('a good file gives values in base units, and says where each part stands', () => {
  const { value, problem } = parseSettings(schema, 'name: a\nwait: 1.5s\nroom: 2MiB\nlines:\n  - port: x\n', 'a.yaml');
  expect(value).toEqual({ name: 'a', wait: 1500, room: 2097152, lines: [{ port: 'x', baudRate: 9600 }] });
  expect(problem(['lines', 0, 'port'], 'is taken').line).toBe(5);
});

test('all problems come at once, with line, path and a suggestion', () => {
  const text = 'nam: a\nwait: 5 seconds\nlines:\n  - port: x\n    boudRate: 9600\n  - { baudRate: fast }\n';
  expect(problemsOf(text)).toEqual([
    'a.yaml:1: name: is missing',
    'a.yaml:1: nam: unknown key `nam` — did you mean `name`?',
    'a.yaml:2: wait: expected a duration such as 500ms, 5s, 2m, 1h, 30d, 2y (got "5 seconds")',
    'a.yaml:5: lines[0].boudRate: unknown key `boudRate` — did you mean `baudRate`?',
    'a.yaml:6: lines[1].port: is missing',
    'a.yaml:6: lines[1].baudRate: expected number, received string (got "fast")',
  ]);
});

test('broken YAML names the line', () => {
  expect(problemsOf('name: a\nlines: [1, 2\nwait: 1s\n')[0]).toMatch(/^a\.yaml:\d+: /);
  expect(problemsOf('name: a\nname: b\n')[0]).toMatch(/^a\.yaml:2: .*unique/);
});

test('an alias bomb is refused, not expanded', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'.split('').map((c, i) => `${c}: &${c} [${`*${'abcdefg'[i]},`.repeat(9)}]`),
  ].join('\n');
  expect(() => parseSettings(schema, bomb, 'a.yaml')).toThrow();
});

test('a number without a unit is told the form; a long value is not repeated in full', () => {
  expect(problemsOf('name: a\nwait: 5\n')).toEqual([
    'a.yaml:2: wait: expected a duration such as 500ms, 5s, 2m, 1h, 30d, 2y (got 5)',
  ]);
  expect(problemsOf(`name: a\nwait: ${'x'.repeat(5000)}\n`)[0]).toHaveLength(158);
});

test('a limit is explained in the unit of the setting', () => {
  expect(problemsOf('name: a\nwait: 10ms\n')).toEqual(['a.yaml:2: wait: must be at least 100 ms (got "10ms")']);
});
