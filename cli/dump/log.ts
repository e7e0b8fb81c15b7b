import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/** Enough to see the last start and what went wrong since. */
const LOG_LINES = 300;

/** Our processes log to standard error; where systemd runs them, it keeps that. @throws if nothing does */
export async function readLog(signal: AbortSignal): Promise<string> {
  if (!existsSync('/run/systemd/system'))
    throw new Error(
      'no systemd here: the log is what the gateway writes to standard error; add its last lines by hand',
    );
  const args = ['--unit', 'sluice-gateway', '--lines', String(LOG_LINES), '--no-pager', '--output', 'cat'];
  const { stdout } = await promisify(execFile)('journalctl', args, { signal, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}
