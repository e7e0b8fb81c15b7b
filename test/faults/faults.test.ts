import { describe, test } from 'vitest';
import { ROWS } from './registry.ts';
import { testRows } from './test-rows.ts';

/** The short size of every row that may run beside others; `npm run faults` runs the long ones. */
describe('every fault, in short', () => {
  testRows(
    ROWS.filter(({ alone }) => !alone),
    test.concurrent,
  );
});
