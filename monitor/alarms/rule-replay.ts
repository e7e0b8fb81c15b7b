import type { UnixMs } from '../../core/reading.ts';
import type { Condition, Rule } from '../../core/rules/rule.ts';
import { NORMAL, type RuleState, stepRule } from '../../core/rules/step.ts';
import type { HistoryRow } from '../archive/history.ts';
import type { RuleEntry } from './terms.ts';

/** What is tried; what is left out stays as the rule has it. */
export interface RuleChanges {
  readonly limit?: number | undefined;
  readonly deadband?: number | undefined;
  readonly onDelayMs?: number | undefined;
  readonly offDelayMs?: number | undefined;
}

/** A rule as it is replayed: the edge's own, and how long it must be normal before the alarm ends. */
export interface ReplayRule {
  readonly rule: Rule;
  readonly offDelayMs: number;
}

/** One stretch in which the rule would have been active. `to` is left out if it still would be at the end. */
export interface Stretch {
  readonly from: UnixMs;
  readonly to?: UnixMs;
}

interface Delays {
  readonly onDelayMs?: number | undefined;
  readonly offDelayMs?: number | undefined;
}

/** The rule as the gateway runs it, from what the catalogue says; undefined for a kind that is not judged reading by reading. */
export function replayable(entry: RuleEntry & Delays): ReplayRule | undefined {
  const condition = entry.condition as Partial<Condition> | undefined;
  if (condition?.kind !== 'above' && condition?.kind !== 'below' && condition?.kind !== 'equals') return undefined;
  const { id, point, priority, text, action, onDelayMs = 0, offDelayMs = 0 } = entry;
  return { rule: { id, point, priority, text, action, onDelayMs, condition: condition as Condition }, offDelayMs };
}

/** Undefined if the rule has no such parameter. */
export function changeRule({ rule, offDelayMs }: ReplayRule, changes: RuleChanges): ReplayRule | undefined {
  const { limit, deadband } = changes;
  const { condition } = rule;
  const onDelayMs = changes.onDelayMs ?? rule.onDelayMs;
  if (condition.kind === 'equals' && (limit !== undefined || deadband !== undefined)) return undefined;
  const changed =
    condition.kind === 'equals'
      ? condition
      : { ...condition, limit: limit ?? condition.limit, deadband: deadband ?? condition.deadband };
  return { rule: { ...rule, onDelayMs, condition: changed }, offDelayMs: changes.offDelayMs ?? offDelayMs };
}

/** Runs a rule over stored readings, one after the other, as the edge does; times are those of the readings. */
export class Replay {
  readonly #rule: Rule;
  readonly #offDelayMs: number;
  #state: RuleState = NORMAL;
  #open: UnixMs | undefined;
  readonly #stretches: Stretch[] = [];

  constructor({ rule, offDelayMs }: ReplayRule) {
    this.#rule = rule;
    this.#offDelayMs = offDelayMs;
  }

  take({ at, value, fault }: Pick<HistoryRow, 'at' | 'value' | 'fault'>): void {
    this.#passDelay(at);
    if (value === null || fault !== undefined) return;
    const { state, transition } = stepRule(this.#rule, this.#state, { quality: 'good', value }, at);
    this.#state = state;
    if (transition === true) this.#raise(at, at);
    if (transition === false) this.#close(at);
  }

  /** After the last reading. */
  end(to: UnixMs): readonly Stretch[] {
    this.#passDelay(to);
    if (this.#open !== undefined) this.#stretches.push({ from: this.#open });
    return this.#stretches;
  }

  /** At the edge an on-delay ends by the clock, not with the next reading. */
  #passDelay(now: UnixMs): void {
    const state = this.#state;
    if (state.state !== 'waiting') return;
    const due = state.since + this.#rule.onDelayMs;
    if (due > now) return;
    this.#state = { state: 'active', since: due };
    this.#raise(due, state.since);
  }

  /** Back before its off-delay was over, it had never ended. `since`: when the condition began to hold. */
  #raise(at: UnixMs, since: UnixMs): void {
    const last = this.#stretches.at(-1);
    if (last?.to !== undefined && since - last.to < this.#offDelayMs) {
      this.#stretches.pop();
      this.#open = last.from;
    } else this.#open = at;
  }

  #close(at: UnixMs): void {
    if (this.#open !== undefined) this.#stretches.push({ from: this.#open, to: at });
    this.#open = undefined;
  }
}
