import { signal } from '@preact/signals';
import { ask, type Point, type RuleEntry } from './api.ts';

/** The limits that gateways watch, by point; fetched when a page first draws one. */
export const rules = signal<ReadonlyMap<string, readonly RuleEntry[]> | undefined>(undefined);

export async function loadRules(): Promise<void> {
  const { rules: list } = await ask<{ rules: RuleEntry[] }>('/rules');
  const byPoint = new Map<string, RuleEntry[]>();
  for (const rule of list) {
    const id = `${rule.gateway}/${rule.device}/${rule.point}`;
    byPoint.set(id, [...(byPoint.get(id) ?? []), rule]);
  }
  rules.value = byPoint;
}

export interface PointLimit {
  readonly kind: 'above' | 'below';
  readonly at: number;
  readonly priority: RuleEntry['priority'];
}

export function limitsOf({ id }: Point): readonly PointLimit[] {
  return (rules.value?.get(id) ?? []).flatMap(({ condition, priority }) => {
    const limit = toLimit(condition);
    return limit ? [{ ...limit, priority }] : [];
  });
}

/** A newer gateway may tell of conditions that this page does not know. */
function toLimit(condition: unknown): Pick<PointLimit, 'kind' | 'at'> | undefined {
  if (typeof condition !== 'object' || condition === null) return undefined;
  const { kind, limit } = condition as { kind?: unknown; limit?: unknown };
  if ((kind !== 'above' && kind !== 'below') || typeof limit !== 'number') return undefined;
  return { kind, at: limit };
}
