import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Seq } from '../../cloud-sync/protocol/numbers.ts';
import { EndCheck } from '../../gateway/journal/end-check.ts';
import type { ReadFrame } from '../../gateway/journal/segment.ts';
import { openLevel } from '../../gateway/journal/store.ts';
import { calendar, firstsOf, forgetCleanEnd } from '../support/journal-home.ts';
import { useJournals } from '../support/use-journals.ts';

/** Where the numbers of a journal end, when a frame of its newest segment is damaged. */

describe('the check of the end', () => {
  const DAMAGED: ReadFrame = { state: 'damaged' };

  /** Ten numbers. */
  function whole(first: Seq): ReadFrame {
    const key = { first, count: 10, chainAfter: '0'.repeat(16) };
    return { state: 'whole', key, frame: { first, count: 10, bytes: new Uint8Array() } };
  }

  test.each<[string, ReadFrame[], { isWhole: boolean; next: Seq }]>([
    ['nothing is there', [], { isWhole: true, next: 100 }],
    ['every frame is whole', [whole(100), whole(110)], { isWhole: true, next: 120 }],
    [
      'one in the middle is damaged, where its numbers are missing',
      [whole(100), DAMAGED, whole(120)],
      { isWhole: true, next: 130 },
    ],
    ['the first is damaged', [DAMAGED, whole(110)], { isWhole: true, next: 120 }],
    ['numbers are missing and no frame lies there', [whole(100), whole(120)], { isWhole: true, next: 130 }],
    ['the last is damaged', [whole(100), whole(110), DAMAGED], { isWhole: false, next: 120 }],
    ['the only one is damaged', [DAMAGED], { isWhole: false, next: 100 }],
    ['a damaged one lies where nothing is missing', [whole(100), DAMAGED, whole(110)], { isWhole: false, next: 120 }],
    ['a damaged one lies before all others', [DAMAGED, whole(100), whole(110)], { isWhole: false, next: 120 }],
    [
      'one is astray, and another is damaged in its place',
      [whole(100), DAMAGED, whole(110), DAMAGED, whole(130)],
      { isWhole: false, next: 140 },
    ],
  ])('%s', (_, reads, end) => {
    const check = new EndCheck(100);
    for (const read of reads) check.add(read);
    expect({ isWhole: check.isWhole, next: check.next }).toEqual(end);
  });
});

const journals = useJournals();

/**
 * A journal of two segments, from 0 and from 51, whose newest frame has the numbers from 91 to 100; with a flipped bit in the
 * number in that frame's key, so that it lies elsewhere in the order of the keys.
 */
async function flippedNewest(bit: number): Promise<void> {
  const clock = calendar();
  const running = await journals.start({ clock });
  await running.publish();
  for (let frame = 0; frame < 5; frame++) await running.scan();
  clock.days = 1;
  for (let frame = 0; frame < 5; frame++) await running.scan();
  expect((await firstsOf(running)).slice(-5)).toEqual([51, 61, 71, 81, 91]);
  const { epoch } = running.journal;
  await journals.stop(running);
  const store = await openLevel(join(journals.folder, epoch, '51'.padStart(16, '0')), { create: false });
  const entries: [Buffer, Buffer][] = [];
  for await (const entry of store.entries(Buffer.alloc(0))) entries.push(entry);
  const [key, value] = entries.at(-1) as [Buffer, Buffer];
  expect([entries.length, key.readBigUInt64BE(0)]).toEqual([5, 91n]);
  const moved = Buffer.from(key);
  moved.writeBigUInt64BE(91n ^ BigInt(bit), 0);
  await store.write([{ key: moved, value }], [key]);
  await store.close();
}

describe('a flipped bit in the key of the newest frame', () => {
  test.each([
    ['before all others, and before the segment', 64, 27],
    ['between two others', 16, 75],
    ['behind them', 32, 123],
  ])('moves it %s: after a cut no number is used again, and what is missing is declared', async (_, bit, to) => {
    expect(91 ^ bit).toBe(to);
    await flippedNewest(bit);
    await forgetCleanEnd(journals.folder);
    const running = await journals.start();
    const { next, epoch } = running.journal;
    expect(next).toBeGreaterThan(101);
    expect(running.journal.gaps()).toMatchObject([{ epoch, from: 91, to: next, reason: 'journal-damaged' }]);
    await running.scan();
    expect(await firstsOf(running)).toEqual([0, 1, 11, 21, 31, 41, 51, 61, 71, 81, next]);
  });

  test('after an orderly end numbering goes on where it was', async () => {
    await flippedNewest(64);
    const running = await journals.start();
    expect(running.journal.next).toBe(101);
    expect(running.journal.gaps()).toMatchObject([{ from: 91, to: 101, reason: 'journal-damaged' }]);
  });
});
