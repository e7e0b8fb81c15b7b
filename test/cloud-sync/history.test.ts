import { expect, test } from 'vitest';
import type { CursorState } from '../../cloud-sync/cloud-hub/archive.ts';
import { partingOf } from '../../cloud-sync/cloud-hub/history.ts';
import type { Hello } from '../../cloud-sync/protocol/messages.ts';

const EPOCH = 'a'.repeat(32);

type Told = Hello['epochs'][number];
const cursor: CursorState = {
  ...{ epoch: EPOCH, next: 50, chain: 'c', catalogue: 1, told: 70 },
  boots: [
    [1, 0, '0'],
    [2, 20, 'b'],
  ],
};
const first: Told['boots'] = [
  [1, 0, '0'],
  [2, 20, 'b'],
];
const told = (more: Partial<Told>): Told => ({
  ...{ epoch: EPOCH, floor: 0, next: 100, chain: 'x', confirmed: 0, boots: first, ...more },
});

test.each<[string, Partial<Told>, number | undefined]>([
  ['a journal that went on', {}, undefined],
  ['one that started again since', { boots: [...first, [3, 80, 'y']] }, undefined],
  ['one that started again at the end that was told', { boots: [...first, [3, 70, 'y']] }, undefined],
  ['one with nothing new', { next: 70, chain: 'd' }, undefined],
  ['one whose new boot began below the cursor', { boots: [...first, [3, 40, 'y']] }, 40],
  ['one whose new boot began below what was told, above the cursor', { boots: [...first, [3, 60, 'y']] }, 60],
  ['one whose new boots both began below the cursor', { boots: [...first, [3, 40, 'y'], [4, 45, 'z']] }, 40],
  [
    'one whose known boot began earlier',
    {
      boots: [
        [1, 0, '0'],
        [2, 15, 'z'],
      ],
    },
    15,
  ],
  [
    'one whose known boot began later',
    {
      boots: [
        [1, 0, '0'],
        [2, 30, 'z'],
      ],
    },
    20,
  ],
  [
    'one whose known boot began there with another past',
    {
      boots: [
        [1, 0, '0'],
        [2, 20, 'z'],
      ],
    },
    0,
  ],
  ['one whose new boot began at the cursor with another past', { boots: [...first, [3, 50, 'y']] }, 20],
  ['one as long as the hub with another end', { next: 50, chain: 'd' }, 20],
  ['one that is shorter than the hub', { next: 49 }, 20],
  ['one whose first boots the hub has forgotten', { boots: [[0, 0, '7'], ...first] }, undefined],
])('%s', (_, more, parted) => {
  expect(partingOf(cursor, told(more), true)).toBe(parted);
});

test('a journal that is no longer written may be shorter: a copy that never wrote to it', () => {
  expect(partingOf(cursor, told({ next: 40 }), false)).toBeUndefined();
  expect(partingOf(cursor, told({ next: 40, boots: [...first, [3, 30, 'y']] }), false)).toBe(30);
});
