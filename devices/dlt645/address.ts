import { z } from 'zod';

/** How data is written: digits of BCD (default), a binary number, its single bits, or characters. */
const TYPES = { bcd: 'float64', uint: 'uint32', bool: 'bool', bits: 'bits', string: 'string' } as const;

export interface Dlt645Address {
  /** Data identification DI3 DI2 DI1 DI0 as eight hexadecimal digits, as the standard's tables write it. */
  readonly id: string;
  readonly coding: keyof typeof TYPES;
  readonly type: (typeof TYPES)[keyof typeof TYPES];
  /** Bytes that the value takes. */
  readonly length: number;
  /** Where it begins in the data of a block; left out: the data is this value and no more. */
  readonly at: number | undefined;
  readonly decimals: number;
  /** The highest bit is the sign. */
  readonly signed: boolean;
  readonly bit: number;
  readonly bits: Readonly<Record<string, string>>;
}

export const dlt645Address = z
  .strictObject({
    id: z.string().regex(/^[0-9a-fA-F]{8}$/, 'must be eight hexadecimal digits in quotes, such as "00010000"'),
    type: z.enum(Object.keys(TYPES) as (keyof typeof TYPES)[]).default('bcd'),
    /** Of BCD; 8 for six digits before the point and two behind it, with `decimals: 2`. */
    digits: z.number().int().min(2).max(14).multipleOf(2).optional(),
    /** Bytes of anything else. */
    length: z.number().int().min(1).max(100).optional(),
    decimals: z.number().int().min(0).max(14).default(0),
    signed: z.boolean().default(false),
    at: z.number().int().min(0).max(199).optional(),
    bit: z.number().int().min(0).max(31).optional(),
    bits: z.record(z.string().regex(/^\d{1,2}$/), z.string()).default({}),
  })
  .transform((given, context): Dlt645Address => {
    for (const [key, message] of contradictions(given)) context.addIssue({ code: 'custom', path: [key], message });
    const { id, type: coding, digits = 2, at, decimals, signed, bit = 0, bits } = given;
    const length = coding === 'bcd' ? digits / 2 : (given.length ?? 1);
    return { id: id.toUpperCase(), coding, type: TYPES[coding], length, at, decimals, signed, bit, bits };
  });

interface Given {
  readonly type: keyof typeof TYPES;
  readonly digits?: number | undefined;
  readonly length?: number | undefined;
  readonly bit?: number | undefined;
  readonly decimals: number;
  readonly signed: boolean;
}

function contradictions(given: Given): [key: string, message: string][] {
  const { type, digits, length, bit, decimals, signed } = given;
  const isBcd = type === 'bcd';
  const rules: [broken: boolean, key: string, message: string][] = [
    [isBcd && digits === undefined, 'digits', 'is missing: six before the point and two behind it are 8'],
    [isBcd && length !== undefined, 'length', 'follows from `digits`'],
    [!isBcd && digits !== undefined, 'digits', `is for bcd; ${type} has a \`length\` in bytes`],
    [!isBcd && length === undefined, 'length', 'is missing: bytes of the value'],
    [!isBcd && (decimals > 0 || signed), 'type', 'only bcd has `decimals` and a sign'],
    [isBcd && decimals > (digits ?? decimals), 'decimals', 'are more than `digits`'],
    [type === 'uint' && (length ?? 0) > 4, 'length', 'at most 4 bytes make a number'],
    [type !== 'bool' && bit !== undefined, 'bit', 'is for bool'],
    [bit !== undefined && bit >= (length ?? 1) * 8, 'bit', `lies outside ${length ?? 1} bytes`],
  ];
  return rules.flatMap(([broken, key, message]) => (broken ? [[key, message]] : []));
}

/** `AA` in place of two digits: any. A meter alone on its line needs no address. */
export const dlt645Station = z
  .string()
  .transform((station) => station.toUpperCase())
  .pipe(z.string().regex(/^(AA|\d\d){6}$/, 'must be the twelve digits of the meter in quotes, such as "000000000001"'))
  .default('AAAAAAAAAAAA');
