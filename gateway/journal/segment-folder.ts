import { join } from 'node:path';
import type { Epoch, Seq } from '../../cloud-sync/protocol/numbers.ts';
import type { Disk } from './disk.ts';

const DIGITS = 16;
/** Being made: not there yet. */
export const COMING = 'coming-';
/** Being removed: not there any more. */
const GOING = 'going-';

export function segmentName(first: Seq): string {
  return String(first).padStart(DIGITS, '0');
}

/** The first number of a segment by its folder's name; undefined for other names. */
export function segmentFirst(name: string): Seq | undefined {
  return new RegExp(`^\\d{${DIGITS}}$`).test(name) ? Number(name) : undefined;
}

/** The epoch by its folder's name; undefined for other names. */
export function epochOf(name: string): Epoch | undefined {
  return /^[0-9a-f]{32}$/.test(name) ? name : undefined;
}

/** Segments of an epoch live in a folder of its name. */
export function epochFolder(journal: string, epoch: Epoch): string {
  return join(journal, epoch);
}

/** Made under another name first: a segment that is there can be opened, whenever the power goes. */
export async function createSegment(folder: string, first: Seq, disk: Disk): Promise<void> {
  const path = join(folder, segmentName(first));
  if (await disk.exists(path)) return;
  await disk.makeFolder(folder);
  const coming = join(folder, COMING + segmentName(first));
  await disk.remove(coming);
  await (await disk.open(coming, { create: true })).close();
  await disk.rename(coming, path);
}

/** Gone at once by name, so that a segment is never there in part; its space is free when this resolves. */
export async function destroySegment(folder: string, first: Seq, disk: Disk): Promise<void> {
  const going = join(folder, GOING + segmentName(first));
  await disk.rename(join(folder, segmentName(first)), going);
  await disk.remove(going);
}

/** Removes what a crash left between two states. */
export async function tidySegments(folder: string, disk: Disk): Promise<void> {
  const names = await disk.list(folder);
  const left = names.filter((name) => name.startsWith(COMING) || name.startsWith(GOING));
  await Promise.all(left.map((name) => disk.remove(join(folder, name))));
}
