import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verb as check } from '../../../cli/check.ts';
import { csvRows } from '../../../cli/import/csv-rows.ts';
import { withoutComments } from '../../../cli/import/json-comments.ts';
import { Names, toName } from '../../../cli/import/names.ts';
import { verb } from '../../../cli/import.ts';
import type { Arguments, Verb } from '../../../cli/verb.ts';
import { systemClock } from '../../../core/clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-import-'));
const files = join(import.meta.dirname, 'files');

async function run(what: Verb, positionals: string[], values: Arguments['values'] = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const io = {
    ...{ out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) },
    ...{ isTty: false, clock: systemClock, signal: new AbortController().signal },
  };
  const code = await what.run({ values, positionals }, io);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('sluice import', () => {
  test('writes a file that sluice check finds good, and tells what is missing from it', async () => {
    const output = join(folder, 'gateway.yaml');
    const { code, out, err } = await run(verb, [join(files, 'telegraf.conf')], { output });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/telegraf\.conf:20: .*close_connection_after_gather: is not translated/);
    expect(err).toMatch(/a gateway.yaml with 10 points; 6 things could not be translated$/);
    expect((await run(check, [], { config: output })).out).toMatch(
      /good \(gateway imported, 2 channels, 2 devices, 10 points\)/,
    );
  });

  test('a file that is translated whole ends with 0; the result goes to standard output', async () => {
    const file = join(folder, 'whole.csv');
    writeFileSync(file, 'name,table,register,type,unit\nvoltage,input,0,u16,V\n');
    const { code, out, err } = await run(verb, [file]);
    expect([code, err]).toEqual([0, 'a profile with 1 point; all of it is translated']);
    expect(out).toMatch(/^driver: modbus-rtu$/m);
  });

  test('--json tells the same to programs, and what the check of the result says too', async () => {
    const { code, err } = await run(verb, [join(files, 'points.csv')], { json: true });
    const { kind, points, problems } = JSON.parse(err);
    expect([code, kind, points]).toEqual([1, 'profile', 8]);
    expect(problems.at(-1)).toMatchObject({ file: 'the result', path: 'points.high.address.register' });
  });

  test('a file of no known program wants --from; one read as the wrong program is refused with all problems', async () => {
    const file = join(folder, 'notes.txt');
    writeFileSync(file, 'buy milk\n');
    await expect(run(verb, [file])).rejects.toThrow(/say --from, one of telegraf, home-assistant/);
    await expect(run(verb, [file], { from: 'csv' })).rejects.toThrow(
      /name: there is no such column[\s\S]*table: there is no such column/,
    );
    await expect(run(verb, [file], { from: 'edgex' })).rejects.toThrow(/nothing to import in it, read as edgex/);
    await expect(run(verb, [file], { from: 'kepware' })).rejects.toThrow(/--from must be one of/);
    await expect(run(verb, [])).rejects.toThrow(/name the one file/);
    await expect(run(verb, [join(folder, 'none')])).rejects.toMatchObject({ code: 'file-missing' });
    await expect(run(verb, [join(files, 'points.csv')], { output: join(folder, 'no', 'such') })).rejects.toMatchObject({
      code: 'file-unwritable',
    });
    expect(() => readFileSync(join(folder, 'no', 'such'))).toThrow();
  });
});

test('rows of a sheet: quotes, separators and line breaks in cells, lines counted', () => {
  expect(csvRows('a,b\r\n"x, ""y""\nz",2\n\n,\n3,')).toEqual([
    { line: 1, cells: ['a', 'b'] },
    { line: 2, cells: ['x, "y"\nz', '2'] },
    { line: 6, cells: ['3', ''] },
  ]);
  expect(csvRows('\uFEFFa;b,c\td\te\n1\t2\t3')[1]).toEqual({ line: 2, cells: ['1', '2', '3'] });
  expect(csvRows('')).toEqual([]);
});

test('comments become blanks: strings and lines stay', () => {
  const text = '{ "a": "http://x", // one\n /* two\n */ "b": "\\"/*" }';
  expect(JSON.parse(withoutComments(text))).toEqual({ a: 'http://x', b: '"/*' });
  expect(withoutComments(text).split('\n')).toHaveLength(3);
});

test('names are ours, and each is there once', () => {
  expect(['Temp. Zuluft [1]', 'ThermostatL', 'Wärme', '온도', '_'].map(toName)).toEqual([
    ...['temp-zuluft-1', 'thermostat-l', 'warme', 'point', 'point'],
  ]);
  const names = new Names();
  expect([
    names.take('status'),
    names.take('Power', 'fast'),
    names.take('power', 'slow'),
    names.take('power', 'slow'),
  ]).toEqual([...['status-2', 'power', 'slow-power', 'power-2']]);
  expect(names.take('x'.repeat(80))).toHaveLength(63);
});
