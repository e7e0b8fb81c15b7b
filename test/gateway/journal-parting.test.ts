import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeFrame } from '../../cloud-sync/protocol/decode-frame.ts';
import { chainAfter, readHeader } from '../../cloud-sync/protocol/frame.ts';
import { type Epoch, NO_CHAIN } from '../../cloud-sync/protocol/numbers.ts';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { nodeDisk } from '../../gateway/journal/node-disk.ts';
import { openJournal } from '../../gateway/journal/open-journal.ts';
import { type OpenStore, openLevel } from '../../gateway/journal/store.ts';
import { bound, JOURNAL_SETTINGS, type RunningJournal } from '../support/journal-home.ts';
import { useJournals } from '../support/use-journals.ts';

const journals = useJournals();

/** [first, first value] of every frame; checks epoch, numbers and chain on the way. */
async function frames({ journal }: RunningJournal, epoch: Epoch): Promise<[number, unknown][]> {
  const found: [number, unknown][] = [];
  let chain = NO_CHAIN;
  for await (const { first, bytes } of journal.frames(epoch, 0)) {
    const header = readHeader(Buffer.from(bytes));
    expect([header.epoch, header.first, header.chain]).toEqual([epoch, first, chain]);
    chain = chainAfter(bytes);
    const frame = decodeFrame(Buffer.from(bytes));
    if (frame.kind !== 'readings') throw new TypeError('readings only');
    const { values } = frame.columns[0] as (typeof frame.columns)[number];
    found.push([first, values.kind === 'number' ? values.numbers[0] : undefined]);
  }
  return found;
}

test('records from the parting on move to a new epoch, under numbers from 0; both are delivered to their ends', async () => {
  const running = await journals.start();
  for (let frame = 0; frame < 5; frame++) await running.scan();
  const old = running.journal.epoch;
  await running.journal.part(old, 20);
  const { epoch } = running.journal;
  expect(epoch).not.toBe(old);
  await running.journal.part(old, 20);
  expect(running.journal.epoch).toBe(epoch);
  expect(running.journal.epochs()).toMatchObject([
    { epoch: old, floor: 0, next: 20 },
    { epoch, floor: 0, next: 30, confirmed: 0, boots: [[1, 0, NO_CHAIN]] },
  ]);
  await running.scan();
  await journals.stop(running);
  const again = await journals.start();
  expect(await frames(again, old)).toEqual([
    [0, 0],
    [10, 10],
  ]);
  expect(await frames(again, epoch)).toEqual([
    [0, 20],
    [10, 30],
    [20, 40],
    [30, 30],
  ]);
  expect(again.journal.gaps()).toEqual([]);
  await again.journal.confirm(old, 20);
  // It stays named: a hub that is restored from a backup may want it again.
  const named = async (from: RunningJournal) => from.journal.epochs().map((each) => [each.epoch, each.next]);
  expect(await named(again)).toContainEqual([old, 20]);
  await journals.stop(again);
  expect(await named(await journals.start())).toContainEqual([old, 20]);
});

test('everything may move: parted at the start', async () => {
  const running = await journals.start();
  for (let frame = 0; frame < 2; frame++) await running.scan();
  await running.journal.part(running.journal.epoch, 0);
  const { epoch } = running.journal;
  expect(running.journal.epochs()).toMatchObject([{ next: 0 }, { epoch, next: 20 }]);
  expect((await frames(running, epoch)).map(([first]) => first)).toEqual([0, 10]);
});

test('a crash before the word is given leaves the old state, after it the next start completes it', async () => {
  const running = await journals.start();
  for (let frame = 0; frame < 3; frame++) await running.scan();
  const old = running.journal.epoch;
  await running.journal.part(old, 10);
  const { epoch } = running.journal;
  await journals.stop(running);
  renameSync(join(journals.folder, epoch), join(journals.folder, `coming-${epoch}`));
  const again = await journals.start();
  expect(again.journal.epoch).toBe(epoch);
  expect((await frames(again, epoch)).map(([first]) => first)).toEqual([0, 10]);
  await journals.stop(again);
  await nodeDisk.copy(join(journals.folder, epoch), join(journals.folder, `coming-${'f'.repeat(32)}`));
  const third = await journals.start();
  expect(third.journal.epoch).toBe(epoch);
  expect(readdirSync(journals.folder).some((name) => name.startsWith('coming-'))).toBe(false);
});

test('the disk refuses the copy: everything is as it was, and goes on', async () => {
  let refuses = false;
  const openStore: OpenStore = async (path, options) => {
    if (refuses && path.includes('coming-')) throw new Error('IO error: No space left on device');
    return bound(await openLevel(path, options));
  };
  const running = await journals.start({ openStore });
  for (let frame = 0; frame < 3; frame++) await running.scan();
  const { epoch } = running.journal;
  refuses = true;
  await expect(running.journal.part(epoch, 10)).rejects.toThrow('No space left');
  expect(running.journal.epoch).toBe(epoch);
  await running.scan();
  expect((await frames(running, epoch)).map(([first]) => first)).toEqual([0, 10, 20, 30]);
});

test('what the hub has may go down, and the hub is remembered', async () => {
  const running = await journals.start();
  for (let frame = 0; frame < 3; frame++) await running.scan();
  const { epoch } = running.journal;
  await running.journal.confirm(epoch, 30);
  await running.journal.confirm(epoch, 10);
  await running.journal.setHub({ id: 'h', generation: 'g' });
  await journals.stop(running);
  const again = await journals.start();
  expect(again.journal.epochs()).toMatchObject([{ epoch, confirmed: 10 }]);
  expect(again.journal.hub()).toEqual({ id: 'h', generation: 'g' });
});

test('on other hardware a new epoch begins before the first write; the old one keeps its tail', async () => {
  const at = async (hardware: string) => {
    const settings = {
      folder: journals.folder,
      settings: JOURNAL_SETTINGS,
      clock: systemClock,
      log: quietLog,
      hardware,
    };
    const journal = await openJournal(settings);
    const states = journal.epochs();
    await journal.close();
    return states;
  };
  await at('board:1');
  const running = await journals.start();
  await running.scan();
  await journals.stop(running);
  const [first, second] = await at('board:1');
  expect([first?.next, second]).toEqual([10, undefined]);
  const moved = await at('board:2');
  expect(moved).toMatchObject([
    { epoch: first?.epoch, floor: 0, next: 10 },
    { floor: 0, next: 0 },
  ]);
  expect(await at('board:2')).toMatchObject(moved.map(({ epoch, next }) => ({ epoch, next })));
});
