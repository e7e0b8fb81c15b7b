import { nearest } from '../core/suggest.ts';
import { type Formula, inputsOf, makeFormula } from './formula/formula.ts';
import type { Kind } from './formula/kinds.ts';
import { type Complain, parseFormula, type Term } from './formula/parse.ts';
import type { PointSpec, Rhythm } from './plant-types.ts';
import type { PointGiven } from './point-schema.ts';
import { checkPoint, type Report, wordsOf } from './resolve-point.ts';

export interface FormulaGiven {
  readonly name: string;
  readonly formula: string;
  readonly given: PointGiven;
  readonly report: Report;
}

/** How slow a rhythm is: an interval, then the calendar, then what is read once. */
export function slowness(rhythm: Rhythm): number {
  if ('everyMs' in rhythm) return rhythm.everyMs;
  return 'schedule' in rhythm ? Number.MAX_SAFE_INTEGER : Number.POSITIVE_INFINITY;
}

/**
 * The points of a device that are computed from others, by name. Reports formulas that cannot be read, names that are no points,
 * texts, and formulas that come round to themselves. `names`: all points of the device, also those that have problems of their own.
 */
export function resolveFormulas(
  formulas: readonly FormulaGiven[],
  polled: ReadonlyMap<string, PointSpec>,
  names: readonly string[],
): Map<string, PointSpec> {
  const done = new Map<string, PointSpec | undefined>(polled);
  const terms = new Map(formulas.map((entry) => [entry.name, { ...entry, term: readFormula(entry, names) }]));

  /** In the order of need; `way` holds the formulas that wait for this one. */
  const resolve = (name: string, way: readonly string[]): PointSpec | undefined => {
    const entry = terms.get(name);
    if (done.has(name) || entry?.term === undefined) return done.get(name);
    const circle = way.indexOf(name);
    if (circle >= 0) {
      const round = [...way.slice(circle), name].join(' -> ');
      entry.report(['formula'], `comes round to itself: ${round}`);
      done.set(name, undefined);
      return undefined;
    }
    const inputs = inputsOf(entry.term).map((input) => resolve(input, [...way, name]));
    // What is wrong with an input has been told where it stands.
    const spec =
      done.has(name) || inputs.includes(undefined) ? undefined : toSpec(entry, entry.term, inputs as PointSpec[]);
    done.set(name, spec);
    return spec;
  };
  for (const { name } of formulas) resolve(name, []);
  return new Map(formulas.flatMap(({ name }) => (done.get(name) ? [[name, done.get(name) as PointSpec]] : [])));
}

/** A formula over points of one device; undefined after complaining about all that is wrong with it. */
export function compileFormula(text: string, points: readonly PointSpec[], complain: Complain): Formula | undefined {
  const term = readTerm(
    text,
    points.map(({ name }) => name),
    complain,
  );
  if (term === undefined) return undefined;
  const inputs = points.filter(({ name }) => inputsOf(term).includes(name));
  if (inputs.length === 0) complain('takes no point: it is always the same');
  return inputs.length === 0 ? undefined : makeOver(text, term, inputs, complain);
}

function readFormula({ formula, report }: FormulaGiven, names: readonly string[]): Term | undefined {
  return readTerm(formula, names, (...problem) => report(['formula'], ...problem));
}

function readTerm(text: string, names: readonly string[], complain: Complain): Term | undefined {
  const term = parseFormula(text, complain);
  const unknown = term === undefined ? [] : inputsOf(term).filter((input) => !names.includes(input));
  for (const name of unknown) complain(`there is no point \`${name}\``, meantPoint(name, names));
  return unknown.length > 0 ? undefined : term;
}

function makeOver(text: string, term: Term, inputs: readonly PointSpec[], complain: Complain): Formula | undefined {
  const texts = inputs.filter(({ kind }) => kind === 'text');
  for (const { name } of texts) complain(`\`${name}\` is a text: formulas take numbers and yes or no`);
  const kinds = new Map(inputs.map((input) => [input.name, input.kind as Kind]));
  const formula = makeFormula(text, term, kinds, complain);
  return texts.length > 0 ? undefined : formula;
}

/** `a-b` is a name; whoever has points `a` and `b` wanted a difference. */
function meantPoint(name: string, names: readonly string[]): string | undefined {
  const parts = name.split('-');
  const splits = parts.slice(1).map((_, i) => [parts.slice(0, i + 1).join('-'), parts.slice(i + 1).join('-')] as const);
  const isTerm = (part: string) => names.includes(part) || /^\d+(\.\d+)?$/.test(part);
  const split = splits.find(([left, right]) => isTerm(left) && isTerm(right));
  if (split) return `put a space on both sides of the minus: ${split.join(' - ')}`;
  const near = nearest(name, names);
  return near && `did you mean \`${near}\`?`;
}

function toSpec(entry: FormulaGiven, term: Term, inputs: readonly PointSpec[]): PointSpec | undefined {
  const { name, formula: text, given, report } = entry;
  const formula = makeOver(text, term, inputs, (...problem) => report(['formula'], ...problem));
  if (formula === undefined) return undefined;
  checkDerived(formula, given, report);
  const rhythm = inputs.map((input) => input.rhythm).sort((a, b) => slowness(a) - slowness(b))[0];
  if (rhythm === undefined) {
    report(['formula'], 'takes no point: it is always the same');
    return undefined;
  }
  const type = formula.kind === 'boolean' ? 'bool' : 'float64';
  return {
    ...{ name, address: undefined, kind: formula.kind, type, formula, rhythm, writable: false },
    ...wordsOf(given),
  };
}

function checkDerived(formula: Formula, given: PointGiven, report: Report): void {
  checkPoint(given, formula.kind, report);
  if (given.writable) report(['writable'], 'a formula is computed: write its inputs');
  if (given.bits) report(['bits'], 'are for type bits');
  for (const key of ['every', 'schedule'] as const) {
    if (given[key] !== undefined) report([key], 'a formula is computed when its fastest inputs have been read');
  }
}
