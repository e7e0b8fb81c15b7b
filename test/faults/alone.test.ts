import { describe, test } from 'vitest';
import { ROWS } from './registry.ts';
import { testRows } from './test-rows.ts';

/** The rows that measure speed: nothing else runs meanwhile. */
describe('faults that are looked at alone, in short', () => {
  testRows(
    ROWS.filter(({ alone }) => alone),
    test,
  );
});
