import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { good } from '../../core/reading.ts';
import { Database } from '../../monitor/archive/database.ts';
import { DuckArchive } from '../../monitor/archive/duck-archive.ts';
import { catalogue, column, EPOCH, entry, gap, Journal, T0 } from './support/batches.ts';

let folder: string;
let database: Database;
let archive: DuckArchive;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archive-'));
  database = await Database.open(join(folder, 'archive.duckdb'));
  archive = await DuckArchive.create(database);
});

afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const count = async (table: string) => Number((await database.read(`SELECT count(*) AS n FROM ${table}`))[0]?.n);
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
  await archive.append([journal.batch(frames, { catalogue: points })]);
  expect(await count('readings')).toBe(3);
  expect((await DuckArchive.create(database)).registry.catalogues.get('plant-1')?.catalogue.version).toBe(3);
});

test('a cursor tells which point numbers have a meaning, also after a restart', async () => {
  const journal = new Journal();
  await archive.append([journal.batch([journal.publish(points), journal.readings([rows(3)])])]);
  for (const each of [archive, await DuckArchive.create(database)]) {
    expect((await each.cursors('plant-1')).map(({ numbers }) => numbers)).toEqual([new Set([0])]);
  }
});

test('a catalogue beside the journal is forgotten with a batch that fails', async () => {
  const journal = new Journal();
  const frames = [journal.readings([{ ...rows(3), point: 9 }])];
  await expect(archive.append([journal.batch(frames, { catalogue: points })])).rejects.toMatchObject({
    code: 'catalogue-missing',
  });
  expect(await count('catalogues')).toBe(0);
  expect(await archive.cursors('plant-1')).toEqual([]);
});

test('frames that were passed over are kept with their bytes', async () => {
  const journal = new Journal();
  journal.next = 5;
  const gaps = [gap(0, 5, { reason: 'quarantined' })];
  await archive.append([journal.batch([], { gaps, quarantined: [Uint8Array.of(1, 2, 255)] })]);
  const kept = await database.read('SELECT gateway, epoch, hex(frame) AS frame, arrived_ms FROM quarantine');
  expect(kept).toEqual([{ gateway: 'plant-1', epoch: EPOCH, frame: '0102FF', arrived_ms: T0 + 5 }]);
});

test('rows of a transaction that failed do not come back when its appender is collected', async () => {
  const journal = new Journal('a');
  await archive.append([journal.batch([journal.publish(points)])]);
  const fine = journal.batch([journal.readings([rows(5000)])]);
  const broken = new Journal('b');
  const bad = broken.batch([broken.readings([{ ...rows(1), point: 7 }])]);
  await expect(archive.append([fine, bad])).rejects.toMatchObject({ code: 'catalogue-missing' });
  await archive.append([fine]);
  await collectGarbage();
  expect(await count('readings')).toBe(5000);
});

test('what was stored although an error was reported is not stored again', async () => {
  const journal = new Journal();
  await archive.append([journal.batch([journal.publish(points)])]);
  const batch = journal.batch([journal.readings([rows(10)])]);
  const write = database.write.bind(database);
  database.write = async (work) => {
    await write(work);
    throw new Error('the disk is full, but it was written');
  };
  await expect(archive.append([batch])).rejects.toMatchObject({ code: 'archive-write' });
  database.write = write;
  // As the hub does: the failed batch once more, alone.
  await expect(archive.append([batch])).rejects.toMatchObject({ code: 'out-of-sequence' });
  expect(await count('readings')).toBe(10);
  expect((await archive.cursors('plant-1'))[0]?.next).toBe(11);
});

test('a cursor is not told from memory while the database cannot be read after a failure', async () => {
  const journal = new Journal();
  await archive.append([journal.batch([journal.publish(points)])]);
  const { read, write } = database;
  database.write = async (work) => {
    await write.call(database, work);
    throw new Error('unknown');
  };
  database.read = () => Promise.reject(new Error('gone'));
  await expect(archive.append([journal.batch([journal.readings([rows(2)])])])).rejects.toBeDefined();
  await expect(archive.cursors('plant-1')).rejects.toThrow('gone');
  Object.assign(database, { read, write });
  expect((await archive.cursors('plant-1'))[0]?.next).toBe(3);
});

test.each([
  ['a hole that no gap declares', 2, []],
  ['a gap that ends before the frame', 3, [gap(1, 3)]],
])('refuses %s', async (_name, skipped, gaps) => {
  const journal = new Journal();
  await archive.append([journal.batch([journal.publish(points)])]);
  journal.next += skipped;
  await expect(archive.append([journal.batch([journal.readings([rows(1)])], { gaps })])).rejects.toMatchObject({
    code: 'out-of-sequence',
  });
});
