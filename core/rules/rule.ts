import { z } from 'zod';
import { duration, type Titles, titles, toTitles } from '../units.ts';

const PRIORITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

/**
 * One alarm rule as profiles and configurations write it: a limit above or below, with a deadband and an on-delay [IEC 62682, 3.1].
 * `deadband` is in the point's unit.
 */
export const ruleSchema = z
  .strictObject({
    point: z.string(),
    above: z.number().optional(),
    below: z.number().optional(),
    equals: z.union([z.number(), z.boolean(), z.string()]).optional(),
    deadband: z.number().nonnegative().default(0),
    onDelay: duration().optional(),
    priority: z.enum(PRIORITIES).default('medium'),
    text: titles,
    action: titles.optional(),
  })
  .refine((rule) => [rule.above, rule.below, rule.equals].filter((limit) => limit !== undefined).length === 1, {
    message: 'needs exactly one of `above`, `below`, `equals`',
  });

export type Condition =
  | { readonly kind: 'above'; readonly limit: number; readonly deadband: number }
  | { readonly kind: 'below'; readonly limit: number; readonly deadband: number }
  | { readonly kind: 'equals'; readonly value: number | boolean | string };

/** A rule about one point, all defaults filled in. */
export interface Rule {
  /** `point/kind`, unique within a device. */
  readonly id: string;
  readonly point: string;
  readonly condition: Condition;
  readonly onDelayMs: number;
  readonly priority: Priority;
  readonly text: Titles;
  readonly action: Titles;
}

export function toRule(given: z.output<typeof ruleSchema>): Rule {
  const condition = toCondition(given);
  return {
    id: `${given.point}/${condition.kind}`,
    point: given.point,
    condition,
    onDelayMs: given.onDelay ?? 0,
    priority: given.priority,
    text: toTitles(given.text),
    action: toTitles(given.action),
  };
}

function toCondition({ above, below, equals, deadband }: z.output<typeof ruleSchema>): Condition {
  if (above !== undefined) return { kind: 'above', limit: above, deadband };
  if (below !== undefined) return { kind: 'below', limit: below, deadband };
  if (equals !== undefined) return { kind: 'equals', value: equals };
  throw new TypeError('a rule has passed its schema without a condition');
}
