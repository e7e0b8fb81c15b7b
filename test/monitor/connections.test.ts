import { pbkdf2 } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { Database } from '../../monitor/archive/database.ts';

let folder: string;
let database: Database;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-connections-'));
  database = await Database.open(join(folder, 'archive.duckdb'), systemClock);
  await database.write((connection) => connection.run('CREATE TABLE kept (n INTEGER)'));
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** As after a commit that failed: the transaction is over, and a rollback fails, so that the file is opened anew. */
const breakDown = () =>
  database
    .write(async (connection) => {
      await connection.run('COMMIT');
      throw new Error('as if the disk were full');
    })
    .catch(() => {});
const add = (n: number) => database.write((connection) => connection.run(`INSERT INTO kept VALUES (${n})`));
const kept = async () => (await database.read('SELECT n FROM kept ORDER BY n')).map(({ n }) => n);
const LONG = 'SELECT count(*) AS n FROM range(100000) a, range(100000) b WHERE (a.range * b.range) % 7 = 3';

test('a question under way is broken off before its connection is closed, and all goes on', {
  timeout: 30_000,
}, async () => {
  await add(1);
  const asked = [database.read(LONG), database.work((connection) => connection.run(LONG))];
  const answers = Promise.allSettled(asked);
  await breakDown();
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await add(2);
  expect(await kept()).toEqual([1, 2]);
});

test('so is one that has not begun: DuckDB forgets an interrupt when it begins', { timeout: 60_000 }, async () => {
  // All threads that would begin it are at work.
  for (let thread = 0; thread < 8; thread++) pbkdf2('any', 'any', 200_000, 64, 'sha512', () => {});
  const asked = database.read(LONG);
  const answer = expect(asked).rejects.toThrow('Interrupted');
  await database.close();
  await answer;
  database = await Database.open(join(folder, 'archive.duckdb'), systemClock);
});

test('a stream that is half read ends with a reason; what its database had in mind is not written over the new one', async () => {
  const stream = database.stream('SELECT range FROM range(1000000)');
  expect((await stream.next()).done).toBe(false);
  await breakDown();
  await add(1);
  await expect(stream.next()).rejects.toMatchObject({ code: 'archive-write' });
  await add(2);
  await database.close();
  database = await Database.open(join(folder, 'archive.duckdb'), systemClock);
  expect(await kept()).toEqual([1, 2]);
});

test('what hangs on the writer is closed before it is; a refusal closes nothing', async () => {
  let closed = 0;
  database.hold({ closeSync: () => void closed++ });
  await database.write(() => Promise.reject(new Fault('request-invalid'))).catch(() => {});
  expect(closed).toBe(0);
  await breakDown();
  expect(closed).toBe(1);
  await breakDown();
  expect(closed).toBe(1);
});

test('a refusal does not wait for whoever asks something long', { timeout: 30_000 }, async () => {
  const asked = database.read(LONG).catch(() => {});
  await expect(database.write(() => Promise.reject(new Fault('request-invalid')))).rejects.toMatchObject({
    code: 'request-invalid',
  });
  await add(1);
  // Else this would come after the long answer, minutes later.
  await breakDown();
  await asked;
});

test('once closed it stays closed', async () => {
  await database.close();
  await expect(add(1)).rejects.toThrow();
  await expect(database.read('SELECT 1')).rejects.toThrow();
  database = await Database.open(join(folder, 'archive.duckdb'), systemClock);
  expect(await kept()).toEqual([]);
});

test('whoever still writes or asks while it is being closed is refused; nobody waits for ever', {
  timeout: 30_000,
}, async () => {
  for (let round = 0; round < 10; round++) {
    const busy = [add, () => database.read('SELECT count(*) FROM kept')].map(async (work) => {
      for (;;) await work(round);
    });
    const ends = Promise.allSettled(busy);
    await add(-1);
    await database.close();
    const [wrote, asked] = (await ends) as PromiseRejectedResult[];
    expect(wrote?.reason).toMatchObject({ code: 'archive-write' });
    // What is asked at that very moment is broken off.
    expect(String(asked?.reason)).toMatch(/archive is being closed|Interrupted/);
    database = await Database.open(join(folder, 'archive.duckdb'), systemClock);
  }
});
