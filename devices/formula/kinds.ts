import type { Complain, Operator, Term } from './parse.ts';

export type Kind = 'number' | 'boolean';

const LOGIC: readonly Operator[] = ['&&', '||'];
const ARITHMETIC: readonly Operator[] = ['+', '-', '*', '/'];

/** Of arithmetic and functions the parts may be booleans too: they count 1 and 0. Where a yes or no is wanted, a number is a mistake. */
export function kindOf(term: Term, kinds: ReadonlyMap<string, Kind>, complain: Complain): Kind {
  const kind = (of: Term) => kindOf(of, kinds, complain);
  const mustBeBoolean = (of: Term, where: string) => {
    if (kind(of) !== 'boolean') complain(`${where} needs a yes or no, not a number`, 'compare it, such as x > 0');
  };
  switch (term.term) {
    case 'number':
    case 'boolean':
      return term.term;
    case 'point':
      return kinds.get(term.name) ?? 'number';
    case 'unary':
      if (term.operator === '!') mustBeBoolean(term.of, '!');
      else kind(term.of);
      return term.operator === '!' ? 'boolean' : 'number';
    case 'binary':
      if (LOGIC.includes(term.operator)) for (const of of [term.left, term.right]) mustBeBoolean(of, term.operator);
      else if (kind(term.left) !== kind(term.right) && !ARITHMETIC.includes(term.operator)) {
        complain(`\`${term.operator}\` compares a number with a yes or no`);
      }
      return ARITHMETIC.includes(term.operator) ? 'number' : 'boolean';
    case 'choice': {
      mustBeBoolean(term.test, 'what stands before ?');
      const [yes, no] = [kind(term.yes), kind(term.no)];
      if (yes !== no) complain('what stands on both sides of : must be of one kind');
      return yes;
    }
    case 'call':
      for (const of of term.with) kind(of);
      return 'number';
  }
}
