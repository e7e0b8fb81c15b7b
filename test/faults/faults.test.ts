import { appendFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { missing } from './needs.ts';
import { ROWS } from './registry.ts';
import { runRow } from './run-row.ts';
import { notesText } from './table.ts';

// The same each time, so that a red run means a change; `npm run faults` and `npm run simulate` look further.
const SEED = Number(process.env.SLUICE_SEED ?? 20261121);

/** The short size of every row; `npm run faults` runs the long ones. */
describe('every fault, in short', () => {
  for (const row of ROWS) {
    const reason = missing(row.needs);
    if (reason !== undefined) {
      if (process.env.SLUICE_SKIPPED) appendFileSync(process.env.SLUICE_SKIPPED, `${reason}: fault row ${row.name}\n`);
      test.skip(`${row.name}: ${reason}`, () => {});
      continue;
    }
    const how = row.alone ? test : test.concurrent;
    how(row.name, { timeout: 180_000 }, async () => {
      const result = await runRow(row, { size: 'short', seed: SEED });
      const { verdict, faults, notes, seconds } = result;
      console.log(`${row.name}: ${JSON.stringify({ faults, ...verdict, seconds, seed: SEED })} ${notesText(notes)}`);
      expect(result.broken, `seed ${SEED}`).toEqual([]);
    });
  }
});
