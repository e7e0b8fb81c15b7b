import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../core/package-root.ts';

export const MAIN = join(packageRoot, 'dist/cli/main.js');

/** A process that does not stop when asked is a failure, not a reason to wait for ever. */
const STOPS_WITHIN_MS = 20_000;
const SAYS_WITHIN_MS = 30_000;

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export interface ProcessOptions {
  readonly env?: Record<string, string>;
  readonly onLine?: (line: string) => void;
  readonly detached?: boolean;
  readonly cwd?: string;
  /** A command that becomes Node by exec, so that signals reach it: `taskset -c 0`, `ip netns exec NAME`. */
  readonly prefix?: readonly string[];
  /** Another build's `cli/main.js`. */
  readonly main?: string;
}

/** A real `sluice` process of the built package, whose lines of output a test can wait for. */
export class SluiceProcess {
  readonly lines: string[] = [];
  readonly stdout: string[] = [];
  readonly exited: Promise<number | null>;
  readonly #process: ChildProcess;
  readonly #waiting = new Set<() => void>();

  constructor(args: readonly string[], options: ProcessOptions = {}) {
    const { prefix = [], main = MAIN } = options;
    const [program = '', ...rest] = [...prefix, process.execPath, main, ...args];
    this.#process = spawn(program, rest, {
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: options.detached ?? false,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    alive.add(this.#process);
    this.#process.stdin?.on('error', () => {});
    this.exited = new Promise((resolve) => this.#process.once('close', (code) => resolve(code)));
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        if (stream === this.#process.stdout) this.stdout.push(line);
        options.onLine?.(line);
        for (const wake of this.#waiting) wake();
      });
    }
    void this.exited.then(() => {
      alive.delete(this.#process);
      for (const wake of this.#waiting) wake();
    });
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  get isOver(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** Everything it has said. */
  get text(): string {
    return this.lines.join('\n');
  }

  say(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** Resolves to what `find` makes of the output once it is not undefined. */
  async until<T>(find: (lines: readonly string[]) => T | undefined, what: string): Promise<T> {
    const end = performance.now() + SAYS_WITHIN_MS;
    for (;;) {
      const found = find(this.lines);
      if (found !== undefined) return found;
      const left = end - performance.now();
      if (this.isOver || left < 0) {
        throw new Error(
          `${this.isOver ? 'ended' : 'waited long'} before ${what}:\n${this.lines.slice(-30).join('\n')}`,
        );
      }
      await this.#news(left);
    }
  }

  /** Its exit code; null if a signal ended it. */
  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (!this.isOver) this.#process.kill(signal);
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOPS_WITHIN_MS);
    const code = await this.exited;
    clearTimeout(timer);
    return code;
  }

  async #news(withinMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(wake, withinMs);
      this.#waiting.add(wake);
    });
  }
}

export interface Ended {
  readonly code: number | null;
  /** Of both outputs, as they came. */
  readonly lines: readonly string[];
  readonly stdout: readonly string[];
  readonly text: string;
}

/** Runs a verb to its end. */
export async function sluice(...args: string[]): Promise<Ended> {
  const child = new SluiceProcess(args);
  const timer = setTimeout(() => void child.kill('SIGKILL'), SAYS_WITHIN_MS);
  const code = await child.exited;
  clearTimeout(timer);
  return { code, lines: child.lines, stdout: child.stdout, text: child.text };
}

/** Expected failures are a readable line: never a stack, never an unhandled rejection. */
export function showsStack(text: string): boolean {
  return /^\s+at .*:\d+:\d+|node:internal|unhandled|uncaught/im.test(text);
}
