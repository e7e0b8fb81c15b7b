import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../core/package-root.ts';

const MAIN = join(packageRoot, 'dist/cli/main.js');

/** A real `sluice` process of the built package, whose lines of output a test can wait for. */
export class SluiceProcess {
  readonly lines: string[] = [];
  readonly exited: Promise<number | null>;
  readonly #process: ChildProcess;
  readonly #waiting = new Set<() => void>();

  constructor(
    args: readonly string[],
    options: { env?: Record<string, string>; onLine?: (line: string) => void } = {},
  ) {
    this.#process = spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.exited = new Promise((resolve) => this.#process.once('close', (code) => resolve(code)));
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        options.onLine?.(line);
        for (const wake of this.#waiting) wake();
      });
    }
    void this.exited.then(() => {
      for (const wake of this.#waiting) wake();
    });
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  get isOver(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  say(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** Resolves to what `find` makes of the output once it is not undefined. */
  async until<T>(find: (lines: readonly string[]) => T | undefined, what: string): Promise<T> {
    for (;;) {
      const found = find(this.lines);
      if (found !== undefined) return found;
      if (this.isOver) throw new Error(`ended before ${what}:\n${this.lines.slice(-30).join('\n')}`);
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (!this.isOver) this.#process.kill(signal);
    return this.exited;
  }
}

/** Runs a verb to its end. */
export async function sluice(...args: string[]): Promise<{ code: number | null; lines: string[] }> {
  const child = new SluiceProcess(args);
  const code = await child.exited;
  return { code, lines: child.lines };
}
