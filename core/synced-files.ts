import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A new file, readable by its owner alone, on the disk when it resolves. Its name is durable only with `syncFolder`. */
export async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** New names and renames in it are durable when it resolves. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file of new content in the place of the old one: after a power cut one of both is there, whole. One call at a time for a file. */
export async function replaceSynced(file: string, text: string): Promise<void> {
  const coming = `${file}.new`;
  await rm(coming, { force: true });
  await writeSynced(coming, text);
  await rename(coming, file);
  await syncFolder(dirname(file));
}
