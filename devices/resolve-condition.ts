import type { Condition } from '../core/rules/condition.ts';
import type { CompiledFormula, RuleParts } from '../core/rules/rule.ts';
import { type RuleGiven, shortKind } from '../core/rules/rule-schema.ts';
import { nearest } from '../core/suggest.ts';
import { formatDuration } from '../core/units.ts';
import type { Formula } from './formula/formula.ts';
import type { PointSpec } from './plant-types.ts';
import { compileFormula } from './resolve-formulas.ts';
import { defined, type Report } from './resolve-point.ts';

export type FindPoint = (name: string, path: readonly string[]) => PointSpec | undefined;

/** Finds a point of the device, or reports that there is none of this name. */
export function pointFinder(points: readonly PointSpec[], tell: Report): FindPoint {
  return (name, path) => {
    const found = points.find((point) => point.name === name);
    if (found) return found;
    const names = points.map((point) => point.name);
    const near = nearest(name, names);
    tell(path, `there is no point \`${name}\``, near && `did you mean \`${near}\`?`);
    return undefined;
  };
}

/** What a rule looks for, with all that is wrong with it reported; undefined if it cannot be judged at all. */
export function resolveCondition(given: RuleGiven, points: readonly PointSpec[], tell: Report): RuleParts | undefined {
  const find = pointFinder(points, tell);
  const kind = shortKind(given);
  if (kind === 'expression') return resolveExpression(given, points, find, tell);
  if (given.point === undefined) {
    tell([], `\`${kind}\` is about a point: give \`point\``, 'only an `expression` is about the device as a whole');
    return undefined;
  }
  const point = find(given.point, ['point']);
  if (point === undefined) return undefined;
  const condition = toCondition(kind, { given, point, find, tell });
  return condition && { condition };
}

interface Scene {
  readonly given: RuleGiven;
  readonly point: PointSpec;
  readonly find: FindPoint;
  readonly tell: Report;
}

type Given<K extends keyof RuleGiven> = NonNullable<RuleGiven[K]>;

function toCondition(kind: string, scene: Scene): Condition | undefined {
  const { given, point, tell } = scene;
  if (given.deadband !== 0 && !TAKES_DEADBAND.includes(kind))
    tell(['deadband'], 'is for `above`, `below`, `deviation` and `flatline`');
  switch (kind) {
    case 'above':
    case 'below':
      return toLimit(kind, given[kind] as number, scene);
    case 'equals':
      return toEquals(given.equals as Given<'equals'>, scene);
    case 'bit':
      return toBit(given.bit as Given<'bit'>, scene);
    case 'rate':
      return toRate(given.rate as Given<'rate'>, scene);
    case 'deviation':
      return toDeviation(given.deviation as Given<'deviation'>, scene);
    case 'stale':
      checkRhythm(['stale'], given.stale as number, point, tell);
      return { kind, afterMs: given.stale as number };
    case 'flatline':
      checkRhythm(['flatline'], given.flatline as number, point, tell);
      return { kind, forMs: given.flatline as number, tolerance: deadbandOf(scene) };
    default:
      return toDiscrepancy(given.discrepancy as Given<'discrepancy'>, scene);
  }
}

const TAKES_DEADBAND = ['above', 'below', 'deviation', 'flatline'];

function mustBeNumber({ point, tell }: Scene, path: string): void {
  if (point.kind !== 'number') tell([path], `${point.name} is a ${point.kind}: use \`equals\``);
}

function toLimit(kind: 'above' | 'below', limit: number, scene: Scene): Condition {
  mustBeNumber(scene, kind);
  checkReach(kind, limit, scene.point, scene.tell);
  return { kind, limit, deadband: deadbandOf(scene) };
}

function toEquals(value: Given<'equals'>, { point, tell }: Scene): Condition {
  if (typeof value !== TYPE_OF[point.kind])
    tell(['equals'], `${point.name} is a ${point.kind} and never equals ${JSON.stringify(value)}`);
  return { kind: 'equals', value };
}

function toBit(bit: Given<'bit'>, { point, tell }: Scene): Condition {
  if (point.kind !== 'number') tell(['bit'], `${point.name} is a ${point.kind}: only a number has bits`);
  return { kind: 'bit', ...(typeof bit === 'number' ? { bit, set: true } : { bit: bit.number, set: bit.set }) };
}

function toRate({ above, below, per: perMs }: Given<'rate'>, scene: Scene): Condition {
  mustBeNumber(scene, 'rate');
  checkRhythm(['rate', 'per'], perMs, scene.point, scene.tell);
  return { kind: 'rate', perMs, ...defined({ above, below }) };
}

function toDeviation({ from, above: limit }: Given<'deviation'>, scene: Scene): Condition {
  const { find, tell } = scene;
  mustBeNumber(scene, 'deviation');
  const reference = typeof from === 'string' ? find(from, ['deviation', 'from']) : undefined;
  if (reference && reference.kind !== 'number')
    tell(['deviation', 'from'], `${reference.name} is a ${reference.kind}: a deviation is from a number`);
  const deadband = deadbandOf(scene);
  if (deadband >= limit) tell(['deadband'], 'is as wide as the deviation: the alarm would never end');
  return { kind: 'deviation', from, limit, deadband };
}

function toDiscrepancy({ command: name, is, within }: Given<'discrepancy'>, scene: Scene): Condition {
  const { find, point, tell } = scene;
  const command = find(name, ['discrepancy', 'command']);
  const check = (of: PointSpec | undefined, path: readonly string[]) => {
    if (of && typeof is !== TYPE_OF[of.kind])
      tell(
        [...path],
        `${of.name} is a ${of.kind} and never is ${JSON.stringify(is)}`,
        'say with `is` what is commanded',
      );
  };
  check(point, ['point']);
  check(command, ['discrepancy', 'command']);
  return { kind: 'discrepancy', command: name, is, withinMs: within };
}

export const TYPE_OF = { number: 'number', boolean: 'boolean', text: 'string' } as const;

/** A share is of what the point can show. */
function deadbandOf({ given: { deadband }, point: { valid, name }, tell }: Scene): number {
  if (typeof deadband === 'number') return deadband;
  if (valid?.min === undefined || valid.max === undefined) {
    tell(['deadband'], `a share is of the valid range, and ${name} has none`, 'give it in the unit of the point');
    return 0;
  }
  return Number(((Number.parseFloat(deadband) / 100) * (valid.max - valid.min)).toPrecision(12));
}

/** What is outside the valid range becomes a fault and is never judged. */
function checkReach(kind: 'above' | 'below', limit: number, { name, valid }: PointSpec, tell: Report): void {
  if (kind === 'above' && valid?.max !== undefined && limit >= valid.max)
    tell([kind], `${name} is valid up to ${valid.max}: it never gets above ${limit}`, `a limit below ${valid.max}`);
  if (kind === 'below' && valid?.min !== undefined && limit <= valid.min)
    tell([kind], `${name} is valid from ${valid.min}: it never gets below ${limit}`, `a limit above ${valid.min}`);
}

function checkRhythm(path: readonly string[], ms: number, { name, rhythm }: PointSpec, tell: Report): void {
  if ('once' in rhythm) tell([...path], `${name} is read once: nothing can be said about its time`);
  if ('everyMs' in rhythm && ms <= rhythm.everyMs)
    tell([...path], `${name} is read every ${formatDuration(rhythm.everyMs)}: it has to be longer than that`);
}

function resolveExpression(
  { expression: text = '', point, deadband }: RuleGiven,
  points: readonly PointSpec[],
  find: FindPoint,
  tell: Report,
): RuleParts | undefined {
  if (deadband !== 0) tell(['deadband'], 'is not for an `expression`');
  if (point !== undefined && find(point, ['point']) === undefined) return undefined;
  const formula: Formula | undefined = compileFormula(text, points, (...problem) => tell(['expression'], ...problem));
  if (formula === undefined) return undefined;
  if (formula.kind !== 'boolean') {
    tell(['expression'], 'comes to a number, not to yes or no', 'compare it, such as x > 0');
    return undefined;
  }
  const compiled: CompiledFormula = formula;
  return { condition: { kind: 'expression', text, inputs: formula.inputs }, formula: compiled };
}
