import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

const shared = {
  exclude: ['dist/**', 'node_modules/**'],
  testTimeout: 20_000,
  hookTimeout: 60_000,
  // What is waited for comes at once; on a busy machine not within the second that is vitest's own patience.
  expect: { poll: { timeout: 10_000 } },
  maxWorkers: 2,
};

/** They look at milliseconds, or at speed. */
const ALONE = [
  'test/e2e/alarms.test.ts',
  'test/e2e/pace.test.ts',
  'test/e2e/silent-hub.test.ts',
  'test/e2e/trends-pace.test.ts',
  'test/faults/alone.test.ts',
  'test/gateway/alarm-latency.test.ts',
];

/** One group after the other: whole sites would take the processor from the tests that look at milliseconds. */
export default defineConfig({
  test: {
    globalSetup: ['test/support/skipped.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...shared,
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: [...shared.exclude, ...ALONE, 'test/e2e/**', 'test/attacks/**', 'test/faults/**'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: 'sites',
          include: ['test/e2e/**/*.test.ts', 'test/attacks/**/*.test.ts'],
          exclude: [...shared.exclude, ...ALONE],
          // Beyond what is waited for in them: a wait that fails says for what, a test that ends does not.
          testTimeout: 90_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'faults',
          include: ['test/faults/faults.test.ts'],
          // Two rows beside each other: most of their time is waiting.
          maxConcurrency: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...shared,
          name: 'alone',
          include: ALONE,
          maxWorkers: 1,
          testTimeout: 90_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
