import type { ParseArgsConfig } from 'node:util';
import type { Clock } from '../core/clock.ts';

/** What a verb may touch of the terminal. `out` and `err` write a line each. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  readonly isTty: boolean;
  readonly clock: Clock;
  /** Aborts on Ctrl-C and on SIGTERM in a verb that stops softly. */
  readonly signal: AbortSignal;
}

export type OptionValue = string | boolean | (string | boolean)[] | undefined;

export interface Arguments {
  readonly values: Record<string, OptionValue>;
  readonly positionals: string[];
}

/** One word of the `sluice` command. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** What `--help` shows: usage line, options, an example. */
  readonly usage: string;
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** It runs until it is told to stop, and has things to put away then. Other verbs end at Ctrl-C as any command does. */
  readonly stopsSoftly?: true;
  /** Resolves to the exit code: 0 done, 1 failed at run time, 2 wrong usage or configuration. */
  run(args: Arguments, io: Io): Promise<number>;
}
