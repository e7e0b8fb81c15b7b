import { expect, test } from 'vitest';
import { EdgeSession } from '../../cloud-sync/edge-hub/edge-session.ts';
import type { Hello, Refuse } from '../../cloud-sync/protocol/messages.ts';

const EPOCH = 'a'.repeat(32);

function edgeSession(told: Partial<Hello['epochs'][number]>, cursor: number, chain: string, parted?: number) {
  const state = { epoch: EPOCH, floor: 0, next: 100, chain: '1'.repeat(16), confirmed: 0, boots: [], ...told };
  const hello = { nonce: 'n', epochs: [state], gaps: [] } as unknown as Hello;
  const welcome = {
    ...{ nonce: 'n', session: 7, hub: 'h', generation: 'g', clock: { now: 0 }, frameFormats: [1] },
    limits: { windowBytes: 1000 },
    epochs: [{ epoch: EPOCH, cursor, chain, parted }],
  };
  return new EdgeSession({ hello, welcome, roundTripMs: 10, windowBytes: 500 });
}

const boots: Hello['epochs'][number]['boots'] = [
  [1, 0, '0'],
  [2, 30, 'b'],
  [3, 80, 'd'],
];

type Case = [
  name: string,
  told: Partial<Hello['epochs'][number]> & { parted?: number },
  cursor: number,
  theirs: string,
  own: string | undefined,
  state: 'agreed' | 'parted',
  does: number | { at: number; cursor: number } | undefined,
];

test.each<Case>([
  ['agrees when the chains are one', {}, 50, 'c', 'c', 'agreed', 50],
  ['parts within the boot when they differ', { boots }, 50, 'c', 'd', 'parted', { at: 30, cursor: 50 }],
  ['parts when the hub has more than there is', { boots }, 101, 'c', undefined, 'parted', { at: 80, cursor: 101 }],
  ['sends nothing when the cursor is within a frame', {}, 50, 'c', undefined, 'parted', undefined],
  ['goes on below the floor, and confirms nothing there', { floor: 60 }, 50, 'c', undefined, 'agreed', undefined],
  ['takes back what a restored hub lacks', { floor: 60, confirmed: 90 }, 50, 'c', undefined, 'agreed', 50],
  ['parts where the hub says', { boots, parted: 40 }, 50, 'c', 'd', 'parted', { at: 40, cursor: 50 }],
  [
    'parts where the hub says, before it has all',
    { boots, parted: 60 },
    50,
    'c',
    'c',
    'parted',
    { at: 60, cursor: 50 },
  ],
  ['does not believe the hub when the chains are one', { boots, parted: 40 }, 50, 'c', 'c', 'agreed', 50],
  [
    'parts earlier than the hub says when it must',
    { boots, parted: 60 },
    50,
    'c',
    'd',
    'parted',
    { at: 30, cursor: 50 },
  ],
])('%s', (_, { parted, ...told }, cursor, theirs, own, state, does) => {
  const session = edgeSession(told, cursor, theirs, parted);
  const step = session.checked(EPOCH, own);
  expect(session.parted()).toEqual(state === 'parted' ? [EPOCH] : []);
  if (does === undefined) expect(step).toEqual({ step: 'none' });
  else if (typeof does === 'number') expect(step).toEqual({ step: 'confirm', epoch: EPOCH, next: does });
  else expect(step).toEqual({ step: 'part', epoch: EPOCH, ...does });
  expect(session.place()).toEqual(state === 'parted' ? undefined : { epoch: EPOCH, from: cursor });
});

test('sends nothing of a journal that a copy of it has written on, and goes on with its own', () => {
  const own = 'b'.repeat(32);
  const state = { floor: 0, next: 40, chain: 'c', confirmed: 0, boots };
  const epochs = [
    { ...state, epoch: EPOCH },
    { ...state, epoch: own },
  ];
  const hello = { nonce: 'n', epochs, gaps: [] } as unknown as Hello;
  const welcome = {
    ...{ nonce: 'n', session: 7, hub: 'h', generation: 'g', clock: { now: 0 }, frameFormats: [1] },
    limits: { windowBytes: 1000 },
    epochs: [
      { epoch: EPOCH, cursor: 50, chain: 'x' },
      { epoch: own, cursor: 0, chain: '0' },
    ],
  };
  const session = new EdgeSession({ hello, welcome, roundTripMs: 10, windowBytes: 500 });
  // All that was written before it was copied is stored.
  expect(session.checked(EPOCH, undefined)).toEqual({ step: 'confirm', epoch: EPOCH, next: 40 });
  expect(session.checked(own, '0')).toEqual({ step: 'confirm', epoch: own, next: 0 });
  expect(session.parted()).toEqual([]);
  expect(session.place()).toEqual({ epoch: own, from: 0 });
  expect(session.acknowledged({ session: 7, epoch: EPOCH, next: 45 }, 0)).toEqual({ step: 'none' });
});

test('goes back at most twice to one place', () => {
  const session = edgeSession({}, 0, 'c');
  session.checked(EPOCH, 'c');
  session.sent(EPOCH, 40, 100, 0);
  const refuse = (round: number): Refuse => ({ session: 7, round, code: 'out-of-sequence', epoch: EPOCH, next: 10 });
  expect(session.refused(refuse(0))).toMatchObject({ step: 'rewind' });
  expect(session.place()).toEqual({ epoch: EPOCH, from: 10 });
  expect(session.refused(refuse(0))).toEqual({ step: 'none' });
  expect(session.refused(refuse(1))).toMatchObject({ step: 'rewind' });
  expect(session.refused(refuse(2))).toMatchObject({ step: 'reconnect' });
});

test('believes no acknowledgement of what it never sent, and none of another session', () => {
  const session = edgeSession({}, 0, 'c');
  session.checked(EPOCH, 'c');
  session.sent(EPOCH, 40, 100, 0);
  expect(session.acknowledged({ session: 8, epoch: EPOCH, next: 20 }, 0)).toEqual({ step: 'none' });
  expect(session.acknowledged({ session: 7, epoch: EPOCH, next: 20 }, 0)).toMatchObject({
    step: 'confirm',
    next: 20,
  });
  expect(session.acknowledged({ session: 7, epoch: EPOCH, next: 41 }, 0)).toMatchObject({ step: 'reconnect' });
});

test('finds the hub silent 10 s and four round trips after the last byte left', () => {
  const session = edgeSession({}, 0, 'c');
  session.checked(EPOCH, 'c');
  expect(session.isSilent(1_000_000, false)).toBe(false);
  session.sent(EPOCH, 40, 100, 1_000_000);
  expect(session.isSilent(1_009_000, true)).toBe(false);
  expect(session.isSilent(1_019_000, false)).toBe(false);
  expect(session.isSilent(1_019_100, false)).toBe(true);
});
