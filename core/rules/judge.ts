import type { Outcome, Value } from '../reading.ts';
import type { Condition } from './condition.ts';
import type { Rule, SuppressWhen } from './rule.ts';

/** What a rule remembers between readings. Ticks are monotonic milliseconds. */
export interface Memory {
  /** Of `rate`: lowest and highest of each part of the window, oldest first. */
  readonly window?: readonly { readonly at: number; readonly low: number; readonly high: number }[];
  /** Of `rate`: since when the window has been watched. Of `flatline` and `discrepancy`: since when it has lasted. Of `stale`: the last good reading. */
  readonly since?: number;
  /** Of `flatline`: the value that does not change. */
  readonly value?: Value;
  /** Of `stale`, `flatline`, `discrepancy`: it has been seen to be over, so that less than its time is known to be too short. */
  readonly seen?: true;
}

/** The newest outcome of a point of the device; undefined: never read. */
export type Lookup = (point: string) => Outcome | undefined;

export interface Judgement {
  /** Undefined: not to be judged by what is known now. */
  readonly holds: boolean | undefined;
  readonly memory?: Memory;
}

export const UNJUDGED: Judgement = { holds: undefined };

/** The window of a rate is remembered in so many parts: its edge is blurred by one of them. */
const WINDOW_PARTS = 60;

/**
 * Does the condition hold, now that something of it has been read? A bad value is never judged [IEC 62682, 3.1: an alarm is about the
 * process, a fault about the instrument]. `active`: then a deadband counts, so that noise at the limit does not chatter.
 */
export function judge(rule: Rule, memory: Memory | undefined, active: boolean, of: Lookup, ticks: number): Judgement {
  const { condition } = rule;
  if (condition.kind === 'expression') return { holds: formulaHolds(rule, of) };
  const outcome = of(rule.point);
  if (condition.kind === 'stale') {
    const isGood = outcome?.quality === 'good';
    return isGood
      ? { holds: false, memory: { since: ticks, seen: true } }
      : silence(condition.afterMs, memory, active, ticks);
  }
  if (outcome === undefined || outcome.quality === 'bad') return { holds: undefined, ...kept(memory) };
  const { value } = outcome;
  switch (condition.kind) {
    case 'equals':
      return { holds: value === condition.value };
    case 'bit':
      return { holds: bitHolds(condition.bit, condition.set, value) };
    case 'above':
    case 'below':
      return { holds: typeof value === 'number' ? isBeyond(condition, value, active) : undefined };
    case 'deviation':
      return { holds: deviates(condition, value, active, of) };
    case 'rate':
      return typeof value === 'number' ? changes(condition, value, memory, active, ticks) : UNJUDGED;
    case 'flatline':
      return standsStill(condition, value, memory, ticks);
    case 'discrepancy':
      return disobeys(condition, value, memory, of, ticks);
    default:
      return UNJUDGED;
  }
}

function kept(memory: Memory | undefined): { memory?: Memory } {
  return memory === undefined ? {} : { memory };
}

function isBeyond(condition: Extract<Condition, { kind: 'above' | 'below' }>, value: number, active: boolean): boolean {
  const slack = active ? condition.deadband : 0;
  return condition.kind === 'above' ? value > condition.limit - slack : value < condition.limit + slack;
}

function bitHolds(bit: number, set: boolean, value: Value): boolean | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return undefined;
  return (Math.floor(value / 2 ** bit) % 2 === 1) === set;
}

function deviates(
  { from, limit, deadband }: Extract<Condition, { kind: 'deviation' }>,
  value: Value,
  active: boolean,
  of: Lookup,
): boolean | undefined {
  const reference = typeof from === 'number' ? from : numberOf(of(from));
  if (reference === undefined || typeof value !== 'number') return undefined;
  return Math.abs(value - reference) > limit - (active ? deadband : 0);
}

function numberOf(outcome: Outcome | undefined): number | undefined {
  return outcome?.quality === 'good' && typeof outcome.value === 'number' ? outcome.value : undefined;
}

/** Once it is active only a good reading ends it: after a start, nobody knows how long the silence has been. */
function silence(afterMs: number, memory: Memory | undefined, active: boolean, ticks: number): Judgement {
  const since = memory?.since ?? ticks;
  const isLong = ticks - since >= afterMs;
  const isShort = memory?.seen === true || !active;
  return { holds: isLong || (isShort ? false : undefined), memory: { ...memory, since } };
}

/** Cleared only when the whole window has been seen: after a start, what stood before it is not known. */
function changes(
  { above, below, perMs }: Extract<Condition, { kind: 'rate' }>,
  value: number,
  memory: Memory | undefined,
  active: boolean,
  ticks: number,
): Judgement {
  const since = memory?.since ?? ticks;
  const window = (memory?.window ?? []).filter(({ at }) => ticks - at <= perMs);
  const lowest = Math.min(value, ...window.map(({ low }) => low));
  const highest = Math.max(value, ...window.map(({ high }) => high));
  const rises = above !== undefined && value - lowest > above;
  const falls = below !== undefined && value - highest < below;
  const last = window.at(-1);
  const part = perMs / WINDOW_PARTS;
  const next =
    last !== undefined && ticks - last.at < part
      ? [...window.slice(0, -1), { at: last.at, low: Math.min(last.low, value), high: Math.max(last.high, value) }]
      : [...window, { at: ticks, low: value, high: value }];
  const isOver = !rises && !falls && (!active || ticks - since >= perMs);
  return { holds: rises || falls ? true : isOver ? false : undefined, memory: { since, window: next } };
}

function standsStill(
  { forMs, tolerance }: Extract<Condition, { kind: 'flatline' }>,
  value: Value,
  memory: Memory | undefined,
  ticks: number,
): Judgement {
  const before = memory?.value;
  // 20.1 - 20 is a little more than 0.1 in binary.
  const moved =
    typeof value === 'number' && typeof before === 'number'
      ? Math.abs(value - before) > tolerance * (1 + 1e-9)
      : value !== before;
  if (before === undefined) return { holds: undefined, memory: { value, since: ticks } };
  if (moved) return { holds: false, memory: { value, since: ticks, seen: true } };
  const since = memory?.since ?? ticks;
  return { holds: isLongEnough(ticks - since, forMs, memory), memory: { ...memory, value: before, since } };
}

function disobeys(
  { command, is, withinMs }: Extract<Condition, { kind: 'discrepancy' }>,
  value: Value,
  memory: Memory | undefined,
  of: Lookup,
  ticks: number,
): Judgement {
  const told = of(command);
  if (told === undefined || told.quality === 'bad') return { holds: undefined, ...kept(memory) };
  if (told.value !== is || value === is) return { holds: false, memory: { seen: true } };
  const since = memory?.since ?? ticks;
  return { holds: isLongEnough(ticks - since, withinMs, memory), memory: { ...memory, since } };
}

/** Not yet long enough says nothing after a start, when it may have lasted for long before. */
function isLongEnough(lasted: number, neededMs: number, memory: Memory | undefined): boolean | undefined {
  return lasted >= neededMs || (memory?.seen ? false : undefined);
}

function formulaHolds({ formula }: Rule, of: Lookup): boolean | undefined {
  if (formula === undefined) throw new TypeError('a rule of kind expression comes with its formula');
  const values: (number | boolean)[] = [];
  for (const input of formula.inputs) {
    const outcome = of(input);
    if (outcome === undefined || outcome.quality === 'bad' || typeof outcome.value === 'string') return undefined;
    values.push(outcome.value);
  }
  const result = formula.evaluate(values);
  return result.quality === 'good' ? result.value === true : undefined;
}

/** Is the rule suppressed by a point of its device? Undefined: that point is not to be judged now, and what was, stays. */
export function suppressedBy(suppressWhen: readonly SuppressWhen[] | undefined, of: Lookup): boolean | undefined {
  if (suppressWhen === undefined) return false;
  let unknown = false;
  for (const when of suppressWhen) {
    const outcome = of(when.point);
    if (outcome === undefined || outcome.quality === 'bad') unknown = true;
    else if (isMet(when, outcome.value)) return true;
  }
  return unknown ? undefined : false;
}

function isMet(when: SuppressWhen, value: Value): boolean {
  if ('equals' in when && when.equals !== undefined) return value === when.equals;
  if (typeof value !== 'number') return false;
  if ('above' in when && when.above !== undefined) return value > when.above;
  return 'below' in when && when.below !== undefined && value < when.below;
}
