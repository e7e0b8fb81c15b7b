import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chainAfter, encodeFrame } from '../../cloud-sync/protocol/frame.ts';
import { NO_CHAIN } from '../../cloud-sync/protocol/numbers.ts';
import { systemClock } from '../../core/clock.ts';
import { encodeKey } from '../../gateway/journal/frame-key.ts';
import { GapLedger } from '../../gateway/journal/gap-ledger.ts';
import { oldestUnsent } from '../../gateway/journal/journal-summary.ts';
import { Meta } from '../../gateway/journal/meta.ts';
import { nodeDisk } from '../../gateway/journal/node-disk.ts';
import { type OpenStore, openLevel } from '../../gateway/journal/store.ts';
import { bound, calendar, firstsOf, type RunningJournal } from '../support/journal-home.ts';
import { useJournals } from '../support/use-journals.ts';

const journals = useJournals();

const segments = ({ journal }: RunningJournal) => readdirSync(join(journals.folder, journal.epoch)).sort();

/** LevelDB that fails writes while `isFull`, and as after ENOSPC loses in silence what a handle is given later. */
function fullDisk() {
  const disk = { isFull: false, meta: false };
  const openStore: OpenStore = async (path, options) => {
    const store = await openLevel(path, options);
    let poisoned = false;
    return {
      ...bound(store),
      async write(puts, deletes) {
        if (poisoned) return;
        poisoned = disk.isFull && (disk.meta || !path.endsWith('meta'));
        if (poisoned) throw new Error('no space left');
        await store.write(puts, deletes);
      },
    };
  };
  return { disk, openStore };
}

/** What becomes of an event. */
const droppedOf = ({ journal }: RunningJournal, id: string) =>
  new Promise<string>((resolve) => {
    const event = { event: 'command' as const, at: 0, id, point: 'd/p', value: 1, by: 'x', via: 'hub' as const };
    const told = { onNumber: () => resolve('kept'), onDropped: () => resolve('dropped') };
    journal.event({ ...event, phase: 'begun' }, { urgent: true, ...told });
  });

describe('readers', () => {
  test('a reading goes on over a reopened store, and declares nothing', async () => {
    const { disk, openStore } = fullDisk();
    const running = await journals.start({ openStore });
    for (let frame = 0; frame < 5; frame++) await running.scan();
    const reading = running.journal.frames(running.journal.epoch, 0)[Symbol.asyncIterator]();
    const seen = [(await reading.next()).value?.first];
    disk.isFull = true;
    const sixth = running.scan();
    while (!running.journal.failing) await systemClock.sleep(1);
    disk.isFull = false;
    await sixth;
    for (let next = await reading.next(); !next.done; next = await reading.next()) seen.push(next.value.first);
    expect(seen.slice(0, 5)).toEqual([0, 10, 20, 30, 40]);
    expect(running.journal.gaps()).toEqual([]);
    expect(await firstsOf(running)).toEqual([0, 10, 20, 30, 40, 50]);
  });

  test('many readers of closed segments do not lock each other out', async () => {
    const clock = calendar();
    const running = await journals.start({ clock });
    for (; clock.days < 4; clock.days++) await running.scan();
    const all = await Promise.all(Array.from({ length: 20 }, () => firstsOf(running)));
    for (let round = 0; round < 20; round++) {
      await Promise.all([firstsOf(running), running.journal.chainAt(running.journal.epoch, 10)]);
    }
    expect(all.every((each) => each.join() === '0,10,20,30')).toBe(true);
  });

  test('segments roll and are trimmed under a reader: it gets what is left, nothing is declared twice', async () => {
    const clock = calendar();
    const running = await journals.start({ clock, settings: { maxAge: 2 * 86_400_000 } });
    for (; clock.days < 3; clock.days++) await running.scan();
    const reading = running.journal.frames(running.journal.epoch, 0)[Symbol.asyncIterator]();
    expect((await reading.next()).value?.first).toBe(0);
    for (; clock.days < 9; clock.days++) await running.scan();
    const seen: number[] = [];
    for (let next = await reading.next(); !next.done; next = await reading.next()) seen.push(next.value.first);
    expect(seen).toEqual([10, 20]);
    await running.scan();
    // The segments that were closed two days ago or earlier.
    await until(() => running.journal.epochs()[0]?.floor === 70);
    expect(await firstsOf(running)).toEqual([70, 80, 90]);
    expect(running.journal.gaps()).toMatchObject([{ from: 0, to: 70, reason: 'retention' }]);
  });
});

const until = (holds: () => boolean) => expect.poll(holds, { timeout: 15_000, interval: 5 }).toBe(true);

test('a clock that jumps before it is set throws nothing away', async () => {
  const clock = { ...calendar(), synchronised: () => false };
  const running = await journals.start({ clock });
  for (; clock.days < 400; clock.days += 100) await running.scan();
  await journals.stop(running);
  expect(await firstsOf(await journals.start())).toEqual([0, 10, 20, 30]);
});

test('what is oldest of the unsent is told past a frame that nobody can decode', async () => {
  const running = await journals.start();
  const poison = encodeFrame(
    {
      ...{ kind: 'readings', epoch: running.journal.epoch, first: 0, count: 3, catalogue: 1, boot: 1 },
      ...{ chain: NO_CHAIN, clockUncertain: false },
    },
    Buffer.from('nonsense'),
  );
  const { epoch } = running.journal;
  await journals.stop(running);
  const store = await openLevel(join(journals.folder, epoch, '0'.repeat(16)), { create: false });
  await store.write([{ key: encodeKey({ first: 0, count: 3, chainAfter: chainAfter(poison) }), value: poison }]);
  await store.close();
  const meta = await Meta.open(journals.folder, nodeDisk, { create: false });
  await meta.set(() => ({ epochs: meta.get('epochs').map((each) => ({ ...each, reserved: 100 })) }));
  await meta.close();
  const again = await journals.start();
  expect(again.journal.next).toBe(3);
  await again.scan();
  expect(await oldestUnsent(again.journal)).toBe(1_793_491_200_003);
});

describe('failures beside the frames', () => {
  test('a full disk under everything does not end the journal; numbers are reserved anew on a sound handle', async () => {
    const { disk, openStore } = fullDisk();
    disk.meta = true;
    const clock = calendar();
    const running = await journals.start({ openStore, clock });
    await running.scan();
    disk.isFull = true;
    clock.days = 1;
    await running.journal.confirm(running.journal.epoch, 10);
    const second = running.scan();
    await systemClock.sleep(50);
    disk.isFull = false;
    await second;
    await journals.stop(running);
    const again = await journals.start();
    expect(await firstsOf(again)).toEqual([0, 10]);
    expect(again.journal.confirmedBelow(again.journal.epoch)).toBe(10);
    expect(again.journal.gaps()).toEqual([]);
  });

  test('a write that is given up at the stop ends the run in order and is counted', async () => {
    const { disk, openStore } = fullDisk();
    const running = await journals.start({ openStore });
    await running.scan();
    disk.isFull = true;
    running.journal.reading(0, 1_793_491_200_000, { quality: 'good', value: 1 });
    const dropped = droppedOf(running, 'begun');
    await until(() => running.journal.failing);
    await journals.stop(running);
    expect(running.journal.dropped).toBe(2);
    expect(await dropped, 'who waits for its number is told').toBe('dropped');
    disk.isFull = false;
    expect((await journals.start()).journal.next).toBe(10);
  });

  test('an event that a full journal does not take is told so to whoever waits for it', async () => {
    const { disk, openStore } = fullDisk();
    const running = await journals.start({ openStore });
    await running.scan();
    disk.isFull = true;
    for (let at = 0; at < 600_000; at++) running.journal.reading(0, at, { quality: 'good', value: at });
    expect(await droppedOf(running, 'late')).toBe('dropped');
    await journals.stop(running);
  });

  test('declarations and confirmations at once: no declared loss is forgotten', async () => {
    const meta = await Meta.open(journals.folder, nodeDisk, { create: true });
    const ledger = new GapLedger(meta);
    const epoch = 'a'.repeat(32);
    const declare = (at: number) =>
      ledger.declare({ epoch, from: at * 20, to: at * 20 + 10, reason: 'journal-damaged' });
    await declare(0);
    await Promise.all([declare(5), ledger.confirmed(epoch, 15), declare(6), declare(7)]);
    await meta.close();
    const again = await Meta.open(journals.folder, nodeDisk, { create: false });
    expect(again.get('gaps').map(({ from }) => from)).toEqual([100, 120, 140]);
    await again.close();
  });

  test('neighbouring losses become one, with their counts', async () => {
    const meta = await Meta.open(journals.folder, nodeDisk, { create: true });
    const ledger = new GapLedger(meta);
    const gap = { epoch: 'a'.repeat(32), reason: 'retention' } as const;
    await ledger.declare({ ...gap, from: 0, to: 10, points: { 1: 10 } });
    await ledger.declare({ ...gap, from: 10, to: 30, points: { 1: 5, 2: 15 } });
    await ledger.declare({ ...gap, from: 10, to: 30, points: { 1: 5, 2: 15 } });
    expect(ledger.all()).toEqual([{ ...gap, from: 0, to: 30, points: { 1: 15, 2: 15 } }]);
    await meta.close();
  });
});

describe('a crash in between', () => {
  async function journalOfThreeSegments(): Promise<string> {
    const clock = calendar();
    const running = await journals.start({ clock });
    for (; clock.days < 3; clock.days++) await running.scan();
    const { epoch } = running.journal;
    await journals.stop(running);
    return join(journals.folder, epoch);
  }

  test('while a segment is made: it is made again', async () => {
    const epoch = await journalOfThreeSegments();
    mkdirSync(join(epoch, `coming-${'30'.padStart(16, '0')}`));
    const running = await journals.start();
    expect(await firstsOf(running)).toEqual([0, 10, 20]);
    expect(segments(running).some((name) => name.startsWith('coming-'))).toBe(false);
  });

  test('while one is trimmed: the rest stays, and the next one to go is the right one', async () => {
    const epoch = await journalOfThreeSegments();
    renameSync(join(epoch, '0'.repeat(16)), join(epoch, `going-${'0'.repeat(16)}`));
    const running = await journals.start();
    expect(running.journal.epochs()[0]?.floor).toBe(10);
    expect(await firstsOf(running)).toEqual([10, 20]);
    expect(segments(running)).toHaveLength(2);
    await journals.stop(running);
    const later = calendar();
    later.days = 40;
    const trimmed = await journals.start({ clock: later });
    await trimmed.scan();
    await until(() => trimmed.journal.epochs()[0]?.floor === 30 || trimmed.journal.epochs()[0]?.floor === 20);
    expect(trimmed.journal.gaps()[0]).toMatchObject({ from: 10, reason: 'retention' });
  });

  test('after a segment was closed, before it was sealed: it counts and can be trimmed', async () => {
    await journalOfThreeSegments();
    const meta = await Meta.open(journals.folder, nodeDisk, { create: false });
    await meta.set(() => ({ seals: [] }));
    await meta.close();
    const running = await journals.start();
    expect(running.journal.bytes).toBeGreaterThan(1000);
    await journals.stop(running);
    const again = await Meta.open(journals.folder, nodeDisk, { create: false });
    expect(again.get('seals').map(({ first, next }) => [first, next])).toEqual([
      [0, 10],
      [10, 20],
    ]);
    await again.close();
  });

  test('a closed segment that LevelDB refuses is mended: what is whole of it stays', async () => {
    const epoch = await journalOfThreeSegments();
    rmSync(join(epoch, '10'.padStart(16, '0'), 'CURRENT'));
    const running = await journals.start();
    expect(await firstsOf(running)).toEqual([0, 10, 20]);
    expect(running.journal.gaps()).toEqual([]);
  });
});
