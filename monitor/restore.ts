import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CA_FILES } from '../cloud-sync/cloud-hub/ca.ts';
import type { Clock } from '../core/clock.ts';
import { makeDataDir } from '../core/data-dir.ts';
import { Fault } from '../core/faults.ts';
import { replaceFolder } from '../core/secret-folder.ts';
import { syncFolder } from '../core/synced-files.ts';
import { Database } from './archive/database.ts';
import { KeyStore } from './archive/key-store.ts';
import { AuditLog } from './audit/audit-log.ts';
import { Recording } from './audit/recording.ts';
import { ARCHIVE, checkBackup, type Manifest, SECRETS } from './backup.ts';
import { SECRET_NAME, SecretFiles } from './notify/secret-files.ts';
import { archiveFile } from './parts.ts';
import { Revocations } from './revocations.ts';
import { haltOpen } from './rollouts/rollout-store.ts';
import { forgetOpen } from './writes/command-store.ts';

const secretsSchema = z.record(z.string().regex(SECRET_NAME), z.string());

export interface RestoreRequest {
  /** Of the backup. */
  readonly folder: string;
  readonly dataDir: string;
  /** An archive that is there may give way: it is kept beside, in a folder of its own. */
  readonly replace: boolean;
  readonly clock: Clock;
}

export interface Restored {
  readonly manifest: Manifest;
  /** Where the archive that gave way is now. */
  readonly kept?: string;
}

/**
 * Puts a backup in the place of a stopped hub's data. The hub begins a new generation: gateways send again what they have kept since,
 * and what they no longer have is declared lost. Open join tokens and logins are void; what was revoked since stays revoked.
 * @throws Fault file-missing, backup-damaged, already-running, archive-exists
 */
export async function restore({ folder, dataDir, replace, clock }: RestoreRequest): Promise<Restored> {
  const manifest = await checkBackup(folder);
  await makeDataDir(dataDir);
  const target = archiveFile(dataDir);
  const isThere = existsSync(target);
  if (isThere && !replace) throw new Fault('archive-exists', target);
  // Nobody may be at work on it, with or without an answering socket.
  const revokedKeys = isThere ? await readRevokedKeys(target, clock) : [];

  const coming = `${target}.restoring`;
  await rm(coming, { force: true });
  await copyFile(join(folder, ARCHIVE), coming);
  await renew(coming, { dataDir, revokedKeys, clock });
  await record(coming, folder, clock);
  const kept = isThere ? await moveAside(dataDir, clock) : undefined;
  if (manifest.files.some(({ name }) => name === SECRETS)) await putSecrets(folder, dataDir);
  // A CA that is there may be younger than the backup: gateways that know only that one must not be locked out.
  if (!existsSync(join(dataDir, 'ca', 'ca.key'))) await restoreCa(folder, manifest, dataDir);
  await rename(coming, target);
  await syncFolder(dataDir);
  return { manifest, ...(kept === undefined ? {} : { kept }) };
}

async function putSecrets(folder: string, dataDir: string): Promise<void> {
  const given = secretsSchema.safeParse(JSON.parse(await readFile(join(folder, SECRETS), 'utf8')));
  if (!given.success) throw new Fault('backup-damaged', join(folder, SECRETS));
  const files = new SecretFiles(dataDir);
  for (const [name, secret] of Object.entries(given.data)) await files.write(name, secret);
}

async function restoreCa(folder: string, { files }: Manifest, dataDir: string): Promise<void> {
  const names = CA_FILES.filter((name) => files.some((file) => file.name === name));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  await replaceFolder(join(dataDir, 'ca'), Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ''])));
}

async function readRevokedKeys(file: string, clock: Clock): Promise<readonly string[]> {
  const database = await Database.open(file, clock);
  try {
    const keys = await new KeyStore(database).list();
    return keys.filter(({ revokedMs }) => revokedMs !== undefined).map(({ hash }) => hash);
  } finally {
    await database.close();
  }
}

/** The audit log goes on from where it stood at the backup, and says so. */
async function record(file: string, folder: string, clock: Clock): Promise<void> {
  const database = await Database.open(file, clock);
  try {
    const recording = new Recording(new AuditLog(database, clock), { address: '', action: 'restore', object: folder });
    recording.by('console', 'console');
    await recording.done();
  } finally {
    await database.close();
  }
}

interface Renewal {
  readonly dataDir: string;
  /** Hashes of keys that the archive which gives way knows as revoked. */
  readonly revokedKeys: readonly string[];
  readonly clock: Clock;
}

async function renew(file: string, { dataDir, revokedKeys, clock }: Renewal): Promise<void> {
  const revoked = (await Revocations.open(dataDir)).all();
  const database = await Database.open(file, clock);
  try {
    await database.write(async (connection) => {
      await connection.run('UPDATE hub SET generation = ?', [randomBytes(16).toString('hex')]);
      await connection.run('DELETE FROM tokens');
      await connection.run('DELETE FROM sessions');
      await forgetOpen(connection, clock.now());
      await haltOpen(connection, clock.now());
      for (const serial of revoked) {
        const sql = 'UPDATE certificates SET revoked_ms = ? WHERE serial = ? AND revoked_ms IS NULL';
        await connection.run(sql, [clock.now(), serial]);
      }
      for (const hash of revokedKeys) {
        const sql = 'UPDATE api_keys SET revoked_ms = ? WHERE hash = ? AND revoked_ms IS NULL';
        await connection.run(sql, [Math.trunc(clock.now()), hash]);
      }
    });
  } finally {
    await database.close();
  }
  const handle = await open(file, 'r+');
  await handle.sync().finally(() => handle.close());
}

async function moveAside(dataDir: string, clock: Clock): Promise<string> {
  const aside = join(dataDir, `replaced-${clock.now()}`);
  await mkdir(aside, { mode: 0o700 });
  for (const name of [ARCHIVE, `${ARCHIVE}.wal`]) {
    const file = join(dataDir, name);
    if (existsSync(file)) await rename(file, join(aside, name));
  }
  return aside;
}
