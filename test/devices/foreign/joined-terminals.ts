import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { later } from '../far-end.ts';

const APPEAR_WITHIN_MS = 5000;

/** Two pseudo-terminals of which each hears what is written to the other. */
export async function joinedTerminals(): Promise<{ ends: readonly [string, string]; stop: () => Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-pty-'));
  const ends = [join(dir, 'ours'), join(dir, 'theirs')] as const;
  const socat = spawn(
    'socat',
    ends.map((link) => `PTY,link=${link},raw,echo=0`),
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve) => socat.once('close', () => resolve()));
  const stop = async () => {
    socat.kill();
    await ended;
    await rm(dir, { recursive: true, force: true });
  };
  const giveUpAt = performance.now() + APPEAR_WITHIN_MS;
  for (;;) {
    const there = await Promise.all(ends.map((end) => stat(end))).then(
      () => true,
      () => false,
    );
    if (there) return { ends, stop };
    if (performance.now() > giveUpAt) {
      await stop();
      throw new Error('socat made no pseudo-terminals');
    }
    await later(10);
  }
}
