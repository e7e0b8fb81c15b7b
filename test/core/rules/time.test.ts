import { describe, expect, test } from 'vitest';
import { RESTORED } from '../../../core/rules/step.ts';
import { ruleOf, run } from './support.ts';

const above = ruleOf({ kind: 'above', limit: 30, deadband: 1 });

describe('delays', () => {
  const delayed = ruleOf({ kind: 'above', limit: 30, deadband: 0 }, { onDelayMs: 10_000, offDelayMs: 20_000 });

  test.each([
    [
      'both run out although nothing is read',
      [
        [0, 31],
        [9, '-'],
        [10, '-'],
        [15, 29],
        [34, '-'],
        [35, '-'],
      ],
      ['10 raised', '35 cleared'],
    ],
    [
      'a dip within the on-delay starts it anew',
      [
        [0, 31],
        [5, 29],
        [6, 31],
        [15, 31],
        [16, 31],
      ],
      ['16 raised'],
    ],
    [
      'a return within the off-delay keeps the alarm',
      [
        [0, 31],
        [10, 31],
        [15, 29],
        [34, 31],
        [50, 29],
        [69, 29],
        [70, 29],
      ],
      ['10 raised', '70 cleared'],
    ],
    [
      'a fault stops the clock, and neither raises nor clears',
      [
        [0, 31],
        [5, null],
        [60, '-'],
        [61, 31],
        [62, 29],
        [63, null],
        [200, '-'],
        [201, 29],
      ],
      ['61 raised', '201 cleared'],
    ],
  ] as const)('%s', (_name, steps, expected) => {
    expect(run(delayed, steps)).toEqual(expected);
  });
});

test.each([
  [
    'that is over stays over although nothing more is read',
    [
      [0, 20],
      [60, '-'],
      [61, 20],
      [80, '-'],
      [81, '-'],
    ],
    ['60 raised', '81 cleared'],
  ],
  [
    'a fault is silence, and does not stop the clock',
    [
      [0, 20],
      [60, '-'],
      [61, 20],
      [62, null],
      [81, '-'],
      [121, '-'],
      [130, 20],
      [150, 20],
    ],
    ['60 raised', '81 cleared', '121 raised', '150 cleared'],
  ],
] as const)('silence %s', (_name, steps, expected) => {
  const rule = ruleOf({ kind: 'stale', afterMs: 60_000 }, { offDelayMs: 20_000 });
  expect(run(rule, steps)).toEqual(expected);
});

test.each([
  [
    ruleOf({ kind: 'flatline', forMs: 60_000, tolerance: 0 }, { offDelayMs: 20_000 }),
    [
      [0, 20],
      [60, 20],
      [70, 21],
      [80, 21],
      [90, '-'],
      [129, 21],
      [130, 21],
    ],
    ['60 raised', '90 cleared', '130 raised'],
  ],
  [
    ruleOf({ kind: 'discrepancy', command: 'c', is: true, withinMs: 30_000 }, { offDelayMs: 20_000 }),
    [
      [0, { c: true, t: false }],
      [30, { t: false }],
      [40, { t: true }],
      [45, { t: false }],
      [60, '-'],
      [74, { t: false }],
      [75, { t: false }],
    ],
    ['30 raised', '60 cleared', '75 raised'],
  ],
] as const)(
  '$condition.kind: less than its time after it was seen to be over is known to be too short',
  (rule, steps, expected) => {
    expect(run(rule, steps)).toEqual(expected);
  },
);

describe('after a restart', () => {
  test.each([
    [
      'a limit that still holds',
      above,
      [
        [0, 31],
        [1, 29],
      ],
      ['1 cleared'],
    ],
    ['a value within the deadband keeps it', above, [[0, 29.5]], []],
    [
      'no reading ends nothing',
      above,
      [
        [0, '-'],
        [100, null],
      ],
      [],
    ],
    [
      'silence goes on',
      ruleOf({ kind: 'stale', afterMs: 60_000 }),
      [
        [0, null],
        [10, '-'],
        [300, '-'],
        [301, 20],
      ],
      ['301 cleared'],
    ],
    [
      'a rate is not over before its window has been seen',
      ruleOf({ kind: 'rate', above: 2, perMs: 60_000 }),
      [
        [0, 25],
        [59, 25],
        [60, 25],
      ],
      ['60 cleared'],
    ],
    [
      'what stands still may have done so for long',
      ruleOf({ kind: 'flatline', forMs: 60_000, tolerance: 0 }),
      [
        [0, 20],
        [30, 20],
        [90, 20],
        [91, 21],
      ],
      ['91 cleared'],
    ],
    [
      'a discrepancy that lasts',
      ruleOf({ kind: 'discrepancy', command: 'c', is: true, withinMs: 30_000 }),
      [
        [0, { c: true, t: false }],
        [10, { t: false }],
        [20, { t: true }],
      ],
      ['20 cleared'],
    ],
  ] as const)('%s', (_name, rule, steps, expected) => {
    expect(run(rule, steps, RESTORED)).toEqual(expected);
  });
});
