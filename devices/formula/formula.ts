import { bad, good, type Outcome } from '../../core/reading.ts';
import { type Kind, kindOf } from './kinds.ts';
import type { Complain, Term } from './parse.ts';
import { toRun } from './run.ts';

/** A formula over points of one device, checked and ready. */
export interface Formula {
  readonly text: string;
  /** Names of the points it takes, each once, in the order in which they appear. */
  readonly inputs: readonly string[];
  /** Of the result. */
  readonly kind: Kind;
  /** From one value for each input. A result that is no number is the fault no-result. */
  evaluate(values: readonly (number | boolean)[]): Outcome;
}

/** The names of points in a formula. */
export function inputsOf(term: Term): string[] {
  const names = new Set<string>();
  const visit = (at: Term): void => {
    if (at.term === 'point') names.add(at.name);
    for (const inner of partsOf(at)) visit(inner);
  };
  visit(term);
  return [...names];
}

/** Ready to evaluate; undefined after complaining about what does not go together. `kinds`: of the inputs. */
export function makeFormula(
  text: string,
  term: Term,
  kinds: ReadonlyMap<string, Kind>,
  complain: Complain,
): Formula | undefined {
  let broken = false;
  const kind = kindOf(term, kinds, (...problem) => {
    broken = true;
    complain(...problem);
  });
  if (broken) return undefined;
  const inputs = inputsOf(term);
  const run = toRun(term, inputs);
  return {
    ...{ text, inputs, kind },
    evaluate(values) {
      const result = run(values.map(Number));
      if (Number.isNaN(result)) return bad('no-result');
      return good(kind === 'boolean' ? result !== 0 : decimal(result));
    },
  };
}

/** 0.1 + 0.2 shows as 0.3: a double holds 15 decimal digits for sure, and what stands behind them is noise. There is no -0. */
function decimal(x: number): number {
  return Number.isInteger(x) ? x + 0 : Number(x.toPrecision(15));
}

function partsOf(term: Term): readonly Term[] {
  switch (term.term) {
    case 'unary':
      return [term.of];
    case 'binary':
      return [term.left, term.right];
    case 'choice':
      return [term.test, term.yes, term.no];
    case 'call':
      return term.with;
    default:
      return [];
  }
}
