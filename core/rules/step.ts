import type { Outcome } from '../reading.ts';
import { type Judgement, judge, type Lookup, type Memory } from './judge.ts';
import type { Rule } from './rule.ts';

/**
 * Where one rule stands. `waiting`: the condition holds, the on-delay is not over. `leaving`: active, the condition no longer holds, the
 * off-delay is not over [OPC UA Part 9, 5.8.2, OnDelay and OffDelay]. `since`: in ticks, of this state.
 */
export interface RuleState {
  readonly state: 'normal' | 'waiting' | 'active' | 'leaving';
  readonly since: number;
  /** As it was judged last; undefined: what was read last is not to be judged. */
  readonly holds?: boolean;
  readonly memory?: Memory;
}

export const NORMAL: RuleState = { state: 'normal', since: 0 };

/** As after a restart: it stays until a reading shows that it is over; delays begin anew. */
export const RESTORED: RuleState = { state: 'active', since: 0 };

export interface Step {
  readonly state: RuleState;
  /** Set when the alarm is raised (true) or returns to normal (false). */
  readonly transition?: boolean;
}

export function isActive({ state }: RuleState): boolean {
  return state === 'active' || state === 'leaving';
}

/**
 * Judges what has been read. `ticks` are monotonic milliseconds; `of` gives the newest outcome of every point of the device, left out
 * for rules that look at their own point alone.
 */
export function stepRule(rule: Rule, state: RuleState, outcome: Outcome, ticks: number, of?: Lookup): Step {
  const lookup: Lookup = of ?? ((point) => (point === rule.point ? outcome : undefined));
  return stepJudged(rule, state, judge(rule, state.memory, isActive(state), lookup, ticks), ticks);
}

/**
 * Time has passed and nothing was read: delays end, silence grows. What was judged last still counts, unless it was a fault.
 */
export function stepTime(rule: Rule, state: RuleState, ticks: number): Step {
  const { memory, holds } = state;
  const unread = { holds, ...(memory === undefined ? {} : { memory }) };
  const isSilence = rule.condition.kind === 'stale';
  const judged = isSilence ? judge(rule, memory, isActive(state), () => undefined, ticks) : unread;
  return stepJudged(rule, state, judged, ticks);
}

/** The one machine of all kinds: normal, waiting, active, leaving. */
export function stepJudged(rule: Rule, before: RuleState, { holds, memory }: Judgement, ticks: number): Step {
  const remembered = memory === undefined ? {} : { memory };
  if (holds === undefined) return { state: { state: before.state, since: before.since, ...remembered } };
  const [next, transition] = isActive(before) ? end(rule, before, holds, ticks) : begin(rule, before, holds, ticks);
  // How long a state has lasted goes on while it stays the same.
  const since = next === before.state ? before.since : ticks;
  return { state: { state: next, since, holds, ...remembered }, ...(transition === undefined ? {} : { transition }) };
}

type Next = readonly [state: RuleState['state'], transition?: boolean];

function begin({ onDelayMs }: Rule, { state, since }: RuleState, holds: boolean, ticks: number): Next {
  if (!holds) return ['normal'];
  const waited = state === 'waiting' ? ticks - since : 0;
  return waited < onDelayMs ? ['waiting'] : ['active', true];
}

function end({ offDelayMs = 0 }: Rule, { state, since }: RuleState, holds: boolean, ticks: number): Next {
  if (holds) return ['active'];
  const waited = state === 'leaving' ? ticks - since : 0;
  return waited < offDelayMs ? ['leaving'] : ['normal', false];
}
