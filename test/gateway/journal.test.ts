import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import { chainAfter } from '../../cloud-sync/protocol/frame.ts';
import { NO_CHAIN } from '../../cloud-sync/protocol/numbers.ts';
import { systemClock } from '../../core/clock.ts';
import { bad, good } from '../../core/reading.ts';
import type { Journal } from '../../gateway/journal/journal.ts';
import { type OpenStore, openLevel } from '../../gateway/journal/store.ts';
import { bound, damaging, RunningJournal } from '../support/journal-home.ts';
import { useJournals } from '../support/use-journals.ts';

const T0 = 1_800_000_000_000;

const journals = useJournals();

/** Opens, works, stops as a signal would, closes. */
async function withJournal<T>(
  work: (journal: Journal) => Promise<T>,
  openStore: OpenStore = openLevel,
  at = journals.folder,
): Promise<T> {
  const running = await RunningJournal.open(at, { openStore });
  try {
    return await work(running.journal);
  } finally {
    await running.close();
  }
}

async function committed(journal: Journal, next: number): Promise<void> {
  while (journal.next < next) await systemClock.sleep(5);
}

/** Every value of point 7 in order, with its number; checks numbers, chain and checksums on the way. */
async function readBack(journal: Journal, from = 0): Promise<[seq: number, value: unknown][]> {
  const rows: [number, unknown][] = [];
  let chain = from === 0 ? NO_CHAIN : await journal.chainAt(journal.epoch, from);
  let next = from;
  for await (const { first, count, bytes } of journal.frames(journal.epoch, from)) {
    const frame = decodeFrame(Buffer.from(bytes));
    expect([first, frame.header.first, frame.header.chain]).toEqual([next, next, chain]);
    chain = chainAfter(bytes);
    next += count;
    if (frame.kind === 'events') {
      frame.events.forEach((event, i) => void rows.push([first + i, event.event]));
      continue;
    }
    let seq = first;
    for (const { values, faults, times } of frame.columns) {
      for (let i = 0; i < times.length; i++, seq++)
        rows.push([seq, faults?.[i] ? `fault ${faults[i]}` : values.kind === 'number' ? values.numbers[i] : null]);
    }
  }
  return rows;
}

describe('numbers', () => {
  test('readings and events come back in order, numbered without holes, chained', async () => {
    await withJournal(async (journal) => {
      journal.reading(7, T0, good(1));
      journal.reading(7, T0 + 1, bad('no-answer'));
      journal.event({ event: 'boot', at: T0 + 2, boot: 1, software: 'x' }, { urgent: true });
      journal.reading(7, T0 + 3, good(2));
      await committed(journal, 4);
      expect(await readBack(journal)).toEqual([
        [0, 1],
        [1, 'fault 1'],
        [2, 'boot'],
        [3, 2],
      ]);
    });
  });

  test('numbering goes on over restarts; a boot is marked with its number and chain', async () => {
    for (let run = 0; run < 3; run++) {
      await withJournal(async (journal) => {
        journal.reading(7, T0 + run, good(run));
        await committed(journal, run + 1);
      });
    }
    await withJournal(async (journal) => {
      expect((await readBack(journal)).map(([seq, value]) => [seq, value])).toEqual([
        [0, 0],
        [1, 1],
        [2, 2],
      ]);
      const [{ boots, next, floor }] = journal.epochs() as [ReturnType<typeof journal.epochs>[number]];
      expect([next, floor, boots.map(([boot, at]) => [boot, at])]).toEqual([
        3,
        0,
        [
          [1, 0],
          [2, 1],
          [3, 2],
          [4, 3],
        ],
      ]);
      expect(boots[2]?.[2]).toBe(await journal.chainAt(journal.epoch, 2));
    });
  });

  test('what the journal was given before the stop is on the disk', async () => {
    await withJournal(async (journal) => {
      for (let i = 0; i < 1000; i++) journal.reading(7, T0 + i, good(i));
    });
    await withJournal(async (journal) => expect(journal.next).toBe(1000));
  });

  test('a flush during a commit waits also for what came after the commit began', async () => {
    const disk: { isHung: boolean; free: (() => void) | undefined } = { isHung: false, free: undefined };
    const openStore: OpenStore = async (path, options) => {
      const store = await openLevel(path, options);
      return {
        ...bound(store),
        async write(puts, deletes) {
          if (disk.isHung && !path.endsWith('meta')) await new Promise<void>((resolve) => (disk.free = resolve));
          await store.write(puts, deletes);
        },
      };
    };
    await withJournal(async (journal) => {
      disk.isHung = true;
      for (let i = 0; i < 10; i++) journal.reading(7, T0 + i, good(i));
      const first = journal.flush();
      while (disk.free === undefined) await systemClock.sleep(1);
      for (let i = 10; i < 15; i++) journal.reading(7, T0 + i, good(i));
      const second = journal.flush().then(() => journal.next);
      disk.isHung = false;
      disk.free();
      await first;
      expect(await second).toBe(15);
    }, openStore);
  });

  test('numbers outlive the readings: after everything is confirmed they go on', async () => {
    await withJournal(async (journal) => {
      journal.reading(7, T0, good(1));
      await committed(journal, 1);
      await journal.confirm(journal.epoch, 1);
    });
    await withJournal(async (journal) => {
      expect([journal.next, journal.confirmedBelow(journal.epoch)]).toEqual([1, 1]);
    });
  });
});

describe('opening', () => {
  test('a journal whose files are all gone is a loss, not a first start', async () => {
    await withJournal(async (journal) => {
      journal.reading(7, T0, good(1));
      await committed(journal, 1);
    });
    const epoch = readdirSync(journals.folder).find((name) => /^[0-9a-f]{32}$/.test(name)) as string;
    rmSync(join(journals.folder, epoch), { recursive: true });
    rmSync(join(journals.folder, 'meta'), { recursive: true });
    await expect(withJournal(async () => {})).rejects.toMatchObject({ code: 'journal-missing' });
  });

  test('a second process is told so', async () => {
    await withJournal(async () => {
      await expect(withJournal(async () => {})).rejects.toMatchObject({ code: 'already-running' });
    });
  });

  test('removing the marker begins a new epoch and keeps the old one to be sent', async () => {
    await withJournal(async (journal) => {
      journal.reading(7, T0, good(1));
      await committed(journal, 1);
    });
    rmSync(join(journals.folder, 'provisioned'));
    await withJournal(async (journal) => {
      expect(journal.epochs().map(({ next }) => next)).toEqual([1, 0]);
      expect(journal.next).toBe(0);
    });
  });
});

describe('faults of the disk', () => {
  /** LevelDB whose nth synced write of frames fails, before it is done or after. */
  function failing(nth: number, when: 'before' | 'after'): { open: OpenStore; failed: () => number } {
    let writes = 0;
    let failed = 0;
    const open: OpenStore = async (path, options) => {
      const store = await openLevel(path, options);
      if (path.endsWith('meta')) return store;
      let poisoned = false;
      return {
        ...bound(store),
        async write(puts) {
          writes += 1;
          // As LevelDB does after a failed append: it goes on "successfully" and loses what follows.
          if (poisoned) return;
          if (writes === nth) {
            failed += 1;
            poisoned = true;
          }
          if (poisoned && when === 'before') throw new Error('no space left');
          await store.write(puts);
          if (poisoned) throw new Error('no space left, but it was written');
        },
      };
    };
    return { open, failed: () => failed };
  }

  test.each(
    [1, 2, 3, 4, 5].flatMap(
      (nth) =>
        [
          [nth, 'before'],
          [nth, 'after'],
        ] as const,
    ),
  )('write %i fails %s it is done: nothing lost, nothing twice', async (nth, when) => {
    const { open, failed } = failing(nth, when);
    await withJournal(async (journal) => {
      for (let i = 0; i < 5; i++) {
        journal.reading(7, T0 + i, good(i));
        await committed(journal, i + 1);
      }
      expect(await readBack(journal)).toEqual([
        [0, 0],
        [1, 1],
        [2, 2],
        [3, 3],
        [4, 4],
      ]);
    }, open);
    expect(failed()).toBe(1);
  });

  test.each(['frame', 'key'] as const)(
    'a damaged %s is declared lost by number and skipped; the rest is kept',
    async (what) => {
      await withJournal(
        async (journal) => {
          for (let i = 0; i < 3; i++) {
            journal.reading(7, T0 + i, good(i));
            await committed(journal, i + 1);
          }
          const firsts: number[] = [];
          for await (const { first } of journal.frames(journal.epoch, 0)) firsts.push(first);
          expect(firsts).toEqual([0, 2]);
          expect(journal.gaps()).toMatchObject([{ epoch: journal.epoch, from: 1, to: 2, reason: 'journal-damaged' }]);
        },
        damaging(new Set([1]), what),
      );
    },
  );
});

test('a copy of the journal opens as it was: nothing is kept in memory alone', async () => {
  const copy = `${journals.folder}-copy`;
  try {
    await withJournal(async (journal) => {
      for (let i = 0; i < 100; i++) journal.reading(7, T0 + i, good(i));
      await committed(journal, 100);
      cpSync(journals.folder, copy, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
    });
    await withJournal(async (journal) => expect((await readBack(journal)).length).toBe(100), openLevel, copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});
