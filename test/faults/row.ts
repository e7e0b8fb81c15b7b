import type { Verdict } from '../e2e/oracle.ts';
import type { Need } from './needs.ts';

export type SizeName = 'short' | 'long';

/** How much of it: faults to inject, and for rows that run for a time its length in seconds; readings for those that fill. */
export interface Size {
  readonly faults: number;
  readonly seconds?: number;
  readonly readings?: number;
}

export interface RowContext {
  readonly size: Size;
  readonly seed: number;
  /** Repeatable numbers 0 <= n < 1 of this row's seed. */
  readonly random: () => number;
  /** Faults injected so far, or what else says how far it is; `note` is a word about now. */
  readonly progress: (done: number, note?: string) => void;
}

/** What a row measured. */
export interface Figures {
  /** Faults that were injected. */
  readonly faults: number;
  readonly verdict: Verdict;
  /** Numbers said to be on disk a second time: what stood there first is gone. */
  readonly reused: number;
  /** From the end of each fault until it works again, milliseconds. */
  readonly recoveryMs: readonly number[];
  /** Figures of this row alone, with their unit. */
  readonly notes: Readonly<Record<string, string | number>>;
  /** Bounds of this row alone that do not hold; a breach that ends the row before its archive can be judged. */
  readonly breaches?: readonly string[];
}

/** What must hold; everything else must be zero in every row. */
export interface Expect {
  /** May records be declared lost? Only where the fault itself takes them away. */
  readonly declares: boolean;
  /** The slowest recovery, milliseconds. */
  readonly recoveryMs?: number;
  /** A control: the harness must report this breach, or it proves nothing. */
  readonly caught?: RegExp;
}

/** One fault, and how it is brought about. */
export interface Row {
  readonly name: string;
  /** What is done, in one line. */
  readonly what: string;
  readonly needs: readonly Need[];
  readonly sizes: Readonly<Record<SizeName, Size>>;
  readonly expect: Expect;
  /** Measures speed: nothing else runs beside it. */
  readonly alone?: boolean;
  run(context: RowContext): Promise<Figures>;
}

/** The bounds that do not hold, in words; for a control, that nothing was caught. */
export function breachesOf({ expect }: Pick<Row, 'expect'>, figures: Figures): string[] {
  const found = [...flawsOf(figures), ...boundsOf(expect, figures), ...(figures.breaches ?? [])];
  const { caught } = expect;
  if (caught === undefined) return found;
  return found.some((breach) => caught.test(breach)) ? [] : [`the broken build was not caught: ${found.join('; ')}`];
}

/** What may be in no row. */
function flawsOf({ verdict, reused }: Figures): string[] {
  const { undeclared, twice, misplaced, disordered, falselyDeclared, cursorsOff } = verdict;
  const flaws = { undeclared, twice, misplaced, disordered, falselyDeclared, cursorsOff, reused };
  return Object.entries(flaws).flatMap(([name, count]) => (count === 0 ? [] : [`${name}: ${count}`]));
}

function boundsOf({ declares, recoveryMs }: Expect, { verdict, recoveryMs: took }: Figures): string[] {
  const bounds: string[] = [];
  const { journalled, stored, declared, unreported } = verdict;
  if (journalled === 0) bounds.push('nothing was journalled');
  if (!declares && declared + unreported > 0) bounds.push(`declared: ${declared + unreported}`);
  if (!declares && stored !== journalled) bounds.push(`stored: ${stored} of ${journalled}`);
  const slowest = Math.max(0, ...took);
  if (recoveryMs !== undefined && slowest > recoveryMs) {
    bounds.push(`recovery: ${Math.round(slowest)} ms, at most ${recoveryMs} ms`);
  }
  return bounds;
}
