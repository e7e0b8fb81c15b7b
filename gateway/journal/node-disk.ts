import { access, cp, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../../core/synced-files.ts';
import type { Disk } from './disk.ts';
import { openLevel, repairLevel } from './store.ts';

const FILL_STEP = 256 * 1024;

/** The real disk. */
export const nodeDisk: Disk = {
  open: openLevel,
  repair: repairLevel,
  async exists(path) {
    return (await access(path).catch(unlessMissing)) !== MISSING;
  },
  async list(folder) {
    const names = await readdir(folder).catch(unlessMissing);
    return names === MISSING ? [] : names;
  },
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true });
  },
  async rename(from, to) {
    await rename(from, to);
    await syncFolder(dirname(to));
  },
  remove: (path) => rm(path, { recursive: true, force: true }),
  copy: (from, to) => cp(from, to, { recursive: true }),
  async writeFile(path, content) {
    const file = await open(path, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(dirname(path));
  },
  async fill(path, bytes) {
    const file = await open(path, 'w');
    try {
      // Zeros would do on most file systems; on those that compress or leave holes they would take no room.
      const step = Buffer.alloc(FILL_STEP);
      for (let at = 0; at < step.length; at++) step[at] = (at * 197 + (at >> 8) * 31) & 0xff;
      for (let at = 0; at < bytes; at += step.length) await file.write(step, 0, Math.min(step.length, bytes - at));
      await file.sync();
    } finally {
      await file.close();
    }
  },
  async bytes(folder) {
    const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  },
  async free(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
};

const MISSING = Symbol('missing');

/** Only a name that is not there is no error: a card that cannot be read must not look like an empty one. */
function unlessMissing(error: NodeJS.ErrnoException): typeof MISSING {
  if (error.code === 'ENOENT') return MISSING;
  throw error;
}
