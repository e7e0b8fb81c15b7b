import { z } from 'zod';
import { FAULTS, type FaultCode } from '../../core/faults.ts';

/** What goes down to a gateway and what it answers. Unknown keys pass: a newer side may say more. */

const u32 = z.number().int().nonnegative().max(0xffff_ffff);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
export const faultCode = z
  .string()
  .refine((text): text is FaultCode => Object.hasOwn(FAULTS, text), { message: 'not a fault code' });

/** A configuration by its number, and the SHA-256 of its text. Number 0 is what the gateway's own file holds. */
const place = z.object({ version: u32, hash });

/** One thing that is wrong in a configuration, as `core/settings.ts` has it. Lines count from 1. */
export const problemSchema = z.object({
  line: z.number().int().nonnegative(),
  path: z.string().max(1000),
  message: z.string().max(2000),
  suggestion: z.string().max(2000).optional(),
});

/**
 * How far a gateway is with what is wanted of it. `new`: stored, not looked at yet; `trial`: applied, and the hub not heard since;
 * `good`: applied for good; `refused` and `returned`: another one is applied.
 */
export const configStates = ['new', 'trial', 'good', 'refused', 'returned'] as const;

export const configStandSchema = z.object({
  managed: z.enum(['file', 'hub']),
  /** The newest that the hub wants, as far as it arrived. */
  held: place,
  applied: place,
  state: z.enum(configStates),
  /** SHA-256 of the schema document. */
  schema: hash.optional(),
});
export type ConfigStand = z.output<typeof configStandSchema>;

/** What became of a configuration that the hub wanted: part of a journalled event. */
export const configOutcome = {
  version: u32,
  hash,
  outcome: z.enum(['applied', 'refused', 'returned']),
  code: faultCode.optional(),
  detail: z.string().max(2000).optional(),
  problems: z.array(problemSchema).max(50).optional(),
};

/** An order to a gateway that is answered by `result` messages of the same id. What it takes beside, its kind says. */
export const commandSchema = z.looseObject({
  id: z.string().min(8).max(64),
  kind: z.string().max(32),
  /** Hub's clock, Unix milliseconds: later it is not begun. */
  expires: z.number(),
  by: z.string().max(100),
});
export type Command = z.output<typeof commandSchema>;

export const resultSchema = z.object({
  id: z.string().min(8).max(64),
  /** `unknown`: it may have been carried out or not; only a write is ever that. */
  state: z.enum(['running', 'done', 'failed', 'refused', 'cancelled', 'unknown']),
  code: faultCode.optional(),
  detail: z.string().max(2000).optional(),
  progress: z.object({ done: z.number().nonnegative(), total: z.number().nonnegative() }).optional(),
  /** What it came to, as far as it is known. */
  body: z.unknown().optional(),
});
export type Result = z.output<typeof resultSchema>;

/** The id under which a gateway tells that its stand has changed: the body is the stand. The outcome is journalled beside. */
export function configResultId(version: number): string {
  return `config-${version}`;
}
