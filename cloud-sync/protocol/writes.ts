import { z } from 'zod';
import { type Command, faultCode, type Result } from './downlink.ts';

/** What is written to a point, and what was read of it. */
export const valueSchema = z.union([z.number(), z.boolean(), z.string().max(1000)]);

/** `device/point` of a gateway. */
const place = z.string().max(127);

/** A command to write one value to one point: the `command` message of this kind. It is executed at most once. */
export const writeSchema = z.object({
  id: z.string().min(8).max(64),
  kind: z.literal('write'),
  /** The gateway that it is for: any other refuses it. */
  gateway: z.string().max(63),
  point: place,
  value: valueSchema,
  /** Only if the device holds this now. */
  expect: valueSchema.optional(),
  /** The value once more, of a point that is dangerous. */
  confirm: valueSchema.optional(),
  /** Hub's clock, Unix milliseconds: later it is not begun. */
  expires: z.number(),
  by: z.string().max(100),
  /**
   * It was sent before, to another process of this gateway: it may have been begun since, also where nothing is known of it any more, as
   * on a disk that was restored from an image. Only what became of it is asked for.
   */
  again: z.literal(true).optional(),
});
export type WriteCommand = z.output<typeof writeSchema>;

/** How a write ends. `refused`: nothing was written, and by whom it was refused the code says; `failed`: nothing was, or something else. */
export const WRITE_ENDS = ['done', 'refused', 'failed', 'unknown'] as const;
const ends = z.enum(WRITE_ENDS);

const outcome = {
  code: faultCode.optional(),
  detail: z.string().max(2000).optional(),
  /** What the device held before, as far as it was known. */
  before: valueSchema.optional(),
  /** What the device holds, as far as it was read back. */
  readBack: valueSchema.optional(),
};
export const writeOutcomeSchema = z.object({ state: ends, ...outcome });
export type WriteOutcome = z.output<typeof writeOutcomeSchema>;

/** Who asked for a write: somebody at the hub, a program at the gateway's event bus, or the device's twin. */
export const WRITE_WAYS = ['hub', 'bus', 'twin'] as const;

/** One of the two records that every write leaves in the journal: before it and after it. A refusal leaves one. */
export const writeEvent = {
  id: z.string().max(200),
  point: place,
  value: valueSchema,
  by: z.string().max(100),
  via: z.enum(WRITE_WAYS),
  phase: z.enum(['begun', ...WRITE_ENDS]),
  ...outcome,
};

const ID = 'write-';

/** `random`: not to be guessed. */
export function writeId(random: string): string {
  return `${ID}${random}`;
}

export function isWriteId(id: string): boolean {
  return id.startsWith(ID);
}

/** Undefined if it is another kind of command, or breaks the schema. */
export function writeOf(command: Command): WriteCommand | undefined {
  return writeSchema.safeParse(command).data;
}

export function toResult(id: string, { state, code, detail, ...body }: WriteOutcome): Result {
  return {
    ...{ id, state, body },
    ...(code === undefined ? {} : { code }),
    ...(detail === undefined ? {} : { detail }),
  };
}

/** Undefined if it answers something else. */
export function outcomeOf({ state, code, detail, body }: Result): WriteOutcome | undefined {
  return writeOutcomeSchema.safeParse({ ...(body as object | undefined), state, code, detail }).data;
}
