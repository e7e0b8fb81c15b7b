import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { good } from '../../core/reading.ts';
import { DuckArchive } from '../../monitor/archive/duck-archive.ts';
import { catalogue, column, EPOCH, entry, gap, Journal, T0 } from './support/batches.ts';
import { useArchive } from './support/use-archive.ts';

const hub = useArchive();

const points = catalogue([entry(0, 'boiler', 'temp')], 3);
const rows = (length: number) =>
  column(
    0,
    Array.from({ length }, (_, i) => [T0 + i, good(i)] as const),
  );

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 5; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('a catalogue beside the journal serves the frames after it and is stored with them', async () => {
  const journal = new Journal();
  const frames = [journal.readings([rows(3)])];
  await hub.archive.append([journal.batch(frames, { catalogue: points })]);
  expect(await hub.count('readings')).toBe(3);
  expect((await DuckArchive.create(hub.database)).registry.catalogues.get('plant-1')?.catalogue.version).toBe(3);
});

test('a cursor tells which point numbers have a meaning, also after a restart', async () => {
  const journal = new Journal();
  await hub.archive.append([journal.batch([journal.publish(points), journal.readings([rows(3)])])]);
  for (const each of [hub.archive, await DuckArchive.create(hub.database)]) {
    expect((await each.cursors('plant-1')).map(({ numbers }) => numbers)).toEqual([new Set([0])]);
  }
});

test('a catalogue beside the journal is forgotten with a batch that fails', async () => {
  const journal = new Journal();
  const frames = [journal.readings([{ ...rows(3), point: 9 }])];
  await expect(hub.archive.append([journal.batch(frames, { catalogue: points })])).rejects.toMatchObject({
    code: 'catalogue-missing',
  });
  expect(await hub.count('catalogues')).toBe(0);
  expect(await hub.archive.cursors('plant-1')).toEqual([]);
});

test('frames that were passed over are kept with their bytes', async () => {
  const journal = new Journal();
  journal.next = 5;
  const gaps = [gap(0, 5, { reason: 'quarantined' })];
  await hub.archive.append([journal.batch([], { gaps, quarantined: [Uint8Array.of(1, 2, 255)] })]);
  const kept = await hub.database.read('SELECT gateway, epoch, hex(frame) AS frame, arrived_ms FROM quarantine');
  expect(kept).toEqual([{ gateway: 'plant-1', epoch: EPOCH, frame: '0102FF', arrived_ms: T0 + 5 }]);
});

test('rows of a transaction that failed do not come back when its appender is collected', async () => {
  const journal = new Journal('a');
  await hub.archive.append([journal.batch([journal.publish(points)])]);
  const fine = journal.batch([journal.readings([rows(5000)])]);
  const broken = new Journal('b');
  const bad = broken.batch([broken.readings([{ ...rows(1), point: 7 }])]);
  await expect(hub.archive.append([fine, bad])).rejects.toMatchObject({ code: 'catalogue-missing' });
  await hub.archive.append([fine]);
  await collectGarbage();
  expect(await hub.count('readings')).toBe(5000);
});

test('what was stored although an error was reported is not stored again', async () => {
  const journal = new Journal();
  await hub.archive.append([journal.batch([journal.publish(points)])]);
  const batch = journal.batch([journal.readings([rows(10)])]);
  const write = hub.database.write.bind(hub.database);
  hub.database.write = async (work) => {
    await write(work);
    throw new Error('the disk is full, but it was written');
  };
  await expect(hub.archive.append([batch])).rejects.toMatchObject({ code: 'archive-write' });
  hub.database.write = write;
  // As the hub does: the failed batch once more, alone.
  await expect(hub.archive.append([batch])).rejects.toMatchObject({ code: 'out-of-sequence' });
  expect(await hub.count('readings')).toBe(10);
  expect((await hub.archive.cursors('plant-1'))[0]?.next).toBe(11);
});

test('a cursor is not told from memory while the database cannot be read after a failure', async () => {
  const journal = new Journal();
  await hub.archive.append([journal.batch([journal.publish(points)])]);
  const { read, write } = hub.database;
  hub.database.write = async (work) => {
    await write.call(hub.database, work);
    throw new Error('unknown');
  };
  hub.database.read = () => Promise.reject(new Error('gone'));
  await expect(hub.archive.append([journal.batch([journal.readings([rows(2)])])])).rejects.toBeDefined();
  await expect(hub.archive.cursors('plant-1')).rejects.toThrow('gone');
  Object.assign(hub.database, { read, write });
  expect((await hub.archive.cursors('plant-1'))[0]?.next).toBe(3);
});

test.each([
  ['a hole that no gap declares', 2, []],
  ['a gap that ends before the frame', 3, [gap(1, 3)]],
])('refuses %s', async (_name, skipped, gaps) => {
  const journal = new Journal();
  await hub.archive.append([journal.batch([journal.publish(points)])]);
  journal.next += skipped;
  await expect(hub.archive.append([journal.batch([journal.readings([rows(1)])], { gaps })])).rejects.toMatchObject({
    code: 'out-of-sequence',
  });
});
