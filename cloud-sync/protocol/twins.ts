import { z } from 'zod';
import { faultCode, type Result } from './downlink.ts';
import { valueSchema } from './writes.ts';

const u32 = z.number().int().nonnegative().max(0xffff_ffff);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

/** What is wanted of one point. */
const wantedSchema = z.object({
  /** Of the document in which this value was wanted first: it is written once for each. */
  version: u32,
  value: valueSchema,
  /** The value once more, of a point that is dangerous. */
  confirm: valueSchema.optional(),
  /** Later differences are corrected, not only reported. */
  enforce: z.boolean().default(false),
  /** A command of this id writes it; the twin itself does not. */
  command: z.string().max(64).optional(),
  /** Nobody wants it just now: neither written nor watched. Kept so that the same value, wanted again, is not written again. */
  rests: z.literal(true).optional(),
  by: z.string().max(100),
  /** Unix milliseconds, hub's clock. */
  at: z.number(),
});
export type TwinWanted = z.output<typeof wantedSchema>;

/** All that is wanted of a gateway's points, by `device/point`. Its version is that of its newest entry. */
export const twinDocumentSchema = z.object({ points: z.record(z.string().max(127), wantedSchema) });
export type TwinDocument = z.output<typeof twinDocumentSchema>;

/**
 * How far a gateway is with a wanted value. `waiting`: it will be written when that is possible, and the code says why it is not yet;
 * `held`: the device holds it; `drift`: the device was given it and holds another value now; `refused`: it will not be written;
 * `unknown`: it was sent, and no answer came.
 */
export const TWIN_STATES = ['waiting', 'held', 'drift', 'refused', 'unknown'] as const;

export const twinPointSchema = z.object({
  version: u32,
  state: z.enum(TWIN_STATES),
  code: faultCode.optional(),
  detail: z.string().max(500).optional(),
});
export type TwinPoint = z.output<typeof twinPointSchema>;

/** Which document a gateway holds. */
export const twinPlaceSchema = z.object({ version: u32, hash });

export const twinStandSchema = z.object({
  held: twinPlaceSchema,
  points: z.record(z.string().max(127), twinPointSchema),
});
export type TwinStand = z.output<typeof twinStandSchema>;

/** A difference that came, and one that ended. */
export const twinEvent = {
  point: z.string().max(127),
  version: u32,
  state: z.enum(TWIN_STATES),
  wanted: valueSchema,
  reported: valueSchema.optional(),
  code: faultCode.optional(),
};

const ID = 'twins-';

/** Tells how far the gateway is: the body is the stand. */
export function twinResult(stand: TwinStand): Result {
  return { id: `${ID}${String(stand.held.version).padStart(4, '0')}`, state: 'done', body: stand };
}

export function isTwinResult({ id }: Result): boolean {
  return id.startsWith(ID);
}
