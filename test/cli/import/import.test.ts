import { describe, expect, test } from 'vitest';
import { importCsv } from '../../../cli/import/csv-points.ts';
import { importEdgex } from '../../../cli/import/edgex.ts';
import { guessSource, type Source } from '../../../cli/import/guess.ts';
import { importHomeAssistant } from '../../../cli/import/home-assistant.ts';
import type { Importer } from '../../../cli/import/importer.ts';
import { importNeuron } from '../../../cli/import/neuron.ts';
import { importTelegraf } from '../../../cli/import/telegraf.ts';
import { importWbTemplate } from '../../../cli/import/wb-template.ts';
import { problemsOf, sample } from './samples.ts';

const FILES: readonly (readonly [Source, string, Importer])[] = [
  ['telegraf', 'telegraf.conf', importTelegraf],
  ['home-assistant', 'home-assistant.yaml', importHomeAssistant],
  ['edgex', 'edgex.yaml', importEdgex],
  ['neuron', 'neuron.csv', importNeuron],
  ['wb', 'wb.template', importWbTemplate],
  ['csv', 'points.csv', importCsv],
];

describe.each(FILES)('%s', (source, file, importer) => {
  test('is told from the others by its content', () => {
    expect(guessSource(sample(file))).toBe(source);
  });

  test('what is imported passes the check', async () => {
    // A register beyond the last is left to the check, which names it.
    const text = sample(file).replace('high;;;input;65535', 'high;;;input;65533');
    const imported = importer(text, file);
    expect(await problemsOf(imported)).toEqual([]);
    expect(imported.points).toBeGreaterThan(3);
  });

  test('every problem has its place', () => {
    const text = sample(file);
    const lines = text.split('\n').length;
    for (const problem of importer(text, file).problems) {
      expect(problem.file).toBe(file);
      expect(problem.path, problem.message).not.toBe('');
      expect(problem.line).toBeGreaterThan(0);
      expect(problem.line).toBeLessThanOrEqual(lines);
    }
  });
});
