import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { nodeDisk } from '../../gateway/journal/node-disk.ts';
import { openJournal } from '../../gateway/journal/open-journal.ts';
import { openLevel } from '../../gateway/journal/store.ts';
import { bound, firstsOf, JOURNAL_SETTINGS, removeFolder } from '../support/journal-home.ts';
import { useJournals } from '../support/use-journals.ts';

const journals = useJournals();

test('on a full disk the oldest goes, declared with its counts, and writing goes on', async () => {
  const disk = { full: false };
  const running = await journals.start({
    openStore: async (path, options) => {
      const store = await openLevel(path, options);
      return {
        ...bound(store),
        async write(puts, deletes) {
          // Room again once the segment with the oldest frames is gone.
          if (disk.full && !path.endsWith('meta') && existsSync(join(dirname(path), '0'.repeat(16))))
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
  await journals.stop(running);
  const again = await journals.start();
  const firsts = await firstsOf(again);
  const lost = again.journal.gaps().reduce((sum, { from, to }) => sum + to - from, 0);
  expect([firsts, lost]).toEqual([[30], 30]);
});

test('an end without an orderly close is counted, with what it may have taken', async () => {
  const running = await journals.start();
  await running.scan();
  const copy = `${journals.folder}-cut`;
  try {
    await nodeDisk.copy(journals.folder, copy);
    await journals.stop(running);
    const orderly = await openJournal({
      folder: journals.folder,
      settings: JOURNAL_SETTINGS,
      clock: systemClock,
      log: quietLog,
    });
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
