import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { CA_FILES } from '../cloud-sync/cloud-hub/ca.ts';
import type { Clock } from '../core/clock.ts';
import { Fault } from '../core/faults.ts';
import { version } from '../core/package-root.ts';
import { syncFolder, writeSynced } from '../core/synced-files.ts';
import type { Database } from './archive/database.ts';
import { SecretFiles } from './notify/secret-files.ts';

/** What a backup's folder holds, besides its manifest. */
export const ARCHIVE = 'archive.duckdb';
const FILES = [ARCHIVE, ...CA_FILES] as const;
const NEEDED: readonly string[] = [ARCHIVE, 'ca.crt', 'ca.key'];
/** Secrets that people gave in the page, by name; only where there are any. */
export const SECRETS = 'secrets.json' as const;
const MANIFEST = 'manifest.json';

const manifestSchema = z.object({
  format: z.literal(1),
  software: z.string(),
  hub: z.string(),
  generation: z.string(),
  /** Everything that was acknowledged before is in it. Unix milliseconds. */
  at: z.number(),
  files: z
    .array(z.object({ name: z.enum([...FILES, SECRETS]), bytes: z.number(), sha256: z.string() }))
    .refine((files) => NEEDED.every((name) => files.some((file) => file.name === name))),
});
export type Manifest = z.output<typeof manifestSchema>;

export interface BackupParts {
  readonly database: Database;
  readonly identity: { readonly hub: string; readonly generation: string };
  readonly dataDir: string;
  readonly clock: Clock;
}

/** Where a backup grows until it is whole. */
export function growing(folder: string): string {
  return `${folder}.part`;
}

/**
 * Writes the archive as it is now, the CA and the secrets of notifications into a new folder: all of it or nothing. Gateways are served meanwhile.
 * @throws Fault file-unwritable
 */
export async function backUp({ database, identity, dataDir, clock }: BackupParts, folder: string): Promise<Manifest> {
  if (existsSync(folder)) throw new Fault('file-unwritable', `${folder} is there already`);
  const part = growing(folder);
  const at = clock.now();
  try {
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { recursive: true, mode: 0o700 });
    await database.copyTo(join(part, ARCHIVE));
    const ca = CA_FILES.filter((name) => NEEDED.includes(name) || existsSync(join(dataDir, 'ca', name)));
    for (const name of ca) await copyFile(join(dataDir, 'ca', name), join(part, name));
    const secrets = await new SecretFiles(dataDir).all();
    const hasSecrets = Object.keys(secrets).length > 0;
    if (hasSecrets) await writeSynced(join(part, SECRETS), JSON.stringify(secrets));
    const files: Manifest['files'] = [];
    const names = [ARCHIVE, ...ca, ...(hasSecrets ? [SECRETS] : [])] as const;
    for (const name of names) files.push({ name, ...(await settle(join(part, name))) });
    const manifest: Manifest = { format: 1, software: version, ...identity, at, files };
    await writeSynced(join(part, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    await syncFolder(part);
    await rename(part, folder);
    await syncFolder(dirname(folder));
    return manifest;
  } catch (cause) {
    await rm(part, { recursive: true, force: true }).catch(() => {});
    if (cause instanceof Fault) throw cause;
    throw new Fault('file-unwritable', `${folder} (${(cause as Error).message})`, { cause });
  }
}

/**
 * Reads the manifest and checks every file against it.
 * @throws Fault file-missing, backup-damaged
 */
export async function checkBackup(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((cause: unknown) => {
    throw new Fault('file-missing', `${join(folder, MANIFEST)}: no backup here`, { cause });
  });
  const manifest = manifestSchema.safeParse(parseJson(text));
  if (!manifest.success) throw new Fault('backup-damaged', `${join(folder, MANIFEST)}`);
  for (const { name, bytes, sha256 } of manifest.data.files) {
    const file = join(folder, name);
    const size = await stat(file).then(
      (found) => found.size,
      () => -1,
    );
    if (size !== bytes) throw new Fault('backup-damaged', `${file}: ${size < 0 ? 'missing' : `${size} bytes`}`);
    if ((await hashOf(file)) !== sha256) throw new Fault('backup-damaged', `${file}: its content has changed`);
  }
  return manifest.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Onto the disk, and what it is. */
async function settle(file: string): Promise<{ bytes: number; sha256: string }> {
  const handle = await open(file, 'r+');
  try {
    await handle.chmod(0o600);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { bytes: (await stat(file)).size, sha256: await hashOf(file) };
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
