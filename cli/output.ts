import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Fault } from '../core/faults.ts';
import type { Progress } from './progress.ts';

/** Into the file, or to standard output if there is none. @throws Fault file-unwritable */
export async function writeOutput(
  parts: AsyncIterable<string | Uint8Array>,
  output: string | undefined,
  progress: Progress,
): Promise<void> {
  const counted = Readable.from(progress.watch(parts), { objectMode: false });
  if (output === undefined) {
    await pipeline(counted, process.stdout, { end: false });
    return;
  }
  // A file with the name asked for is a whole one.
  const unfinished = `${output}.part`;
  try {
    await pipeline(counted, createWriteStream(unfinished));
    await rename(unfinished, output);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    const { path, code, message } = error as NodeJS.ErrnoException;
    if (path !== unfinished && code !== 'ENOSPC') throw error;
    throw new Fault('file-unwritable', `${output} (${message})`, { cause: error });
  }
}
