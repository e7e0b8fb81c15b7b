import type { Outcome, UnixMs } from '../reading.ts';
import type { Lookup } from './judge.ts';
import type { Rule } from './rule.ts';
import { isActive, NORMAL, type RuleState, stepRule, stepTime } from './step.ts';

/** A reading of history. */
export interface Replayed {
  readonly at: UnixMs;
  /** Left out: the rule's own. */
  readonly point?: string;
  readonly outcome: Outcome;
}

/** An alarm that would have been announced. */
export interface Announcement {
  readonly raisedAt: UnixMs;
  readonly raisedValue?: number | boolean | string;
  /** Left out: still active at the end. */
  readonly clearedAt?: UnixMs;
}

/**
 * What a rule would have announced over a sequence of readings, in order of their time. Between two readings delays run out at their
 * instant, as they do at the edge. `to`: the end of the time looked at, for delays that run out after the last reading.
 */
export function replayRule(rule: Rule, readings: Iterable<Replayed>, to?: UnixMs): Announcement[] {
  const done: Announcement[] = [];
  const newest = new Map<string, Outcome>();
  const of: Lookup = (point) => newest.get(point);
  let state: RuleState = NORMAL;
  let open: Announcement | undefined;
  const note = (transition: boolean | undefined, at: UnixMs) => {
    if (transition === true) open = { raisedAt: at, ...raisedValue(newest.get(rule.point)) };
    if (transition === false && open) {
      done.push({ ...open, clearedAt: at });
      open = undefined;
    }
  };
  const passTime = (until: UnixMs) => {
    const due = dueAt(rule, state);
    if (due === undefined || due >= until) return;
    const step = stepTime(rule, state, due);
    state = step.state;
    note(step.transition, due);
  };
  for (const { at, point = rule.point, outcome } of readings) {
    passTime(at);
    newest.set(point, outcome);
    const step = stepRule(rule, state, outcome, at, of);
    state = step.state;
    note(step.transition, at);
  }
  if (to !== undefined) passTime(to);
  return open === undefined ? done : [...done, open];
}

/** When time alone will change the state; undefined: never. In the state's own ticks. */
export function dueAt(rule: Rule, state: RuleState): number | undefined {
  const { condition, onDelayMs, offDelayMs = 0 } = rule;
  if (state.state === 'waiting' && state.holds === true) return state.since + onDelayMs;
  if (state.state === 'leaving' && state.holds === false) return state.since + offDelayMs;
  if (condition.kind !== 'stale' || isActive(state) || state.memory?.since === undefined) return undefined;
  return state.memory.since + condition.afterMs;
}

function raisedValue(outcome: Outcome | undefined): { raisedValue?: number | boolean | string } {
  return outcome?.quality === 'good' ? { raisedValue: outcome.value } : {};
}
