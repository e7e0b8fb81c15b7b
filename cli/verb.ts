import type { ParseArgsConfig } from 'node:util';
import type { Clock } from '../core/clock.ts';

export type OptionValue = string | boolean | (string | boolean)[] | undefined;

export interface Arguments {
  readonly values: Record<string, OptionValue>;
  readonly positionals: string[];
}

/** Where a verb reads and writes; `out` and `err` write a line each. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  readonly isTty: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** One word of the command line. `run` resolves with the exit code: 0 done, 1 failed at run time, 2 wrong usage or configuration. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  run(args: Arguments, io: Io): Promise<number>;
}
