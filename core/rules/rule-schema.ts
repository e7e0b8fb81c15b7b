import { z } from 'zod';
import { NAME } from '../reading.ts';
import { duration, titles } from '../units.ts';
import { scheduleSchema } from './schedule.ts';

export const PRIORITIES = ['critical', 'high', 'medium', 'low'] as const;
/** What kind of thing is wrong [OPC UA Part 9, 5.9]. */
export const RULE_CLASSES = ['process', 'safety', 'maintenance', 'system', 'instrument', 'statistical'] as const;

const DAY_MS = 86_400_000;
/** Longer than this nobody waits; shorter than nothing is no time. */
const delay = duration({ most: 7 * DAY_MS });
const span = duration({ least: 1000, most: 30 * DAY_MS });
const figure = z.number();
const scalar = z.union([z.number(), z.boolean(), z.string()]);

const bitSchema = z.union([
  z.number().int().min(0).max(52),
  z.strictObject({ number: z.number().int().min(0).max(52), set: z.boolean().default(true) }),
]);

const rateSchema = z
  .strictObject({ above: z.number().positive().optional(), below: z.number().negative().optional(), per: span })
  .refine(({ above, below }) => above !== undefined || below !== undefined, {
    message: 'needs `above` (rises by more) or `below` (a negative figure: falls by more)',
  });

/** What to look for: exactly one of these. */
const conditions = {
  above: figure.optional(),
  below: figure.optional(),
  equals: scalar.optional(),
  bit: bitSchema.optional(),
  rate: rateSchema.optional(),
  deviation: z.strictObject({ from: z.union([z.string(), z.number()]), above: z.number().positive() }).optional(),
  stale: span.optional(),
  flatline: span.optional(),
  discrepancy: z
    .strictObject({ command: z.string(), is: z.union([z.boolean(), z.number()]).default(true), within: span })
    .optional(),
  expression: z.string().min(1).max(1000).optional(),
};

export const CONDITION_KEYS = Object.keys(conditions) as (keyof typeof conditions)[];

const suppressSchema = z
  .strictObject({
    point: z.string(),
    equals: scalar.optional(),
    above: z.number().optional(),
    below: z.number().optional(),
  })
  .refine(({ equals, above, below }) => [equals, above, below].filter((each) => each !== undefined).length === 1, {
    message: 'needs exactly one of `equals`, `above`, `below`',
  });

/** One alarm rule as profiles and configurations write it [ISA-18.2, IEC 62682]. `deadband`: in the point's unit, or `2%` of its valid range. */
export const ruleSchema = z
  .strictObject({
    /** Tells rules of one kind about one point apart. */
    id: z.string().regex(NAME, 'expected lower-case letters, digits, `.`, `_`, `-`, at most 63').optional(),
    /** Left out: about the device as a whole, by an `expression`. */
    point: z.string().optional(),
    ...conditions,
    deadband: z
      .union([
        z.number().nonnegative(),
        z.string().regex(/^\d+(\.\d+)?%$/, 'expected a figure in the unit of the point, or a share such as 2%'),
      ])
      .default(0),
    onDelay: delay.optional(),
    offDelay: delay.optional(),
    latch: z.boolean().default(false),
    schedule: scheduleSchema.optional(),
    suppressWhen: z.array(suppressSchema).min(1).optional(),
    priority: z.enum(PRIORITIES).default('medium'),
    ack: z.boolean().optional(),
    reAlarm: z
      .strictObject({
        every: duration({ least: 60_000, most: 7 * DAY_MS }),
        count: z.number().int().min(1).max(100).optional(),
      })
      .optional(),
    shelvable: z.boolean().default(true),
    class: z.enum(RULE_CLASSES).optional(),
    group: z.string().regex(NAME, 'expected lower-case letters, digits, `.`, `_`, `-`, at most 63').optional(),
    text: titles,
    cause: titles.optional(),
    action: titles.optional(),
    url: z
      .string()
      .max(500)
      .regex(/^https?:\/\//, 'expected http:// or https://')
      .optional(),
  })
  .refine((rule) => CONDITION_KEYS.filter((key) => rule[key] !== undefined).length === 1, {
    message: `needs exactly one of ${CONDITION_KEYS.map((key) => `\`${key}\``).join(', ')}`,
  });
export type RuleGiven = z.output<typeof ruleSchema>;

/** The key that says what to look for. */
export function shortKind(given: Partial<RuleGiven>): (typeof CONDITION_KEYS)[number] {
  const found = CONDITION_KEYS.find((key) => given[key] !== undefined);
  if (found === undefined) throw new TypeError('a rule has passed its schema without a condition');
  return found;
}
