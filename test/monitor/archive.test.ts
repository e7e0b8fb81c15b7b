import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bad, good } from '../../core/reading.ts';
import { Database } from '../../monitor/archive/database.ts';
import { DuckArchive } from '../../monitor/archive/duck-archive.ts';
import { readGaps } from '../../monitor/archive/gaps.ts';
import { catalogue, column, EPOCH, entry, gap, Journal, T0 } from './support/batches.ts';

let folder: string;
let database: Database;
let archive: DuckArchive;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archive-'));
  await open();
});

afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

async function open(): Promise<void> {
  database = await Database.open(join(folder, 'archive.duckdb'));
  archive = await DuckArchive.create(database);
}

async function reopen(): Promise<void> {
  await database.close();
  await open();
}

const count = async (table: string) => Number((await database.read(`SELECT count(*) AS n FROM ${table}`))[0]?.n);

const temperature = entry(0, 'boiler', 'temp');

describe('append', () => {
  test('stores a catalogue and the readings that use it in one batch, each with its number', async () => {
    const journal = new Journal();
    const frames = [
      journal.publish(catalogue([temperature, entry(1, 'boiler', 'state', { kind: 'text', unit: undefined })])),
      journal.readings([
        column(0, [
          [T0, good(20.5)],
          [T0 + 1000, bad('no-answer')],
        ]),
        column(1, [[T0, good('run')]]),
      ]),
    ];
    await archive.append([journal.batch(frames)]);
    await reopen();
    const rows = await database.read('SELECT series, seq, at_ms, value, text, fault FROM readings ORDER BY seq');
    expect(rows.map((row) => Object.values(row))).toEqual([
      [1, 1, T0, 20.5, null, 0],
      [1, 2, T0 + 1000, null, null, 1],
      [2, 3, T0, null, 'run', 0],
    ]);
    expect(await archive.cursors('plant-1')).toEqual([
      {
        epoch: EPOCH,
        next: 4,
        chain: 'b'.repeat(16),
        catalogue: 1,
        boots: [],
        told: 4,
        closed: false,
        numbers: new Set([0, 1]),
      },
    ]);
    expect(await count('events')).toBe(1);
  });

  test('takes many gateways in one transaction and fills more than one chunk', async () => {
    const journals = ['a', 'b', 'c'].map((name) => new Journal(name));
    const batches = journals.map((journal) => {
      const points = [0, 1].map((number) => entry(number, 'meter', `p${number}`));
      const rows = Array.from({ length: 1500 }, (_, i) => [T0 + i, good(i)] as const);
      return journal.batch([
        journal.publish(catalogue(points)),
        journal.readings([column(0, rows), column(1, rows)]),
        journal.readings([column(1, rows)]),
      ]);
    });
    await archive.append(batches);
    const rows = await database.read(
      `SELECT e.gateway, e.next, count(*) AS n, count(DISTINCT seq) AS seqs, sum(value) AS total
         FROM readings r JOIN epochs e ON e.id = r.epoch GROUP BY ALL ORDER BY 1`,
    );
    const total = (3 * 1499 * 1500) / 2;
    expect(rows).toEqual(['a', 'b', 'c'].map((gateway) => ({ gateway, next: 4501, n: 4500, seqs: 4500, total })));
  });

  test('stores nothing of any batch if one fails, and goes on afterwards', async () => {
    const journal = new Journal('a');
    const first = journal.publish(catalogue([temperature]));
    await archive.append([journal.batch([first])]);
    const other = new Journal('b');
    const good1 = journal.batch([journal.readings([column(0, [[T0, good(1)]])])]);
    const broken = other.batch([other.readings([column(7, [[T0, good(1)]])])]);
    await expect(archive.append([good1, broken])).rejects.toMatchObject({ code: 'catalogue-missing' });
    expect(await count('readings')).toBe(0);
    expect((await archive.cursors('a'))[0]?.next).toBe(1);
    expect(await archive.cursors('b')).toEqual([]);

    await archive.append([good1]);
    expect(await count('readings')).toBe(1);
    expect((await archive.cursors('a'))[0]?.next).toBe(2);
  });

  test('keeps one row per gap: a notice completes it', async () => {
    const journal = new Journal();
    await archive.append([journal.batch([], { gaps: [gap(0, 10)] })]);
    await archive.append([
      journal.batch([], { gaps: [gap(0, 12, { reason: 'retention', points: { 3: 12 } }), gap(20, 21)] }),
    ]);
    const gaps = await readGaps(database, 'plant-1');
    expect(gaps).toHaveLength(2);
    expect(gaps).toContainEqual(expect.objectContaining({ from: 0, to: 12, reason: 'retention', points: { 3: 12 } }));
    expect(await readGaps(database, 'other')).toEqual([]);
  });

  test('the last of two batches of one journal sets the cursor', async () => {
    const journal = new Journal();
    const batches = [1, 2, 3].map(() =>
      journal.batch([journal.events({ event: 'boot', at: T0, boot: 1, software: 'x' })]),
    );
    await archive.append(batches);
    await reopen();
    expect((await archive.cursors('plant-1'))[0]?.next).toBe(3);
  });
});

describe('catalogue', () => {
  test('a new number with the same unit goes on in the same series, another unit starts one', async () => {
    const journal = new Journal();
    const one = column(0, [[T0, good(1)]]);
    await archive.append([journal.batch([journal.publish(catalogue([temperature])), journal.readings([one])])]);
    const retyped = [{ ...temperature, retired: true }, entry(1, 'boiler', 'temp', { type: 'int32' })];
    const other = [...retyped, entry(2, 'boiler', 'temp', { unit: '°F' })];
    await reopen();
    await archive.append([
      journal.batch([
        journal.publish(catalogue(retyped, 2)),
        journal.readings([{ ...one, point: 1 }]),
        journal.publish(catalogue(other, 3)),
        journal.readings([{ ...one, point: 2 }]),
      ]),
    ]);
    const rows = await database.read('SELECT series, count(*) AS n FROM readings GROUP BY 1 ORDER BY 1');
    expect(rows).toEqual([
      { series: 1, n: 2 },
      { series: 2, n: 1 },
    ]);
    await reopen();
    expect(archive.registry.catalogues.get('plant-1')?.catalogue.version).toBe(3);
  });

  test('an older version sent again does not replace a newer one', async () => {
    const journal = new Journal();
    await archive.append([journal.batch([journal.publish(catalogue([temperature], 5))])]);
    await archive.append([journal.batch([journal.publish(catalogue([temperature], 4))])]);
    expect(archive.registry.catalogues.get('plant-1')?.catalogue.version).toBe(5);
  });
});

test('keeps its identity', async () => {
  const made = await archive.identity();
  await reopen();
  expect(await archive.identity()).toEqual(made);
  expect(made.hub).not.toBe(made.generation);
});

test('a second process is told that the archive is in use', async () => {
  const child = spawnWriter();
  try {
    await expect(firstLine(child)).resolves.toBe('fault already-running');
  } finally {
    child.kill('SIGKILL');
  }
});

test('refuses an archive of a newer release', async () => {
  await database.write((connection) => connection.run('INSERT INTO schema_version VALUES (99)'));
  await database.close();
  await expect(Database.open(join(folder, 'archive.duckdb'))).rejects.toMatchObject({ code: 'archive-newer' });
  await rm(join(folder, 'archive.duckdb'));
  await open();
});

test('after kill -9 in the middle of appending, rows and cursor agree and nothing acknowledged is lost', async () => {
  await database.close();
  for (let round = 0; round < 3; round++) {
    const child = spawnWriter();
    let acknowledged = 0;
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    lines.on('line', (line) => {
      acknowledged = Number(line);
    });
    await new Promise((resolve) => lines.once('line', resolve));
    await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 300));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));

    await open();
    const [cursor] = await archive.cursors('plant-1');
    const [rows] = await database.read(
      'SELECT count(*) AS n, count(DISTINCT seq) AS seqs, max(seq) + 1 AS next FROM readings',
    );
    const events = await count('events');
    expect(cursor?.next).toBeGreaterThanOrEqual(acknowledged);
    expect(rows).toEqual({ n: Number(cursor?.next) - events, seqs: Number(cursor?.next) - events, next: cursor?.next });
    await database.close();
  }
  await open();
});

function spawnWriter(): ChildProcess {
  const script = join(import.meta.dirname, 'support', 'appending-child.ts');
  return spawn(process.execPath, ['--import', 'tsx', script, join(folder, 'archive.duckdb')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => createInterface({ input: child.stdout ?? process.stdin }).once('line', resolve));
}
