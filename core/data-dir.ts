import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { Fault } from './faults.ts';

/**
 * Makes a process's own folder, readable by its owner alone, or finds that it is there.
 * @throws Fault data-dir if it cannot be made or written
 */
export async function makeDataDir(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Fault('data-dir', `${folder} (${(cause as Error).message})`, { cause });
  }
}
