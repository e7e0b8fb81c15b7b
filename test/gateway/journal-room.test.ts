import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { nodeDisk } from '../../gateway/journal/node-disk.ts';
import { openJournal } from '../../gateway/journal/open-journal.ts';
import { openLevel } from '../../gateway/journal/store.ts';
import { bound, JOURNAL_SETTINGS, journalFolder, RunningJournal, removeFolder } from '../support/journal-home.ts';

let folder: string;
beforeEach(async () => {
  folder = await journalFolder();
});
afterEach(() => removeFolder(folder));

test('on a full disk the oldest goes, declared with its counts, and writing goes on', async () => {
  const disk = { full: false };
  const running = await RunningJournal.open(folder, {
    openStore: async (path, options) => {
      const store = await openLevel(path, options);
      return {
        ...bound(store),
        async write(puts, deletes) {
          // Room again once the segment with the oldest frames is gone.
          if (disk.full && !path.endsWith('meta') && path.endsWith('0'.repeat(16)))
            throw new Error('IO error: No space left on device');
          await store.write(puts, deletes);
        },
      };
    },
  });
  await running.scan(3);
  disk.full = true;
  await running.scan();
  expect(running.journal.failing).toBe(false);
  disk.full = false;
  await running.close();
  const again = await RunningJournal.open(folder);
  const firsts: number[] = [];
  for await (const { first } of again.journal.frames(again.journal.epoch, 0)) firsts.push(first);
  const lost = again.journal.gaps().reduce((sum, { from, to }) => sum + to - from, 0);
  expect(firsts.at(-1)).toBe(30);
  expect(firsts.includes(0) ? 0 : 30).toBe(lost);
  await again.close();
});

test('an end without an orderly close is counted, with what it may have taken', async () => {
  const running = await RunningJournal.open(folder);
  await running.scan();
  const copy = `${folder}-cut`;
  try {
    await nodeDisk.copy(folder, copy);
    await running.close();
    const orderly = await openJournal({ folder, settings: JOURNAL_SETTINGS, clock: systemClock, log: quietLog });
    expect(orderly.uncleanEnds()).toEqual({ count: 0, last: null });
    expect(orderly.previousEnd).toBe(1_793_491_200_000);
    await orderly.close();
    const cut = await openJournal({ folder: copy, settings: JOURNAL_SETTINGS, clock: systemClock, log: quietLog });
    const from = 1_793_491_200_000;
    expect(cut.uncleanEnds()).toEqual({ count: 1, last: { boot: 1, from, to: from + 15 } });
    await cut.close();
  } finally {
    await removeFolder(copy);
  }
});
