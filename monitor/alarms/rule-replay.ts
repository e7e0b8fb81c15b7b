import type { CatalogueRule } from '../../cloud-sync/protocol/catalogue.ts';
import { type Condition, type Kind, othersOf } from '../../core/rules/condition.ts';
import type { Rule } from '../../core/rules/rule.ts';

/** What is tried; what is left out stays as the rule has it. */
export interface RuleChanges {
  readonly limit?: number | undefined;
  readonly deadband?: number | undefined;
  readonly onDelayMs?: number | undefined;
  readonly offDelayMs?: number | undefined;
}

/** Judged by the readings of one point alone: these are stored, formulas and the state of lines are not. */
const REPLAYABLE: ReadonlySet<Kind> = new Set([
  ...(['above', 'below', 'equals', 'bit', 'rate', 'deviation', 'stale', 'flatline'] as const),
]);

/** The rule as the gateway runs it, from what the catalogue says; undefined for a kind that is not judged by one point's readings. */
export function replayable(entry: CatalogueRule): Rule | undefined {
  // Gateways of another release may know other kinds.
  const condition = entry.condition as Condition | undefined;
  if (condition === undefined || !REPLAYABLE.has(condition.kind) || othersOf(condition).length > 0) return undefined;
  const { id, point, priority, text, action, onDelayMs = 0, offDelayMs = 0 } = entry;
  return { id, point, priority, text, action, onDelayMs, offDelayMs, condition };
}

/** Undefined if the rule has no such parameter. */
export function changeRule(rule: Rule, { limit, deadband, ...delays }: RuleChanges): Rule | undefined {
  const { condition } = rule;
  const asked = {
    onDelayMs: delays.onDelayMs ?? rule.onDelayMs,
    offDelayMs: delays.offDelayMs ?? rule.offDelayMs ?? 0,
  };
  if (limit === undefined && deadband === undefined) return { ...rule, ...asked };
  if (!('limit' in condition)) return undefined;
  const changed = { ...condition, limit: limit ?? condition.limit, deadband: deadband ?? condition.deadband };
  return { ...rule, ...asked, condition: changed };
}
