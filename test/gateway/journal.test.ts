import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import { chainAfter } from '../../cloud-sync/protocol/frame.ts';
import { NO_CHAIN } from '../../cloud-sync/protocol/numbers.ts';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { bad, good } from '../../core/reading.ts';
import type { Journal, JournalSettings } from '../../gateway/journal/journal.ts';
import { nodeDisk } from '../../gateway/journal/node-disk.ts';
import { openJournal } from '../../gateway/journal/open-journal.ts';
import { type OpenStore, openLevel, type Store } from '../../gateway/journal/store.ts';

const MIB = 1024 * 1024;
const SETTINGS: JournalSettings = {
  commitInterval: 20,
  commitBytes: 64 * 1024,
  maxBytes: 2048 * MIB,
  maxAge: 30 * 86_400_000,
  keepConfirmed: 86_400_000,
  minFree: 0,
};
const T0 = 1_800_000_000_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Opens, works, stops as a signal would, closes. */
async function withJournal<T>(
  work: (journal: Journal) => Promise<T>,
  openStore: OpenStore = openLevel,
  at = folder,
): Promise<T> {
  const journal = await openJournal({
    folder: at,
    settings: SETTINGS,
    clock: systemClock,
    log: quietLog,
    disk: { ...nodeDisk, open: openStore },
  });
  const stop = new AbortController();
  const running = journal.run(stop.signal);
  try {
    return await work(journal);
  } finally {
    stop.abort();
    await running;
    await journal.close();
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
    const epoch = readdirSync(folder).find((name) => /^[0-9a-f]{32}$/.test(name)) as string;
    rmSync(join(folder, epoch), { recursive: true });
    rmSync(join(folder, 'meta'), { recursive: true });
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
    rmSync(join(folder, 'provisioned'));
    await withJournal(async (journal) => {
      expect(journal.epochs().map(({ next }) => next)).toEqual([1, 0]);
      expect(journal.next).toBe(0);
    });
  });
});

function flip(bytes: Buffer, at: number): void {
  bytes[at] = (bytes[at] as number) ^ 1;
}

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
        get: (key) => store.get(key),
        entries: (gte) => store.entries(gte),
        lastKey: () => store.lastKey(),
        close: () => store.close(),
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
      } satisfies Store;
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

  test.each(['frame', 'key'])('a damaged %s is declared lost by number and skipped; the rest is kept', async (what) => {
    const damaging: OpenStore = async (path, options) => {
      const store = await openLevel(path, options);
      return {
        get: (key) => store.get(key),
        lastKey: () => store.lastKey(),
        close: () => store.close(),
        write: (puts) => store.write(puts),
        async *entries(gte) {
          for await (const [key, value] of store.entries(gte)) {
            if (!path.endsWith('meta') && key.readBigUInt64BE(0) === 1n)
              flip(what === 'frame' ? value : key, what === 'frame' ? 60 : 15);
            yield [key, value] as [Buffer, Buffer];
          }
        },
      };
    };
    await withJournal(async (journal) => {
      for (let i = 0; i < 3; i++) {
        journal.reading(7, T0 + i, good(i));
        await committed(journal, i + 1);
      }
      const firsts: number[] = [];
      for await (const { first } of journal.frames(journal.epoch, 0)) firsts.push(first);
      expect(firsts).toEqual([0, 2]);
      expect(journal.gaps()).toMatchObject([{ epoch: journal.epoch, from: 1, to: 2, reason: 'journal-damaged' }]);
    }, damaging);
  });
});

test('a copy of the journal opens as it was: nothing is kept in memory alone', async () => {
  const copy = `${folder}-copy`;
  try {
    await withJournal(async (journal) => {
      for (let i = 0; i < 100; i++) journal.reading(7, T0 + i, good(i));
      await committed(journal, 100);
      cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('LOCK') });
    });
    await withJournal(async (journal) => expect((await readBack(journal)).length).toBe(100), openLevel, copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
});
