import type { Outcome, Value } from '../reading.ts';
import type { Condition, Rule } from './rule.ts';

/** Where one rule stands. `waiting`: the condition holds, the on-delay is not over. */
export type RuleState =
  | { readonly state: 'normal' }
  | { readonly state: 'waiting'; readonly since: number }
  | { readonly state: 'active'; readonly since: number };

export const NORMAL: RuleState = { state: 'normal' };

export interface Step {
  readonly state: RuleState;
  /** Set when the alarm is raised (true) or returns to normal (false). */
  readonly transition?: boolean;
}

/**
 * Judges one reading. `ticks` are monotonic milliseconds. A bad value is never judged: it neither raises nor clears
 * [IEC 62682, 3.1: an alarm is about the process, a fault about the instrument].
 */
export function stepRule(rule: Rule, state: RuleState, outcome: Outcome, ticks: number): Step {
  if (outcome.quality === 'bad') return { state };
  if (state.state === 'active') {
    return holds(rule.condition, outcome.value, true) ? { state } : { state: NORMAL, transition: false };
  }
  if (!holds(rule.condition, outcome.value, false)) return { state: NORMAL };
  const since = state.state === 'waiting' ? state.since : ticks;
  if (ticks - since < rule.onDelayMs) return { state: { state: 'waiting', since } };
  return { state: { state: 'active', since: ticks }, transition: true };
}

/** An active limit alarm clears only beyond the deadband, so that noise at the limit does not chatter. */
function holds(condition: Condition, value: Value, active: boolean): boolean {
  if (condition.kind === 'equals') return value === condition.value;
  if (typeof value !== 'number') return false;
  const slack = active ? condition.deadband : 0;
  return condition.kind === 'above' ? value > condition.limit - slack : value < condition.limit + slack;
}
