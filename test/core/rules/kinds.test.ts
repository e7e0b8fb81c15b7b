import { expect, test } from 'vitest';
import { good, type Outcome } from '../../../core/reading.ts';
import type { Rule } from '../../../core/rules/rule.ts';
import { type Given, ruleOf, run } from './support.ts';

const above = ruleOf({ kind: 'above', limit: 30, deadband: 1 });
const sumAbove10: Rule = {
  ...ruleOf({ kind: 'expression', text: 'a + b > 10', inputs: ['a', 'b'] }),
  formula: { inputs: ['a', 'b'], evaluate: ([a, b]): Outcome => good(Number(a) + Number(b) > 10) },
};

type Case = readonly [
  name: string,
  rule: Rule,
  steps: readonly (readonly [number, Given])[],
  expected: readonly string[],
];

const cases: readonly Case[] = [
  [
    'above: the limit itself is normal; a deadband before it ends',
    above,
    [
      [0, 30],
      [1, 30.1],
      [2, 29.5],
      [3, 29],
    ],
    ['1 raised', '3 cleared'],
  ],
  [
    'below',
    ruleOf({ kind: 'below', limit: 10, deadband: 1 }),
    [
      [0, 10],
      [1, 9.9],
      [2, 10.9],
      [3, 11],
    ],
    ['1 raised', '3 cleared'],
  ],
  [
    'equals',
    ruleOf({ kind: 'equals', value: true }),
    [
      [0, false],
      [1, true],
      [2, true],
      [3, false],
    ],
    ['1 raised', '3 cleared'],
  ],
  [
    'bit that is set',
    ruleOf({ kind: 'bit', bit: 3, set: true }),
    [
      [0, 7],
      [1, 8],
      [2, 15],
      [3, 23],
    ],
    ['1 raised', '3 cleared'],
  ],
  [
    'bit 40 of a long word',
    ruleOf({ kind: 'bit', bit: 40, set: true }),
    [
      [0, 2 ** 39],
      [1, 2 ** 40 + 1],
    ],
    ['1 raised'],
  ],
  [
    'bit that is missing',
    ruleOf({ kind: 'bit', bit: 0, set: false }),
    [
      [0, 1],
      [1, 2],
      [2, 3],
    ],
    ['1 raised', '2 cleared'],
  ],
  [
    'a number that is no word of bits is not judged',
    ruleOf({ kind: 'bit', bit: 0, set: false }),
    [
      [0, 0.5],
      [1, -2],
    ],
    [],
  ],
  [
    'rate: rises by more than 2 in 5 min, over several readings',
    ruleOf({ kind: 'rate', above: 2, perMs: 300_000 }),
    [
      [0, 20],
      [100, 21],
      [200, 22],
      [299, 22.1],
      [400, 22.2],
      [600, 22.2],
      [900, 22.2],
    ],
    ['299 raised', '400 cleared'],
  ],
  [
    'rate: as much over a longer time is nothing',
    ruleOf({ kind: 'rate', above: 2, perMs: 60_000 }),
    [
      [0, 20],
      [50, 21],
      [100, 22],
      [150, 23],
      [200, 24],
    ],
    [],
  ],
  [
    'rate: falls',
    ruleOf({ kind: 'rate', below: -5, perMs: 60_000 }),
    [
      [0, 50],
      [30, 60],
      [40, 54.9],
    ],
    ['40 raised'],
  ],
  [
    'deviation from a point, both ways, with a deadband',
    ruleOf({ kind: 'deviation', from: 's', limit: 3, deadband: 1 }),
    [
      [0, { t: 21, s: 20 }],
      [1, { t: 23.5 }],
      [2, { t: 22.5 }],
      [3, { s: 21 }],
      [4, { t: 17 }],
    ],
    ['1 raised', '3 cleared', '4 raised'],
  ],
  [
    'deviation from a figure',
    ruleOf({ kind: 'deviation', from: 20, limit: 3, deadband: 0 }),
    [
      [0, 17],
      [1, 16.9],
    ],
    ['1 raised'],
  ],
  [
    'deviation: a set value that cannot be read is not judged by',
    ruleOf({ kind: 'deviation', from: 's', limit: 3, deadband: 0 }),
    [
      [0, { t: 30, s: null }],
      [1, { s: 20 }],
      [2, { s: null, t: 20 }],
      [3, { s: 20 }],
    ],
    ['1 raised', '3 cleared'],
  ],
  [
    'stale: faults are silence, time passes, a good reading ends it',
    ruleOf({ kind: 'stale', afterMs: 60_000 }),
    [
      [0, 20],
      [30, null],
      [59, '-'],
      [60, '-'],
      [90, null],
      [91, 20],
    ],
    ['60 raised', '91 cleared'],
  ],
  [
    'stale: never read at all',
    ruleOf({ kind: 'stale', afterMs: 60_000 }),
    [
      [0, '-'],
      [59, '-'],
      [60, '-'],
    ],
    ['60 raised'],
  ],
  [
    'flatline: small noise is no change; a gap is not judged',
    ruleOf({ kind: 'flatline', forMs: 60_000, tolerance: 0.1 }),
    [
      [0, 20],
      [30, 20.05],
      [50, null],
      [59, 20.1],
      [60, 20],
      [61, 20.3],
      [121, '-'],
      [122, 20.3],
    ],
    ['60 raised', '61 cleared', '122 raised'],
  ],
  [
    'discrepancy: commanded on, not running after 30 s; commanded off ends it',
    ruleOf({ kind: 'discrepancy', command: 'c', is: true, withinMs: 30_000 }),
    [
      [0, { t: false, c: false }],
      [10, { c: true }],
      [39, { t: false }],
      [40, { t: false }],
      [50, { c: false }],
      [60, { c: true }],
      [80, { t: true }],
      [95, { t: true }],
      [100, { t: false }],
      [129, { t: false }],
      [130, { t: false }],
    ],
    ['40 raised', '50 cleared', '130 raised'],
  ],
  [
    'expression: all inputs must be good',
    sumAbove10,
    [
      [0, { a: 4 }],
      [1, { b: 7 }],
      [2, { a: null }],
      [3, { b: 0 }],
      [4, { a: 1 }],
    ],
    ['1 raised', '4 cleared'],
  ],
  ['a text is not judged by a limit', above, [[0, { t: 'hot' }]], []],
];

test.each(cases)('%s', (_name, rule, steps, expected) => {
  expect(run(rule, steps)).toEqual(expected);
});
