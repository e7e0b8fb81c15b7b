import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';

export function socatInstalled(): boolean {
  return spawnSync('socat', ['-V'], { stdio: 'ignore' }).status === 0;
}

/** How long socat may take to make the pseudo-terminal. */
const APPEARS_WITHIN_MS = 5000;

/** A pseudo-terminal at `link` that is joined to a TCP port. Returns how to take it away again. */
export async function openPty(
  link: string,
  tcp: { host: string; port: number },
  clock: Clock,
): Promise<() => Promise<void>> {
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { force: true });
  const socat = spawn('socat', [`PTY,link=${link},raw,echo=0`, `TCP:${tcp.host}:${tcp.port},nodelay`], {
    stdio: 'ignore',
  });
  const ended = new Promise<void>((resolve) => {
    socat.once('exit', () => resolve());
    socat.once('error', () => resolve());
  });
  const held = await hold(link, clock).catch((error: unknown) => {
    socat.kill();
    throw error;
  });
  return async () => {
    await held.close();
    socat.kill();
    await ended;
    await rm(link, { force: true });
  };
}

/** One open handle stays here: when the last one closes, socat takes that for the end. */
async function hold(link: string, clock: Clock): Promise<FileHandle> {
  const giveUpAt = clock.ticks() + APPEARS_WITHIN_MS;
  for (;;) {
    const there = await stat(link).then(
      (found) => found.isCharacterDevice(),
      () => false,
    );
    if (there) return open(link, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    if (clock.ticks() > giveUpAt) throw new Fault('port-missing', `socat made no pseudo-terminal at ${link}`);
    await clock.sleep(10);
  }
}
