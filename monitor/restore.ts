import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { makeDataDir } from '../core/data-dir.ts';
import { Fault } from '../core/faults.ts';
import { replaceFolder } from '../core/secret-folder.ts';
import { syncFolder } from '../core/synced-files.ts';
import { Database } from './archive/database.ts';
import { ARCHIVE, checkBackup, type Manifest } from './backup.ts';
import { archiveFile } from './parts.ts';
import { Revocations } from './revocations.ts';

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
  if (isThere) await (await Database.open(target)).close();

  const coming = `${target}.restoring`;
  await rm(coming, { force: true });
  await copyFile(join(folder, ARCHIVE), coming);
  await renew(coming, dataDir, clock);
  const kept = isThere ? await moveAside(dataDir, clock) : undefined;
  await replaceFolder(join(dataDir, 'ca'), {
    'ca.crt': await readFile(join(folder, 'ca.crt'), 'utf8'),
    'ca.key': await readFile(join(folder, 'ca.key'), 'utf8'),
  });
  await rename(coming, target);
  await syncFolder(dataDir);
  return { manifest, ...(kept === undefined ? {} : { kept }) };
}

async function renew(file: string, dataDir: string, clock: Clock): Promise<void> {
  const revoked = (await Revocations.open(dataDir)).all();
  const database = await Database.open(file);
  try {
    await database.write(async (connection) => {
      await connection.run('UPDATE hub SET generation = ?', [randomBytes(16).toString('hex')]);
      await connection.run('DELETE FROM tokens');
      await connection.run('DELETE FROM sessions');
      for (const serial of revoked) {
        const sql = 'UPDATE certificates SET revoked_ms = ? WHERE serial = ? AND revoked_ms IS NULL';
        await connection.run(sql, [clock.now(), serial]);
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
