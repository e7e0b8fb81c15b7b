import jsep from 'jsep';
import { nearest } from '../../core/suggest.ts';
import { FUNCTIONS } from './functions.ts';

/** What a formula is made of. */
export type Term =
  | { readonly term: 'number'; readonly value: number }
  | { readonly term: 'boolean'; readonly value: boolean }
  | { readonly term: 'point'; readonly name: string }
  | { readonly term: 'unary'; readonly operator: '-' | '!'; readonly of: Term }
  | { readonly term: 'binary'; readonly operator: Operator; readonly left: Term; readonly right: Term }
  | { readonly term: 'choice'; readonly test: Term; readonly yes: Term; readonly no: Term }
  | { readonly term: 'call'; readonly name: string; readonly with: readonly Term[] };

export type Operator = (typeof OPERATORS)[number];
const OPERATORS = ['+', '-', '*', '/', '<', '<=', '>', '>=', '==', '!=', '&&', '||'] as const;

/** Notes a problem of the formula, and perhaps what was meant. */
export type Complain = (message: string, suggestion?: string) => void;

const NAME_HERE = /[A-Za-z_][\w.-]*/y;

// Names of points have hyphens and dots in them. So a minus after a name needs a space, as in a style sheet's calc().
jsep.hooks.add('gobble-token', function gobbleName(env) {
  NAME_HERE.lastIndex = this.index;
  const name = NAME_HERE.exec(this.expr)?.[0];
  if (name === undefined) return;
  this.index += name.length;
  const isTruth = name === 'true' || name === 'false';
  const node = isTruth
    ? { type: 'Literal', value: name === 'true', raw: name }
    : this.gobbleTokenProperty({ type: 'Identifier', name });
  env.node = node;
});

/** Operators that people try, and what to write instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  '^': 'write pow(x, 2) for a power',
  '**': 'write pow(x, 2) for a power',
  '===': 'write ==',
  '!==': 'write !=',
  '&': 'write &&',
  '|': 'write ||',
};

/** The formula's terms; undefined after complaining about everything that is wrong with it. Nothing of it is ever run as code. */
export function parseFormula(text: string, complain: Complain): Term | undefined {
  let expression: jsep.Expression;
  try {
    expression = jsep(text);
  } catch (error) {
    complain(`is no formula: ${(error as Error).message}`);
    return undefined;
  }
  let broken = false;
  const term = toTerm(expression as jsep.CoreExpression, (...problem) => {
    broken = true;
    complain(...problem);
  });
  return broken ? undefined : term;
}

const NOTHING: Term = { term: 'number', value: 0 };

function toTerm(given: jsep.CoreExpression, complain: Complain): Term {
  const inner = (expression: jsep.Expression) => toTerm(expression as jsep.CoreExpression, complain);
  switch (given.type) {
    case 'Literal':
      if (typeof given.value === 'number') return { term: 'number', value: given.value };
      if (typeof given.value === 'boolean') return { term: 'boolean', value: given.value };
      complain(`\`${given.raw}\` is neither a number nor a point`);
      return NOTHING;
    case 'Identifier':
      return { term: 'point', name: given.name };
    case 'UnaryExpression':
      if (given.operator === '+') return inner(given.argument);
      if (given.operator !== '-' && given.operator !== '!') complain(`there is no operator \`${given.operator}\``);
      return { term: 'unary', operator: given.operator as '-' | '!', of: inner(given.argument) };
    case 'BinaryExpression':
      if (!(OPERATORS as readonly string[]).includes(given.operator)) {
        complain(`there is no operator \`${given.operator}\``, INSTEAD[given.operator]);
      }
      return {
        ...{ term: 'binary', operator: given.operator as Operator },
        ...{ left: inner(given.left), right: inner(given.right) },
      };
    case 'ConditionalExpression':
      return {
        ...{ term: 'choice', test: inner(given.test) },
        ...{ yes: inner(given.consequent), no: inner(given.alternate) },
      };
    case 'CallExpression':
      return toCall(given, inner, complain);
    case 'Compound':
      complain('is more than one formula: an operator is missing between two parts');
      return NOTHING;
    default:
      complain('may have numbers, names of points, operators and functions only');
      return NOTHING;
  }
}

function toCall(given: jsep.CallExpression, inner: (of: jsep.Expression) => Term, complain: Complain): Term {
  const { name } = given.callee as jsep.Identifier;
  const [first] = given.arguments as (jsep.Literal | undefined)[];
  // For names that begin with a digit, or would be read as something else.
  if (name === 'point' && given.arguments.length === 1 && typeof first?.value === 'string') {
    return { term: 'point', name: first.value };
  }
  const known = FUNCTIONS.get(name);
  const count = given.arguments.length;
  if (known === undefined) complain(`there is no function \`${name}\``, meantFunction(name));
  else if (count < known.least || count > known.most) {
    complain(
      `${name} takes ${known.least === known.most ? known.least : `${known.least} to ${known.most}`}, not ${count}`,
    );
  }
  return { term: 'call', name, with: given.arguments.map(inner) };
}

function meantFunction(name: string): string {
  const names = [...FUNCTIONS.keys(), 'point'];
  const near = nearest(String(name), names);
  return near ? `did you mean \`${near}\`?` : `one of: ${names.join(', ')}`;
}
