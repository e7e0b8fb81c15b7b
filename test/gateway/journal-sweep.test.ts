import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import { systemClock } from '../../core/clock.ts';
import type { Journal } from '../../gateway/journal/journal.ts';
import { type OpenStore, openLevel } from '../../gateway/journal/store.ts';
import { bound, calendar, journalFolder, RunningJournal, removeFolder } from '../support/journal-home.ts';

type When = 'before' | 'after';

/** LevelDB whose nth write of all, frames or meta, fails before or after it is done; that handle then loses what follows. */
function failing(nth: number, when: When) {
  const seen = { writes: 0 };
  const openStore: OpenStore = async (path, options) => {
    const store = await openLevel(path, options);
    let poisoned = false;
    return {
      ...bound(store),
      async write(puts, deletes) {
        if (poisoned) return;
        seen.writes += 1;
        poisoned = seen.writes === nth;
        if (!poisoned || when === 'after') await store.write(puts, deletes);
        if (poisoned) throw new Error('the disk refused, or said so');
      },
    };
  };
  return { seen, openStore };
}

/** Commits, rolls, confirms, parts, trims. What a write that fails leaves to the caller is tried once more. */
async function live(folder: string, openStore: OpenStore): Promise<void> {
  // Nobody waits for long.
  const clock = {
    ...calendar(),
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 2), signal),
  };
  const again = (work: () => Promise<unknown>) => work().catch(work);
  const open = () => RunningJournal.open(folder, { openStore, clock, settings: { maxAge: 4 * 86_400_000 } });
  let running = await open().catch(open);
  await again(() => running.publish());
  for (; clock.days < 3; clock.days++) await running.scan();
  await running.journal.confirm(running.journal.epoch, 11);
  await again(() => running.journal.setHub({ id: 'hub', generation: 'one' }));
  await again(() => running.journal.part(running.journal.epoch, 21));
  await running.scan();
  await running.close();
  running = await open().catch(open);
  for (; clock.days < 6; clock.days++) await running.scan();
  await running.close();
}

/** Every number of every epoch is there or declared; none is there twice. */
async function account(journal: Journal): Promise<void> {
  for (const { epoch, floor, next } of journal.epochs()) {
    const numbers = new Set<number>();
    for await (const { bytes } of journal.frames(epoch, floor)) {
      const { header } = decodeFrame(Buffer.from(bytes));
      for (let seq = header.first; seq < header.first + header.count; seq++) {
        expect(numbers.has(seq), `${seq} twice`).toBe(false);
        numbers.add(seq);
      }
    }
    expect(journal.gaps().filter(({ reason }) => reason !== 'retention')).toEqual([]);
    expect(numbers.size, `epoch ${epoch} from ${floor} to ${next}`).toBe(next - floor);
  }
}

async function run(home: string, nth: number, when: When): Promise<number> {
  const folder = join(home, `${nth}-${when}`);
  const { seen, openStore } = failing(nth, when);
  await live(folder, openStore);
  const running = await RunningJournal.open(folder);
  await account(running.journal).finally(() => running.close());
  return seen.writes;
}

test('every single write of a journal fails once, before or after it is done: nothing lost, nothing twice', {
  timeout: 60_000,
}, async () => {
  const home = await journalFolder();
  try {
    const writes = await run(home, 0, 'before');
    expect(writes).toBeGreaterThan(20);
    for (let nth = 1; nth <= writes; nth += 4) {
      const some = [nth, nth + 1, nth + 2, nth + 3].filter((each) => each <= writes);
      const runs = await Promise.allSettled(
        some.flatMap((each) => [run(home, each, 'before'), run(home, each, 'after')]),
      );
      expect(runs.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []))).toEqual([]);
    }
  } finally {
    await removeFolder(home);
  }
});
