import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url)).replace(
  /\.ts$/,
  import.meta.url.endsWith('.ts') ? '.ts' : '.js',
);

/** As much as a supervisor would give a gateway. */
const STOPS_WITHIN_MS = 20_000;

/** One of the demo's processes: `sluice VERB …` in a process of its own. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #exited: Promise<number | null>;
  readonly #lastWords: string[] = [];

  constructor(args: readonly string[], onLine: (line: string) => void = () => {}) {
    this.name = args[0] ?? '';
    this.#process = spawn(process.execPath, [...process.execArgv, MAIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    // A parent that dies takes the children's input with it; writing to one that died is no failure of the demo.
    this.#process.stdin?.on('error', () => {});
    // However the demo ends, its processes do not outlive it.
    const end = () => void this.#process.kill('SIGKILL');
    process.once('exit', end);
    this.#exited = new Promise((resolve) =>
      this.#process.once('close', (code) => {
        process.off('exit', end);
        resolve(code);
      }),
    );
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.#lastWords.push(line);
        if (this.#lastWords.length > 20) this.#lastWords.shift();
        onLine(line);
      });
    }
  }

  get isOver(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  get exited(): Promise<number | null> {
    return this.#exited;
  }

  /** A line to the child's standard input. */
  say(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  /** Throws with the child's last words if it does not end well. */
  async succeed(): Promise<void> {
    const code = await this.#exited;
    if (code !== 0) throw this.failure(code);
  }

  failure(code: number | null): Error {
    return new Fault('not-running', `\`sluice ${this.name}\` ended with ${code}:\n${this.#lastWords.join('\n')}`);
  }

  async stop(): Promise<void> {
    if (!this.isOver) this.#process.kill('SIGTERM');
    const cancel = systemClock.after(STOPS_WITHIN_MS, () => this.#process.kill('SIGKILL'));
    await this.#exited;
    cancel();
  }
}
