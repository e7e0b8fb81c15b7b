import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot, version } from '../../core/package-root.ts';
import type { Figures, SizeName } from './row.ts';

/** What a row came to, and on what. */
export interface Result extends Figures {
  readonly row: string;
  readonly size: SizeName;
  readonly seed: number;
  readonly seconds: number;
  readonly endedAt: string;
  readonly on: Machine;
  /** Bounds that do not hold. */
  readonly broken: readonly string[];
  /** Why it did not run; then the figures are empty. */
  readonly skipped?: string;
}

export interface Machine {
  readonly commit: string;
  readonly sluice: string;
  readonly node: string;
  readonly kernel: string;
}

let machine: Machine | undefined;

/** Asked once: git takes its time, and whatever else runs in this process would wait for it. */
export function thisMachine(): Machine {
  machine ??= askMachine();
  return machine;
}

function askMachine(): Machine {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: packageRoot, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+';
  return {
    commit: `${git('rev-parse', '--short=10', 'HEAD')}${changed}`,
    sluice: version,
    node: process.version,
    kernel: release(),
  };
}

const FILE = join(packageRoot, '.faults/results.json');

/** Results of the rows so far: a run that was interrupted goes on where it stood. */
export class Results {
  readonly #results: Result[];

  constructor(options: { fresh: boolean }) {
    this.#results = options.fresh || !existsSync(FILE) ? [] : JSON.parse(readFileSync(FILE, 'utf8'));
  }

  /** Of the same size and commit, with every bound kept; of changed files nobody knows whether they are the same. */
  find(row: string, size: SizeName, on: Machine): Result | undefined {
    if (on.commit.endsWith('+')) return undefined;
    return this.#results.find(
      (each) =>
        each.row === row &&
        each.size === size &&
        each.on.commit === on.commit &&
        each.broken.length === 0 &&
        !each.skipped,
    );
  }

  put(result: Result): void {
    const others = this.#results.filter(({ row, size }) => row !== result.row || size !== result.size);
    this.#results.splice(0, this.#results.length, ...others, result);
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(`${FILE}.new`, JSON.stringify(this.#results, null, 1));
    renameSync(`${FILE}.new`, FILE);
  }

  /** The newest of each row, in the order given. */
  ofSize(size: SizeName, rows: readonly string[]): Result[] {
    return rows.flatMap((name) => this.#results.filter(({ row, size: of }) => row === name && of === size));
  }
}
