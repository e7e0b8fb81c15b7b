import { z } from 'zod';
import { FAULTS, type FaultCode } from '../../core/faults.ts';
import { CHECKSUMS, type Checksum } from './checksum.ts';

const TEXT_TYPES = ['float64', 'int32', 'uint32', 'bool', 'string', 'bits'] as const;
export type TextType = (typeof TEXT_TYPES)[number];

/** A kind of line: how it is asked for, where it begins and ends, and how it is taken apart. */
export interface Message {
  /** What is sent to get the line; left out: the instrument talks by itself. `{unit}` stands for the unit id. */
  readonly send?: string | undefined;
  readonly start: string;
  /** End mark; not part of the line. */
  readonly end: string;
  /** Length between start mark and end mark, for lines of fixed length. */
  readonly length?: number | undefined;
  readonly checksum: Checksum;
  /** A line that does not fit is not this message. Its named groups are parts. */
  readonly match?: RegExp | undefined;
  /** Parts are what stands between these. */
  readonly split?: string | undefined;
  /** A real line, start and end mark included: what the simulator sends with other numbers in it. */
  readonly example?: string | undefined;
}

/** Which part of the line a point is. */
export type Part =
  | { readonly group: string }
  | { readonly field: number }
  | { readonly from: number; readonly to: number };

export interface TextAddress {
  readonly message: Message;
  readonly part: Part;
  readonly type: TextType;
  /** For bool: the one character, from the left, that is 1 or 0. */
  readonly bit?: number | undefined;
  readonly bits: Readonly<Record<string, string>>;
  readonly scale: number;
  readonly offset: number;
  /** Another part names the unit that was used, and with it a further factor. */
  readonly factor?: { readonly group: string; readonly by: Readonly<Record<string, number>> } | undefined;
  /** Another part says that the value is none, and why: not at rest, over its range, busy. */
  readonly faults?: { readonly group: string; readonly by: Readonly<Record<string, FaultCode>> } | undefined;
  /** What the instrument writes when it has no value; an empty part always means that. */
  readonly invalid: readonly string[];
}

/** Faults that can stand in place of a value. */
const READING_FAULTS = (Object.keys(FAULTS) as FaultCode[]).filter((code) => 'wire' in FAULTS[code]);

const mark = z.string().max(16);
const pattern = z.string().transform((text, context) => {
  try {
    return new RegExp(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is no regular expression: ${(error as Error).message}` });
    return /$^/;
  }
});

export const textAddress = z
  .strictObject({
    send: z.string().max(256).optional(),
    start: mark.default(''),
    end: mark.min(1).default('\r\n'),
    length: z.number().int().min(1).max(1024).optional(),
    checksum: z.enum(CHECKSUMS).default('none'),
    match: pattern.optional(),
    split: z.string().min(1).optional(),
    example: z.string().max(1024).optional(),
    group: z.string().optional(),
    field: z.number().int().min(0).optional(),
    columns: z.tuple([z.number().int().min(0), z.number().int().min(1)]).optional(),
    type: z.enum(TEXT_TYPES).default('float64'),
    bit: z.number().int().min(0).max(63).optional(),
    bits: z.record(z.string().regex(/^\d{1,2}$/), z.string()).default({}),
    scale: z
      .number()
      .refine((scale) => scale !== 0, 'must not be 0')
      .default(1),
    offset: z.number().default(0),
    factor: z.strictObject({ group: z.string(), by: z.record(z.string(), z.number().positive()) }).optional(),
    faults: z.strictObject({ group: z.string(), by: z.record(z.string(), z.enum(READING_FAULTS)) }).optional(),
    invalid: z
      .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))])
      .default([])
      .transform((given) => (Array.isArray(given) ? given : [given]).map(String)),
  })
  .transform((given, context): TextAddress => {
    const { send, start, end, length, checksum, match, split, example, ...rest } = given;
    const complain = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    for (const key of ['factor', 'faults'] as const) {
      const group = rest[key]?.group;
      if (group !== undefined && !hasGroup(match, group)) complain(key, noGroup(group));
    }
    return {
      message: { send, start, end, length, checksum, match, split, example },
      part: partOf(given, complain),
      type: rest.type,
      bit: rest.bit,
      bits: rest.bits,
      scale: rest.scale,
      offset: rest.offset,
      factor: rest.factor,
      faults: rest.faults,
      invalid: rest.invalid,
    };
  });

type Given = {
  match?: RegExp | undefined;
  split?: string | undefined;
  group?: string | undefined;
  field?: number | undefined;
  columns?: [number, number] | undefined;
};

function partOf(
  { match, split, group, field, columns }: Given,
  complain: (key: string, message: string) => void,
): Part {
  const given = [group, field, columns].filter((part) => part !== undefined).length;
  if (given !== 1) complain('group', 'say which part of the line: `group`, `field` or `columns`, exactly one');
  if (group !== undefined && !hasGroup(match, group)) complain('group', noGroup(group));
  if (field !== undefined && split === undefined) complain('field', 'needs `split`, the separator');
  if (columns !== undefined) return { from: columns[0], to: columns[1] };
  return field === undefined ? { group: group ?? '' } : { field };
}

function hasGroup(match: RegExp | undefined, group: string): boolean {
  return match?.source.includes(`(?<${group}>`) ?? false;
}

function noGroup(group: string): string {
  return `\`match\` has no group named ${group}: write (?<${group}>…)`;
}
