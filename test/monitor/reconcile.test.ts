import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { good } from '../../core/reading.ts';
import { settle } from '../../monitor/archive/settle.ts';
import type { JournalState } from '../../monitor/fleet/fleet.ts';
import { reconcile } from '../../monitor/reconcile.ts';
import { removeBefore } from '../../monitor/retention.ts';
import { catalogue, column, EPOCH, entry, gap, Journal, T0 } from './support/batches.ts';
import { useArchive } from './support/use-archive.ts';

let journal: Journal;

/** Event 0, readings 1 to 20, a gap [21, 30), readings 30 to 39. */
const hub = useArchive(async (archive) => {
  journal = new Journal();
  const rows = (length: number, from: number) =>
    column(
      0,
      Array.from({ length }, (_, i) => [T0 + from + i, good(i)] as const),
    );
  await archive.append([
    journal.batch([journal.publish(catalogue([entry(0, 'boiler', 'temp')])), journal.readings([rows(20, 0)])]),
  ]);
  journal.next = 30;
  const frames = [journal.readings([rows(10, 20)])];
  await archive.append([journal.batch(frames, { gaps: [gap(21, 30)] })]);
});

const saying = (...states: JournalState[]) => ({ gateways: () => ['plant-1'], journals: () => states });
const differences = (...states: JournalState[]) => reconcile({ database: hub.database, fleet: saying(...states) });
const spoil = (sql: string) => hub.database.write((connection) => connection.run(sql));
const same = { epoch: EPOCH, next: 40, confirmed: 40, chain: 'b'.repeat(16) };

test('agree: cursor, counters, rows, gaps, and what the gateway says, also after retention', async () => {
  expect(await differences(same)).toEqual([]);
  await settle(hub.database, { before: T0 + 1e6, arrivedBefore: 0, zoneOf: () => 'UTC' });
  expect(await differences(same)).toEqual([]);
  await removeBefore(hub.database, T0 + 12);
  expect(await differences(same)).toEqual([]);
  // The hub has got on since the gateway said so; what was told and is still owed is no difference.
  expect(await differences({ ...same, next: 25, confirmed: 20, chain: 'c'.repeat(16) })).toEqual([]);
});

test.each([
  ['a row that is gone', 'DELETE FROM arrivals WHERE seq = 7', { what: 'rows', expected: 31, found: 30 }],
  [
    'a row twice',
    'INSERT INTO arrivals SELECT * FROM arrivals WHERE seq = 7',
    { what: 'rows', expected: 31, found: 32 },
  ],
  ['a cursor that jumped', 'UPDATE epochs SET next = 41', { what: 'cursor', expected: 41, found: 40 }],
  ['a gap that is gone', 'DELETE FROM gaps', { what: 'gaps', expected: 9, found: 0 }],
])('finds %s, with both figures', async (_, sql, difference) => {
  await spoil(sql);
  expect(await differences(same)).toContainEqual({ gateway: 'plant-1', epoch: EPOCH, ...difference });
});

test('finds a gateway that takes more for stored than is, and another history', async () => {
  expect(await differences({ ...same, next: 50, confirmed: 45 })).toMatchObject([
    { what: 'confirmed', expected: 40, found: 45 },
  ]);
  expect(await differences({ ...same, chain: 'c'.repeat(16) })).toMatchObject([{ what: 'chain' }]);
});

/** The tables of that release that have stayed as they were, or are brought back above. */
const OLD = new Set([
  ...['hub', 'epochs', 'series', 'numbers', 'catalogues', 'readings', 'events', 'gaps', 'tokens', 'quarantine'],
  'schema_version',
]);
const PEOPLE = [
  'certificates (serial VARCHAR, gateway VARCHAR, not_after_ms BIGINT, issued_ms BIGINT, revoked_ms BIGINT)',
  'users (name VARCHAR, role VARCHAR, password VARCHAR, created_ms BIGINT)',
  'sessions (hash VARCHAR, name VARCHAR, created_ms BIGINT, used_ms BIGINT)',
  'api_keys (hash VARCHAR, name VARCHAR, role VARCHAR, created_ms BIGINT)',
];

test('an archive of an earlier release gets its counters from its rows', async () => {
  await hub.reopen(async () => {
    const instance = await DuckDBInstance.create(hub.file);
    const connection = await instance.connect();
    await connection.run(
      'CREATE TABLE before AS SELECT id, gateway, epoch, next, chain, catalogue, boots, first_ms FROM epochs',
    );
    await connection.run('DROP TABLE epochs');
    await connection.run('ALTER TABLE before RENAME TO epochs');
    await connection.run('DROP VIEW readings');
    await connection.run('ALTER TABLE arrivals RENAME TO readings');
    const all = await connection.runAndReadAll('SELECT table_name FROM duckdb_tables()');
    for (const [name] of all.getRows()) if (!OLD.has(String(name))) await connection.run(`DROP TABLE ${name}`);
    for (const table of PEOPLE) await connection.run(`CREATE TABLE ${table}`);
    await connection.run('DELETE FROM schema_version WHERE version > 2');
    await connection.run('DELETE FROM readings WHERE seq < 5');
    connection.closeSync();
    instance.closeSync();
  });
  expect(await differences(same)).toEqual([]);
  expect(await hub.database.read('SELECT told, stored, declared, removed, closed FROM epochs')).toEqual([
    { told: 40, stored: 31, declared: 9, removed: 4, closed: false },
  ]);
});
