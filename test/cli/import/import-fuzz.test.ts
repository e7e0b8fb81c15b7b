import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { importCsv } from '../../../cli/import/csv-points.ts';
import { importEdgex } from '../../../cli/import/edgex.ts';
import { importHomeAssistant } from '../../../cli/import/home-assistant.ts';
import type { Importer } from '../../../cli/import/importer.ts';
import { importNeuron } from '../../../cli/import/neuron.ts';
import { importTelegraf } from '../../../cli/import/telegraf.ts';
import { importWbTemplate } from '../../../cli/import/wb-template.ts';
import { SettingsFault } from '../../../core/settings.ts';

const FILES: readonly (readonly [string, Importer])[] = [
  ['telegraf.conf', importTelegraf],
  ['home-assistant.yaml', importHomeAssistant],
  ['edgex.yaml', importEdgex],
  ['neuron.csv', importNeuron],
  ['wb.template', importWbTemplate],
  ['points.csv', importCsv],
];

/** Words that a table made of a plain object would find where it has none. */
const WORDS = [
  'constructor',
  '__proto__',
  'toString',
  '-1',
  '1e999',
  '"',
  "'",
  '[',
  '{',
  '\\u0000',
  '65536',
  '[]',
  'null',
];

/** What an importer may do with any text: give a result, or refuse it with its problems. */
function expectAnswer(importer: Importer, text: string): void {
  try {
    const { yaml, problems } = importer(text, 'file');
    expect(yaml).not.toMatch(/native code|\[object |undefined|NaN/);
    for (const { message, path } of problems) expect(`${path} ${message}`).not.toMatch(/native code|\[object /);
  } catch (error) {
    if (!(error instanceof SettingsFault)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
  }
}

describe.each(FILES)('%s', (file, importer) => {
  const sample = readFileSync(join(import.meta.dirname, 'files', file), 'utf8');

  test('a damaged file is imported in part, or refused with its problems', () => {
    const places = fc.integer({ min: 0, max: sample.length });
    const damage = fc.record({
      at: places,
      length: fc.integer({ min: 0, max: 40 }),
      put: fc.constantFrom('', ...WORDS),
    });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
        const text = damages.reduce(
          (all, { at, length, put }) => all.slice(0, at) + put + all.slice(at + length),
          sample,
        );
        expectAnswer(importer, text);
      }),
      { numRuns: 100, seed: 20_261_121 },
    );
  });

  test('words in place of values are told, not looked up in what every object has', () => {
    const words = [...sample.matchAll(/[A-Za-z_][A-Za-z_0-9]*|\d+/g)];
    for (const { index, 0: found } of words)
      for (const word of ['constructor'])
        expectAnswer(importer, sample.slice(0, index) + word + sample.slice(index + found.length));
  });

  test('any text at all is answered', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => expectAnswer(importer, text)),
      { numRuns: 200, seed: 20_261_121 },
    );
  });
});
