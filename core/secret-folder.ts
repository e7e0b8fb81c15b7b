import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from './faults.ts';
import { syncFolder, writeSynced } from './synced-files.ts';

/** Where the folder that was replaced last is kept. */
export function previousOf(folder: string): string {
  return `${folder}.previous`;
}

/**
 * Puts a folder of files in the place of another, all or nothing: after a power cut either the old folder, the new one, or
 * (between two renames) the old one under `previousOf` is there, each whole. Files are readable by their owner alone.
 */
export async function replaceFolder(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const fresh = `${folder}.new-${randomBytes(4).toString('hex')}`;
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files)) await writeSynced(join(fresh, name), text);
  await syncFolder(fresh);
  if (await exists(folder)) {
    await rm(previousOf(folder), { recursive: true, force: true });
    await rename(folder, previousOf(folder));
  }
  await rename(fresh, folder);
  await syncFolder(dirname(folder));
}

/** Puts the folder before back in its place if a power cut fell between the two renames that replace it. */
export async function mendReplaced(folder: string): Promise<void> {
  if ((await exists(folder)) || !(await exists(previousOf(folder)))) return;
  await rename(previousOf(folder), folder);
  await syncFolder(dirname(folder));
}

/** @throws Fault key-exposed when others than the owner may read the file */
export async function checkSecret(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0) throw new Fault('key-exposed', `${file} has mode ${(mode & 0o777).toString(8)}`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
