import { FUNCTIONS } from './functions.ts';
import type { Operator, Term } from './parse.ts';

export type Run = (values: readonly number[]) => number;

/** Built once, of closures. NaN means: no result; it comes through everything, comparisons too. */
export function toRun(term: Term, inputs: readonly string[]): Run {
  const run = (of: Term) => toRun(of, inputs);
  switch (term.term) {
    case 'number':
    case 'boolean': {
      const value = Number(term.value);
      return () => value;
    }
    case 'point': {
      const place = inputs.indexOf(term.name);
      return (values) => values[place] ?? Number.NaN;
    }
    case 'unary': {
      const of = run(term.of);
      return term.operator === '-' ? (values) => -of(values) : (values) => 1 - of(values);
    }
    case 'binary':
      return toBinary(term.operator, run(term.left), run(term.right));
    case 'choice': {
      const [test, yes, no] = [run(term.test), run(term.yes), run(term.no)];
      return (values) => {
        const result = test(values);
        if (Number.isNaN(result)) return result;
        return result !== 0 ? yes(values) : no(values);
      };
    }
    case 'call': {
      const parts = term.with.map(run);
      const of = FUNCTIONS.get(term.name)?.of as (...numbers: number[]) => number;
      return (values) => finite(of(...parts.map((part) => part(values))));
    }
  }
}

const BINARY: Readonly<Record<Exclude<Operator, '&&' | '||'>, (a: number, b: number) => number>> = {
  '+': (a, b) => finite(a + b),
  '-': (a, b) => finite(a - b),
  '*': (a, b) => finite(a * b),
  '/': (a, b) => finite(a / b),
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
};

function toBinary(operator: Operator, left: Run, right: Run): Run {
  if (operator === '&&' || operator === '||') {
    const decides = operator === '&&' ? 0 : 1;
    return (values) => {
      const first = left(values);
      return first === decides || Number.isNaN(first) ? first : right(values);
    };
  }
  const of = BINARY[operator];
  return (values) => {
    const [a, b] = [left(values), right(values)];
    return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : of(a, b);
  };
}

/** A division by 0 has no result; infinity must not get as far as a comparison. */
function finite(x: number): number {
  return Number.isFinite(x) ? x : Number.NaN;
}
