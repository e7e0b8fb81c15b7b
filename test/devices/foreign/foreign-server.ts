import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../../core/package-root.ts';

/** Starting a Python on a busy machine. */
const SAYS_WITHIN_MS = 15_000;

export interface ForeignServer {
  /** Where it listens, for servers on TCP. */
  readonly port: string;
  stop(): Promise<void>;
}

/** Starts `server.py`; resolves once it serves. */
export async function startForeign(python: string, ...args: string[]): Promise<ForeignServer> {
  const child = spawn(python, [join(packageRoot, 'test/devices/foreign/server.py'), ...args]);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    const said = await firstLine(child);
    return {
      port: `tcp://127.0.0.1:${said.replace('port ', '')}`,
      stop: () => {
        child.kill('SIGKILL');
        return ended;
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const heard: string[] = [];
    const timer = setTimeout(() => reject(new Error(`said nothing: ${heard.join('\n')}`)), SAYS_WITHIN_MS);
    const settle = (work: () => void) => {
      clearTimeout(timer);
      work();
    };
    child.stderr?.on('data', (text: Buffer) => heard.push(text.toString()));
    child.once('close', () => settle(() => reject(new Error(`ended: ${heard.join('\n')}`))));
    if (child.stdout) createInterface(child.stdout).once('line', (line) => settle(() => resolve(line)));
  });
}
