import type { Priority } from '../../data/api.ts';
import type { Titles } from '../../data/i18n.ts';

/** What the hub says of a rule. */
export interface RuleTold {
  readonly gateway: string;
  readonly device: string;
  readonly id: string;
  readonly point: string;
  readonly priority: Priority;
  readonly text: Titles;
  readonly condition: unknown;
}

export interface Limit {
  readonly point: string;
  readonly value: number;
  readonly side: 'above' | 'below';
  readonly priority: Priority;
}

/** Rules that have one fixed limit of a value; the others have no line to draw. */
export function limitsOf(rules: readonly RuleTold[]): readonly Limit[] {
  return rules.flatMap(({ gateway, device, point, priority, condition }) => {
    if (point === '' || typeof condition !== 'object' || condition === null) return [];
    const { kind, limit } = condition as { readonly kind?: unknown; readonly limit?: unknown };
    if ((kind !== 'above' && kind !== 'below') || typeof limit !== 'number') return [];
    return [{ point: `${gateway}/${device}/${point}`, value: limit, side: kind, priority }];
  });
}
