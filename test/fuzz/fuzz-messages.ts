import type { z } from 'zod';
import { desiredSchema, documentSchema } from '../../cloud-sync/protocol/document.ts';
import { commandSchema, resultSchema } from '../../cloud-sync/protocol/downlink.ts';
import {
  ackSchema,
  fetchSchema,
  helloSchema,
  liveSchema,
  parseMessage,
  refuseSchema,
  statusSchema,
  welcomeSchema,
} from '../../cloud-sync/protocol/messages.ts';
import { mutated, seeded } from '../support/mutate.ts';
import { fuzz, type Tally } from './tally.ts';

const EPOCH = 'ab'.repeat(16);
const CHAIN = '0'.repeat(16);

/** One good message of each kind, to be spoiled. */
const GOOD: readonly (readonly [z.ZodType, unknown])[] = [
  [
    helloSchema,
    {
      ...{ nonce: 'n'.repeat(24), protocol: 1, frameFormats: [1], software: '0.1.0', boot: 3, catalogue: 2 },
      epochs: [{ epoch: EPOCH, floor: '0', next: '10', chain: CHAIN, confirmed: '4', boots: [[1, '0', CHAIN]] }],
      gaps: [{ epoch: EPOCH, from: '1', to: '2', reason: 'retention', points: { 1: 2 } }],
      clock: { now: 1_793_491_200_000, synchronised: true },
    },
  ],
  [
    welcomeSchema,
    {
      ...{ nonce: 'n'.repeat(24), session: 7, hub: 'h', generation: 'g', clock: { now: 1 }, frameFormats: [1] },
      ...{ limits: { windowBytes: 1000 }, epochs: [{ epoch: EPOCH, cursor: '4', chain: CHAIN }] },
    },
  ],
  [ackSchema, { session: 7, epoch: EPOCH, next: '9' }],
  [refuseSchema, { session: 7, round: 0, epoch: EPOCH, code: 'no-session', next: '3' }],
  [
    liveSchema,
    {
      catalogue: 1,
      values: [
        [1, 1_793_491_200_000, 21.5],
        [2, 1_793_491_200_000, null, 'no-answer'],
      ],
    },
  ],
  [statusSchema, { state: 'online', at: 1, backlog: 0, channels: [] }],
  [documentSchema, { name: 'catalogue', version: 1, hash: 'x', part: 0, parts: 1, bytes: 'eJw=' }],
  [fetchSchema, { what: 'catalogue', version: 1 }],
  [desiredSchema, { documents: [{ what: 'config', version: 1, hash: 'ab'.repeat(32), body: 'q1YqAQA=' }] }],
  [commandSchema, { id: 'abcdefgh', kind: 'scan', expires: 1, by: 'kim', line: {}, units: '1-32' }],
  [resultSchema, { id: 'abcdefgh', state: 'running', progress: { done: 1, total: 2 }, body: {} }],
];

const POISON: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  2 ** 53,
  0.5,
  '',
  '9'.repeat(400),
  '99999999999999999',
  '\u0000',
  [],
  {},
  { constructor: 1 },
  Array.from({ length: 2000 }, () => 1),
];

/** Messages with keys lost, doubled, of other types, nested beyond reason, and plain noise: undefined or a message of its schema. */
export function fuzzMessages(seed: number, inputs: number): Tally {
  const random = seeded(seed);
  const before = Object.getOwnPropertyNames(Object.prototype).length;
  return fuzz(inputs, (round) => {
    const [schema, good] = GOOD[Math.floor(random() * GOOD.length)] as (typeof GOOD)[number];
    const parsed = parseMessage(schema, spoil(good, random, seed + round));
    if (Object.getOwnPropertyNames(Object.prototype).length !== before) throw new Error('the prototype was polluted');
    return parsed !== undefined;
  });
}

function spoil(good: unknown, random: () => number, seed: number): Buffer {
  const way = random();
  if (way < 0.35) return mutated(Buffer.from(JSON.stringify(good)), seed);
  if (way < 0.45) return Buffer.from(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
  const copy = structuredClone(good) as Record<string, unknown>;
  for (let left = 1 + Math.floor(random() * 3); left > 0; left--) spoilOne(copy, random);
  const text = JSON.stringify(copy);
  return Buffer.from(random() < 0.1 ? text.replace('{', '{"__proto__":{"polluted":1},') : text);
}

/** Somewhere in the tree: a value goes, or another comes in its place. */
function spoilOne(tree: Record<string, unknown>, random: () => number): void {
  let at = tree;
  for (;;) {
    const keys = Object.keys(at);
    const key = keys[Math.floor(random() * keys.length)];
    if (key === undefined) return;
    const inner = at[key];
    if (typeof inner === 'object' && inner !== null && random() < 0.6) {
      at = inner as Record<string, unknown>;
      continue;
    }
    if (random() < 0.2) delete at[key];
    else at[key] = structuredClone(POISON[Math.floor(random() * POISON.length)]);
    return;
  }
}
