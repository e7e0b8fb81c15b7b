import { validate } from 'node-cron';
import { z } from 'zod';
import { NAME, RESERVED_NAMES } from '../core/reading.ts';
import { duration, titles } from '../core/units.ts';

/** Names of devices and points. */
export const nameSchema = z
  .string()
  .regex(NAME, 'must be lower-case letters, digits, `.`, `_`, `-`, at most 63, beginning with a letter or digit')
  .refine((name) => !RESERVED_NAMES.includes(name), 'is reserved');

/** A vendor or a model; the hub takes no longer ones. */
export const modelName = z.string().max(64);

const every = duration({ least: 1 });
const schedule = z.string().refine((text) => validate(text), 'is no cron expression such as "0 */15 * * * *"');

/** Left to the driver: what `address:` may hold depends on the protocol. */
const addressSchema = z.record(z.string(), z.unknown());

const bitNumber = z.string().regex(/^\d{1,2}$/, 'must be the number of a bit');

export const rhythmShape = { every: every.optional(), schedule: schedule.optional() };

/** One rhythm, not two. */
export function oneRhythm(given: { every?: unknown; schedule?: unknown }): boolean {
  return given.every === undefined || given.schedule === undefined;
}
export const ONE_RHYTHM = 'give `every` or `schedule`, not both';

const MOST_FORMULA = 1000;

const pointShape = {
  title: titles.optional(),
  unit: z.string().max(32).optional(),
  address: addressSchema.optional(),
  /** Over other points of the device, in place of an address. */
  formula: z.string().min(1).max(MOST_FORMULA).optional(),
  ...rhythmShape,
  /** `once`: what never changes, such as a serial number. */
  every: z.union([every, z.literal('once')]).optional(),
  deadband: z.number().nonnegative().optional(),
  maxSilence: duration({ least: 1000 }).optional(),
  valid: z.strictObject({ min: z.number().optional(), max: z.number().optional() }).optional(),
  counter: z
    .strictObject({ rollsOverAt: z.number().positive().optional(), mostPerHour: z.number().positive() })
    .optional(),
  /** About what the simulator shows; nothing else looks at it. */
  typical: z.number().optional(),
  writable: z.boolean().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  /** A written value is a whole number of these from `min`, or from 0. */
  step: z.number().positive().optional(),
  /** More writes within so long are refused; a memory that is written too often wears out. */
  writeRate: z
    .strictObject({ most: z.number().int().min(1).max(1000), per: duration({ least: 1000, most: 86_400_000 }) })
    .optional(),
  /** A wrong value does harm: whoever writes it says it twice. */
  dangerous: z.boolean().optional(),
  enum: z.record(z.string().max(32), titles).optional(),
  bits: z.record(bitNumber, titles).optional(),
};

/** What a device says about a point: a whole one, or what differs from its profile's. */
export const pointOverrideSchema = z.strictObject(pointShape).refine(oneRhythm, ONE_RHYTHM);

/** A point as a profile has it: the value stands somewhere, or it is computed. */
export const pointSchema = pointOverrideSchema.refine(
  ({ address, formula }) => (address === undefined) !== (formula === undefined),
  'needs an `address` or a `formula`, and not both',
);

export type PointGiven = z.output<typeof pointOverrideSchema>;

export const pointsOf = <S extends z.ZodType>(point: S) => z.record(nameSchema, point);

const range = z
  .strictObject({
    table: z.enum(['coil', 'discrete', 'holding', 'input']),
    from: z.number().int().min(0).max(65_535),
    to: z.number().int().min(0).max(65_535),
  })
  .refine(({ from, to }) => from <= to, 'begins behind its end');

export const limitsSchema = z.strictObject({
  registers: z.number().int().min(1).max(125).optional(),
  bits: z.number().int().min(1).max(2000).optional(),
  maxGap: z.number().int().min(0).max(124).optional(),
  forbidden: z.array(range).optional(),
  bitsFromZero: z.boolean().optional(),
  onePointPerRequest: z.boolean().optional(),
  /** Between an answer of the device and the next request to it. */
  pause: duration({ least: 0, most: 60_000 }).optional(),
});
export type LimitsGiven = z.output<typeof limitsSchema>;

/** Parts of addresses that several points share, by name: a point refers to one by `message:`. */
export const messagesSchema = z.record(z.string(), addressSchema);
