import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { good } from '../../core/reading.ts';
import { backUp } from '../../monitor/backup.ts';
import { SecretFiles } from '../../monitor/notify/secret-files.ts';
import { archiveFile, type HubParts, openParts } from '../../monitor/parts.ts';
import { restore } from '../../monitor/restore.ts';
import { catalogue, column, entry, Journal, T0 } from './support/batches.ts';

let folder: string;
let dataDir: string;
let backup: string;
let parts: HubParts | undefined;
let journal: Journal;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-'));
  dataDir = join(folder, 'hub');
  backup = join(folder, 'backup');
  mkdirSync(join(dataDir, 'ca'), { recursive: true });
  writeFileSync(join(dataDir, 'ca', 'ca.crt'), 'certificate');
  writeFileSync(join(dataDir, 'ca', 'ca.key'), 'key', { mode: 0o600 });
  journal = new Journal();
  await start();
  await parts?.archive.append([journal.batch([journal.publish(catalogue([entry(0, 'boiler', 'temp')]))])]);
  await store(3);
});

afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

async function start(): Promise<HubParts> {
  parts = await openParts({ file: archiveFile(dataDir), clock: systemClock });
  return parts;
}

async function stop(): Promise<void> {
  await parts?.close();
  parts = undefined;
}

const hub = () => parts as HubParts;

async function store(count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, i) => [T0 + journal.next + i, good(i)] as const);
  await hub().archive.append([journal.batch([journal.readings([column(0, rows)])])]);
}

async function take() {
  const identity = await hub().archive.identity();
  return backUp({ database: hub().database, identity, dataDir, clock: systemClock }, backup);
}

const putBack = (replace = true) => restore({ folder: backup, dataDir, replace, clock: systemClock });
const count = async (table: string) =>
  Number((await hub().database.read(`SELECT count(*) AS n FROM ${table}`))[0]?.n ?? -1);

test('a backup taken while the hub stores brings back what was there when it was taken', async () => {
  const before = await hub().archive.identity();
  const manifest = await take();
  expect(manifest).toMatchObject({ format: 1, ...before });
  await store(5);
  await hub().enrolmentStore.addToken({ hash: 'h', expires: T0 });
  await stop();
  const { kept } = await putBack();
  await start();
  expect(await count('readings')).toBe(3);
  expect((await hub().archive.cursors('plant-1'))[0]?.next).toBe(4);
  const after = await hub().archive.identity();
  expect(after.hub).toBe(before.hub);
  expect(after.generation, 'gateways must see that it was restored').not.toBe(before.generation);
  expect(readFileSync(join(dataDir, 'ca', 'ca.key'), 'utf8')).toBe('key');
  expect(readdirSync(kept ?? '')).toContain('archive.duckdb');
});

test('secrets of receivers go with it, for their owner alone, and come back', async () => {
  const secrets = new SecretFiles(dataDir);
  await secrets.write('receivers.kim.token', 'hidden');
  const { files } = await take();
  expect(files.map(({ name }) => name)).toContain('secrets.json');
  expect(statSync(join(backup, 'secrets.json')).mode & 0o777).toBe(0o600);
  await stop();
  await rm(secrets.folder, { recursive: true });
  await putBack();
  expect(await secrets.all()).toEqual({ 'receivers.kim.token': 'hidden' });
  expect(statSync(join(secrets.folder, 'receivers.kim.token')).mode & 0o777).toBe(0o600);
});

test('open join tokens and logins are void', async () => {
  await hub().enrolmentStore.addToken({ hash: 'h', expires: T0 });
  await hub().database.write((connection) =>
    connection.run("INSERT INTO sessions (hash, name, created_ms, used_ms) VALUES ('s', 'kim', 0, 0)"),
  );
  await take();
  await stop();
  await putBack();
  await start();
  expect([await count('tokens'), await count('sessions')]).toEqual([0, 0]);
});

test('a key revoked since the backup stays out, and the audit log tells of the restore', async () => {
  const { keys } = hub().accounts;
  const made = await keys.create({ name: 'k', role: 'viewer', sites: undefined, madeBy: '', ttlMs: undefined });
  await take();
  await keys.revoke(made.id);
  await stop();
  await putBack();
  await start();
  expect(await hub().accounts.keys.find(made.key)).toBeUndefined();
  expect(await hub().audit.acts({}, 1)).toMatchObject([{ action: 'restore', via: 'console', outcome: 'done' }]);
  expect((await hub().audit.verify()).broken).toBeUndefined();
});

test('a gateway revoked since the backup stays out', async () => {
  await hub().enrolmentStore.addToken({ hash: 'h', expires: T0 });
  await hub().enrolmentStore.enrol('h', {
    gateway: 'plant-1',
    serial: 'aa11',
    key: 'k1',
    issuer: 'ca',
    notAfter: T0,
    issuedAt: T0,
  });
  await take();
  expect(await hub().enrolmentStore.revoke('plant-1', T0)).toEqual(['aa11']);
  await stop();
  await putBack();
  await start();
  const peer = { gateway: 'plant-1', serial: 'aa11', key: 'k1', issuedAt: T0 };
  const store = hub().enrolmentStore;
  expect(await store.isRevoked(peer)).toBe(true);
  // Nor does one that was issued between the backup and the revocation, nor the key under another name.
  expect(await store.isRevoked({ ...peer, serial: 'bb22', key: 'k2', issuedAt: T0 - 5000 })).toBe(true);
  expect(await store.isRevoked({ ...peer, serial: 'bb22', gateway: 'plant-2' })).toBe(true);
  expect(await store.isKeyRevoked('k1')).toBe(true);
  // A new token lets the gateway in again, with a new key.
  expect(await store.isRevoked({ ...peer, serial: 'cc33', key: 'k3', issuedAt: T0 + 1000 })).toBe(false);
  expect(await hub().database.read('SELECT revoked_ms IS NULL AS open FROM certificates')).toEqual([{ open: false }]);
});

test('its files are for their owner alone', async () => {
  await take();
  expect(statSync(backup).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(backup)) expect([name, statSync(join(backup, name)).mode & 0o077]).toEqual([name, 0]);
});

describe('nothing is touched', () => {
  const refused = async (code: string, replace = true) => {
    await stop();
    const before = statSync(archiveFile(dataDir)).mtimeMs;
    await expect(putBack(replace)).rejects.toMatchObject({ code });
    expect(statSync(archiveFile(dataDir)).mtimeMs).toBe(before);
  };

  test('by a backup with a file that was changed', async () => {
    await take();
    appendFileSync(join(backup, 'archive.duckdb'), 'x');
    await refused('backup-damaged');
  });

  test('by a backup whose bytes were changed in place', async () => {
    await take();
    writeFileSync(join(backup, 'ca.crt'), 'CERTIFICATE');
    await refused('backup-damaged');
  });

  test('by a backup with a file that is missing', async () => {
    await take();
    await rm(join(backup, 'ca.key'));
    await refused('backup-damaged');
  });

  test('by a folder that is none', () => refused('file-missing'));

  test('without leave to replace', async () => {
    await take();
    await refused('archive-exists', false);
  });

  test('by a backup into a folder that is there', async () => {
    mkdirSync(backup);
    await expect(take()).rejects.toMatchObject({ code: 'file-unwritable' });
    expect(readdirSync(backup)).toEqual([]);
  });

  test('and nothing is left of a backup that failed', async () => {
    await rm(join(dataDir, 'ca'), { recursive: true });
    await expect(take()).rejects.toMatchObject({ code: 'file-unwritable' });
    expect([existsSync(backup), existsSync(`${backup}.part`)]).toEqual([false, false]);
  });
});
