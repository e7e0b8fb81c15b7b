import { appendFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { missing } from './needs.ts';
import type { Row } from './row.ts';
import { runRow } from './run-row.ts';
import { notesText } from './table.ts';

// The same each time, so that a red run means a change; `npm run faults` and `npm run simulate` look further.
const SEED = Number(process.env.SLUICE_SEED ?? 20261121);

/** The short size of each row as a test of its own. */
export function testRows(rows: readonly Row[], how: typeof test.concurrent): void {
  for (const row of rows) {
    const reason = missing(row.needs);
    if (reason !== undefined) {
      if (process.env.SLUICE_SKIPPED) appendFileSync(process.env.SLUICE_SKIPPED, `${reason}: fault row ${row.name}\n`);
      test.skip(`${row.name}: ${reason}`, () => {});
      continue;
    }
    how(row.name, { timeout: 300_000 }, async () => {
      const result = await runRow(row, { size: 'short', seed: SEED });
      const { verdict, faults, notes, seconds } = result;
      console.log(`${row.name}: ${JSON.stringify({ faults, ...verdict, seconds, seed: SEED })} ${notesText(notes)}`);
      expect(result.broken, `seed ${SEED}`).toEqual([]);
    });
  }
}
