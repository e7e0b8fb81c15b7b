import { bad, good, type Outcome, type Value } from '../../../core/reading.ts';
import type { Condition } from '../../../core/rules/condition.ts';
import type { Rule } from '../../../core/rules/rule.ts';
import { NORMAL, type RuleState, stepRule, stepTime } from '../../../core/rules/step.ts';

export function ruleOf(condition: Condition, more: Partial<Rule> = {}): Rule {
  return {
    ...{ id: `t/${condition.kind}`, point: 't', condition, onDelayMs: 0, priority: 'high', text: {}, action: {} },
    ...more,
  };
}

/** `null`: a fault. `'-'`: nothing is read, time passes. An object: several points at once. */
export type Given = number | boolean | null | '-' | Readonly<Record<string, Value | null>>;

/** What a rule says of readings at instants in seconds: raised, cleared, or nothing. */
export function run(
  rule: Rule,
  steps: readonly (readonly [second: number, given: Given])[],
  from: RuleState = NORMAL,
): string[] {
  const newest = new Map<string, Outcome>();
  let state = from;
  return steps.flatMap(([second, given]) => {
    const ticks = second * 1000;
    const points = typeof given === 'object' && given !== null ? given : { t: given };
    if (given !== '-')
      for (const [name, value] of Object.entries(points))
        newest.set(name, value === null ? bad('no-answer') : good(value as Value));
    const step =
      given === '-'
        ? stepTime(rule, state, ticks)
        : stepRule(rule, state, newest.get('t') ?? bad('no-answer'), ticks, (name) => newest.get(name));
    state = step.state;
    return step.transition === undefined ? [] : [`${second} ${step.transition ? 'raised' : 'cleared'}`];
  });
}
