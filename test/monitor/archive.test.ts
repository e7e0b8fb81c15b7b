import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { bad, good } from '../../core/reading.ts';
import { Database } from '../../monitor/archive/database.ts';
import { readGaps } from '../../monitor/archive/gaps.ts';
import { catalogue, column, EPOCH, entry, gap, Journal, T0 } from './support/batches.ts';
import { useArchive } from './support/use-archive.ts';

const hub = useArchive();

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
    await hub.archive.append([journal.batch(frames)]);
    await hub.reopen();
    const rows = await hub.database.read('SELECT series, seq, at_ms, value, text, fault FROM readings ORDER BY seq');
    expect(rows.map((row) => Object.values(row))).toEqual([
      [1, 1, T0, 20.5, null, 0],
      [1, 2, T0 + 1000, null, null, 1],
      [2, 3, T0, null, 'run', 0],
    ]);
    expect(await hub.archive.cursors('plant-1')).toEqual([
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
    expect(await hub.count('events')).toBe(1);
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
    await hub.archive.append(batches);
    const rows = await hub.database.read(
      `SELECT e.gateway, e.next, count(*) AS n, count(DISTINCT seq) AS seqs, sum(value) AS total
         FROM readings r JOIN epochs e ON e.id = r.epoch GROUP BY ALL ORDER BY 1`,
    );
    const total = (3 * 1499 * 1500) / 2;
    expect(rows).toEqual(['a', 'b', 'c'].map((gateway) => ({ gateway, next: 4501, n: 4500, seqs: 4500, total })));
  });

  test('stores nothing of any batch if one fails, and goes on afterwards', async () => {
    const journal = new Journal('a');
    const first = journal.publish(catalogue([temperature]));
    await hub.archive.append([journal.batch([first])]);
    const other = new Journal('b');
    const good1 = journal.batch([journal.readings([column(0, [[T0, good(1)]])])]);
    const broken = other.batch([other.readings([column(7, [[T0, good(1)]])])]);
    await expect(hub.archive.append([good1, broken])).rejects.toMatchObject({ code: 'catalogue-missing' });
    expect(await hub.count('readings')).toBe(0);
    expect((await hub.archive.cursors('a'))[0]?.next).toBe(1);
    expect(await hub.archive.cursors('b')).toEqual([]);

    await hub.archive.append([good1]);
    expect(await hub.count('readings')).toBe(1);
    expect((await hub.archive.cursors('a'))[0]?.next).toBe(2);
  });

  test('keeps one row per gap: a notice completes it', async () => {
    const journal = new Journal();
    await hub.archive.append([journal.batch([], { gaps: [gap(0, 10)] })]);
    await hub.archive.append([
      journal.batch([], { gaps: [gap(0, 12, { reason: 'retention', points: { 3: 12 } }), gap(20, 21)] }),
    ]);
    const gaps = await readGaps(hub.database, 'plant-1');
    expect(gaps).toHaveLength(2);
    expect(gaps).toContainEqual(expect.objectContaining({ from: 0, to: 12, reason: 'retention', points: { 3: 12 } }));
    expect(await readGaps(hub.database, 'other')).toEqual([]);
  });

  test('the last of two batches of one journal sets the cursor', async () => {
    const journal = new Journal();
    const batches = [1, 2, 3].map(() =>
      journal.batch([journal.events({ event: 'boot', at: T0, boot: 1, software: 'x' })]),
    );
    await hub.archive.append(batches);
    await hub.reopen();
    expect((await hub.archive.cursors('plant-1'))[0]?.next).toBe(3);
  });
});

describe('catalogue', () => {
  test('a new number with the same unit goes on in the same series, another unit starts one', async () => {
    const journal = new Journal();
    const one = column(0, [[T0, good(1)]]);
    await hub.archive.append([journal.batch([journal.publish(catalogue([temperature])), journal.readings([one])])]);
    const retyped = [{ ...temperature, retired: true }, entry(1, 'boiler', 'temp', { type: 'int32' })];
    const other = [...retyped, entry(2, 'boiler', 'temp', { unit: '°F' })];
    await hub.reopen();
    await hub.archive.append([
      journal.batch([
        journal.publish(catalogue(retyped, 2)),
        journal.readings([{ ...one, point: 1 }]),
        journal.publish(catalogue(other, 3)),
        journal.readings([{ ...one, point: 2 }]),
      ]),
    ]);
    const rows = await hub.database.read('SELECT series, count(*) AS n FROM readings GROUP BY 1 ORDER BY 1');
    expect(rows).toEqual([
      { series: 1, n: 2 },
      { series: 2, n: 1 },
    ]);
    await hub.reopen();
    expect(hub.archive.registry.catalogues.get('plant-1')?.catalogue.version).toBe(3);
  });

  test('an older version sent again does not replace a newer one', async () => {
    const journal = new Journal();
    await hub.archive.append([journal.batch([journal.publish(catalogue([temperature], 5))])]);
    await hub.archive.append([journal.batch([journal.publish(catalogue([temperature], 4))])]);
    expect(hub.archive.registry.catalogues.get('plant-1')?.catalogue.version).toBe(5);
  });
});

test('keeps its identity', async () => {
  const made = await hub.archive.identity();
  await hub.reopen();
  expect(await hub.archive.identity()).toEqual(made);
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
  await hub.database.write((connection) => connection.run('INSERT INTO schema_version VALUES (99)'));
  await hub.reopen(async () => {
    await expect(Database.open(hub.file, systemClock)).rejects.toMatchObject({ code: 'archive-newer' });
    await rm(hub.file);
  });
});

test('after kill -9 in the middle of appending, rows and cursor agree and nothing acknowledged is lost', async () => {
  for (let round = 0; round < 3; round++) {
    let acknowledged = 0;
    await hub.reopen(async () => {
      const child = spawnWriter();
      const lines = createInterface({ input: child.stdout ?? process.stdin });
      lines.on('line', (line) => {
        acknowledged = Number(line);
      });
      await new Promise((resolve) => lines.once('line', resolve));
      await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 300));
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
    });
    const [cursor] = await hub.archive.cursors('plant-1');
    const [rows] = await hub.database.read(
      'SELECT count(*) AS n, count(DISTINCT seq) AS seqs, max(seq) + 1 AS next FROM readings',
    );
    const events = await hub.count('events');
    expect(cursor?.next).toBeGreaterThanOrEqual(acknowledged);
    expect(rows).toEqual({ n: Number(cursor?.next) - events, seqs: Number(cursor?.next) - events, next: cursor?.next });
  }
}, 60_000);

function spawnWriter(): ChildProcess {
  const script = join(import.meta.dirname, 'support', 'appending-child.ts');
  return spawn(process.execPath, ['--import', 'tsx', script, hub.file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => createInterface({ input: child.stdout ?? process.stdin }).once('line', resolve));
}
