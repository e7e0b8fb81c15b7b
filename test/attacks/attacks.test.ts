import { expect, test } from 'vitest';
import { ROWS } from './registry.ts';
import { runRows, tableText } from './run.ts';

/** The rows that need no waiting; `npm run attacks` runs all of them. */
test('no attempt succeeds, and the others notice nothing', { timeout: 300_000 }, async () => {
  const all = await runRows(
    ROWS.filter(({ isLong }) => !isLong),
    () => {},
  );
  expect(all.length).toBeGreaterThan(100);
  const successes = all.filter(({ outcome }) => outcome === 'SUCCEEDED');
  expect(successes.length === 0 ? '' : tableText(successes)).toBe('');
});
