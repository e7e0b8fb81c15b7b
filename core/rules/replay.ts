import type { Outcome, UnixMs, Value } from '../reading.ts';
import type { Lookup } from './judge.ts';
import type { Rule } from './rule.ts';
import { isActive, NORMAL, type RuleState, type Step, stepRule, stepTime } from './step.ts';

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
  readonly raisedValue?: Value;
  /** Left out: still active at the end. */
  readonly clearedAt?: UnixMs;
}

/**
 * What a rule would have announced over readings of the past, taken in order of their time. Between two readings delays run out at their
 * instant, as they do at the edge.
 */
export class Replay {
  readonly #rule: Rule;
  readonly #newest = new Map<string, Outcome>();
  readonly #of: Lookup = (point) => this.#newest.get(point);
  readonly #done: Announcement[] = [];
  #open: Announcement | undefined;
  #state: RuleState = NORMAL;

  constructor(rule: Rule) {
    this.#rule = rule;
  }

  take({ at, point = this.#rule.point, outcome }: Replayed): void {
    this.#passTime(at);
    this.#newest.set(point, outcome);
    this.#settle(stepRule(this.#rule, this.#state, outcome, at, this.#of), at);
  }

  /** After the last reading. `to`: the end of the time looked at, not included. */
  end(to?: UnixMs): readonly Announcement[] {
    if (to !== undefined) this.#passTime(to);
    return this.#open === undefined ? this.#done : [...this.#done, this.#open];
  }

  #passTime(until: UnixMs): void {
    for (;;) {
      const due = dueAt(this.#rule, this.#state);
      if (due === undefined || due >= until) return;
      this.#settle(stepTime(this.#rule, this.#state, due), due);
    }
  }

  #settle({ state, transition }: Step, at: UnixMs): void {
    this.#state = state;
    if (transition === true) this.#open = { raisedAt: at, ...raisedValue(this.#of(this.#rule.point)) };
    if (transition === false && this.#open) {
      this.#done.push({ ...this.#open, clearedAt: at });
      this.#open = undefined;
    }
  }
}

/** When time alone will change the state; undefined: never. In the state's own ticks. */
function dueAt(rule: Rule, state: RuleState): number | undefined {
  const { condition, onDelayMs, offDelayMs = 0 } = rule;
  if (state.state === 'waiting' && state.holds === true) return state.since + onDelayMs;
  if (state.state === 'leaving' && state.holds === false) return state.since + offDelayMs;
  if (condition.kind !== 'stale' || isActive(state) || state.memory?.since === undefined) return undefined;
  return state.memory.since + condition.afterMs;
}

function raisedValue(outcome: Outcome | undefined): { raisedValue?: Value } {
  return outcome?.quality === 'good' ? { raisedValue: outcome.value } : {};
}
