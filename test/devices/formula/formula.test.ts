import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bad, good, type Outcome } from '../../../core/reading.ts';
import { inputsOf, makeFormula } from '../../../devices/formula/formula.ts';
import type { Kind } from '../../../devices/formula/kinds.ts';
import { parseFormula } from '../../../devices/formula/parse.ts';

type Values = Readonly<Record<string, number | boolean>>;

function problemsOf(text: string, values: Values = {}): string[] {
  const problems: string[] = [];
  const complain = (message: string, suggestion?: string) =>
    void problems.push(`${message}${suggestion ? ` — ${suggestion}` : ''}`);
  const term = parseFormula(text, complain);
  if (term) makeFormula(text, term, kindsOf(values), complain);
  return problems;
}

const kindsOf = (values: Values) =>
  new Map(Object.entries(values).map(([name, value]) => [name, typeof value as Kind] as const));

function evaluate(text: string, values: Values = {}): Outcome {
  const problems: string[] = [];
  const complain = (message: string) => void problems.push(message);
  const term = parseFormula(text, complain);
  const formula = term && makeFormula(text, term, kindsOf(values), complain);
  if (formula === undefined) throw new Error(problems.join('; '));
  return formula.evaluate(formula.inputs.map((name) => values[name] as number));
}

describe('formulas', () => {
  test.each<[string, Values, Outcome]>([
    ['a + b * 2', { a: 1, b: 3 }, good(7)],
    ['(a + b) * 2', { a: 1, b: 3 }, good(8)],
    ['a - b - 1', { a: 10, b: 3 }, good(6)],
    ['-a', { a: 3 }, good(-3)],
    ['-a', { a: 0 }, good(0)],
    ['a * -b + .5', { a: 2, b: 3 }, good(-5.5)],
    ['power-l1 + power-l2 - power.loss', { 'power-l1': 5, 'power-l2': 4, 'power.loss': 1 }, good(8)],
    ['point("3rd-floor") * 2', { '3rd-floor': 4 }, good(8)],
    ['0.1 + 0.2', {}, good(0.3)],
    ['a * b', { a: 230.1, b: 1.1 }, good(253.11)],
    ['sqrt(p * p + q * q)', { p: 3, q: 4 }, good(5)],
    ['pow(a, 3)', { a: 2 }, good(8)],
    ['round(a, 2)', { a: 2.71459 }, good(2.71)],
    ['round(a)', { a: 2.5 }, good(3)],
    ['max(a, b) - min(a, b)', { a: 3, b: 8 }, good(5)],
    ['avg(a, b, 3)', { a: 1, b: 2 }, good(2)],
    ['sum(on-1, on-2, on-3)', { 'on-1': true, 'on-2': false, 'on-3': true }, good(2)],
    ['a > 5 && !b', { a: 6, b: false }, good(true)],
    ['a > 5 || b', { a: 1, b: false }, good(false)],
    ['running ? a : 0', { running: true, a: 7 }, good(7)],
    ['b == 0 ? 0 : a / b', { a: 7, b: 0 }, good(0)],
    ['a / b', { a: 7, b: 0 }, bad('no-result')],
    ['a / b > 5', { a: 7, b: 0 }, bad('no-result')],
    ['0 / a == 0 || true', { a: 0 }, bad('no-result')],
    ['sqrt(a)', { a: -1 }, bad('no-result')],
    ['ln(a)', { a: 0 }, bad('no-result')],
    ['a * 1e308 * 10', { a: 1 }, bad('no-result')],
    ['true', {}, good(true)],
  ])('%s of %j', (text, values, expected) => {
    expect(evaluate(text, values)).toEqual(expected);
  });

  test.each([
    ['a +', /is no formula/],
    ['a b', /more than one formula/],
    ['a ^ 2', /no operator `\^` — write pow/],
    ['a ** 2', /no operator `\*\*` — write pow/],
    ['a === 2', /no operator `===` — write ==/],
    ['a = 2', /is no formula|no operator/],
    ['sqr(a)', /no function `sqr` — did you mean `sqrt`/],
    ['sqrt(a, b)', /sqrt takes 1, not 2/],
    ['pow(a)', /pow takes 2, not 1/],
    ['max()', /max takes 1 to 64, not 0/],
    ['"a" + 1', /`"a"` is neither/],
    ['[a][0]', /numbers, names of points, operators and functions only/],
    ['a ? 1 : 2', /before \? needs a yes or no, not a number — compare it/],
    ['a > 1 ? 1 : true', /both sides of :/],
    ['!a', /! needs a yes or no/],
    ['a && b', /&& needs a yes or no.*&& needs/s],
    ['a == true', /compares a number with a yes or no/],
    ['sqr(a) + cos(b) ^ 2', /sqr.*cos|\^.*sqr.*cos/s],
  ])('%s is refused', (text, message) => {
    expect(problemsOf(text, { a: 1, b: 1 }).join('\n')).toMatch(message);
  });

  test.each([
    'constructor',
    'toString()',
    'a.constructor.constructor("return process")()',
    '__proto__',
    'hasOwnProperty(a)',
  ])('%s reaches nothing of the machine', (text) => {
    const problems: string[] = [];
    const term = parseFormula(text, (message) => void problems.push(message));
    // Either it is refused, or it is nothing but the name of a point, which no device has.
    if (term) expect(inputsOf(term)).toEqual([text]);
    else expect(problems.length).toBeGreaterThan(0);
  });

  test('no text breaks the parser: it is a formula, or it has a problem', () => {
    const piece = fc.constantFrom(
      'a',
      'b-1',
      '1',
      '.5',
      '+',
      '-',
      '*',
      '/',
      '(',
      ')',
      ',',
      '?',
      ':',
      '!',
      '<',
      '"x"',
      '[',
      '.',
      ' ',
      'max(',
      '`',
      '{',
      'é',
      '\\',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 40 }),
          fc.array(piece, { maxLength: 20 }).map((parts) => parts.join('')),
        ),
        (text) => {
          const problems: string[] = [];
          const complain = (message: string) => void problems.push(message);
          const term = parseFormula(text, complain);
          const formula = term && makeFormula(text, term, new Map(), complain);
          expect(formula === undefined).toBe(problems.length > 0);
          const outcome = formula?.evaluate(formula.inputs.map(() => 1));
          if (outcome?.quality === 'good') expect(Number.isFinite(Number(outcome.value))).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('arithmetic is that of the language', () => {
    const number = fc.integer({ min: -1000, max: 1000 });
    const operator = fc.constantFrom('+', '-', '*');
    fc.assert(
      fc.property(fc.array(fc.tuple(operator, number), { minLength: 1, maxLength: 6 }), number, (rest, first) => {
        const values = Object.fromEntries([first, ...rest.map(([, x]) => x)].map((x, i) => [`x${i}`, x]));
        const text = `x0 ${rest.map(([sign], i) => `${sign} x${i + 1}`).join(' ')}`;
        // By hand: products first.
        const sum: number[] = [first];
        for (const [sign, x] of rest) {
          if (sign === '*') sum.push((sum.pop() as number) * x);
          else sum.push(sign === '-' ? -x : x);
        }
        const total = sum.reduce((a, b) => a + b, 0);
        fc.pre(Math.abs(total) < 1e14);
        expect(evaluate(text, values)).toEqual(good(total + 0));
      }),
    );
  });
});
