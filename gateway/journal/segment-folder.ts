import { existsSync } from 'node:fs';
import { mkdir, open as openFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { OpenStore } from './store.ts';

const DIGITS = 16;
const COMING = 'coming-';
const GOING = 'going-';

export function segmentName(first: Seq): string {
  return String(first).padStart(DIGITS, '0');
}

/** The first number of a segment by its folder's name; undefined for other names. */
export function segmentFirst(name: string): Seq | undefined {
  return new RegExp(`^\\d{${DIGITS}}$`).test(name) ? Number(name) : undefined;
}

/** Segments of an epoch live in a folder of its name. */
export function epochFolder(journal: string, epoch: Epoch): string {
  return join(journal, epoch);
}

/** Made under another name first: a segment that is there can be opened, whenever the power goes. */
export async function createSegment(folder: string, first: Seq, open: OpenStore): Promise<void> {
  const path = join(folder, segmentName(first));
  if (existsSync(path)) return;
  await mkdir(folder, { recursive: true });
  const coming = join(folder, COMING + segmentName(first));
  await rm(coming, { recursive: true, force: true });
  await (await open(coming, { create: true })).close();
  await rename(coming, path);
  await sync(folder);
}

/** Gone at once by name, so that a segment is never there in part; its space is free when this resolves. */
export async function destroySegment(folder: string, first: Seq): Promise<void> {
  const going = join(folder, GOING + segmentName(first));
  await rename(join(folder, segmentName(first)), going);
  await rm(going, { recursive: true, force: true });
}

/** Removes what a crash left between two states. */
export async function tidySegments(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const left = names.filter((name) => name.startsWith(COMING) || name.startsWith(GOING));
  await Promise.all(left.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/** Bytes of a segment's files. */
export async function segmentBytes(folder: string, first: Seq): Promise<number> {
  const path = join(folder, segmentName(first));
  const sizes = await Promise.all((await readdir(path)).map(async (name) => (await stat(join(path, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** A rename is durable only with its folder. */
async function sync(folder: string): Promise<void> {
  const handle = await openFile(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
