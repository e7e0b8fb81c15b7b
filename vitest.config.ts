import { defineConfig } from 'vitest/config';

const shared = {
  exclude: ['dist/**', 'node_modules/**'],
  testTimeout: 20_000,
  hookTimeout: 60_000,
  maxWorkers: 2,
};

/** One group after the other: whole sites would take the processor from the tests that look at milliseconds. */
export default defineConfig({
  test: {
    globalSetup: ['test/support/skipped.ts'],
    projects: [
      {
        test: {
          ...shared,
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          exclude: [...shared.exclude, 'test/e2e/**', 'test/faults/**'],
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...shared, name: 'sites', include: ['test/e2e/**/*.test.ts'], sequence: { groupOrder: 1 } } },
      {
        test: {
          ...shared,
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          // Only these run beside each other: most of their time is waiting.
          maxConcurrency: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
