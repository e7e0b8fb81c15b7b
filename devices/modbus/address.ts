import { z } from 'zod';
import { isByteOrder, isWideOrder } from './byte-order.ts';
import { toCodes } from './invalid-codes.ts';

export const TABLES = ['coil', 'discrete', 'holding', 'input'] as const;
export type Table = (typeof TABLES)[number];

/** Registers that a value of each type takes; strings say so themselves. */
export const REGISTERS_OF = {
  bool: 1,
  int16: 1,
  uint16: 1,
  int24: 2,
  uint24: 2,
  int32: 2,
  uint32: 2,
  int64: 4,
  uint64: 4,
  float16: 1,
  float32: 2,
  float64: 4,
  string: 1,
  bcd16: 1,
  bcd32: 2,
  bits: 1,
} as const;
export type RegisterType = keyof typeof REGISTERS_OF;

export interface ModbusAddress {
  readonly table: Table;
  /** Zero-based, as on the wire. */
  readonly register: number;
  readonly type: RegisterType;
  /** Registers, or 1 for a coil or discrete input. */
  readonly length: number;
  readonly byteOrder: string;
  /** The one bit of the register that a bool is; left out: any bit set. */
  readonly bit?: number | undefined;
  readonly scale: number;
  readonly offset: number;
  /** Raw values that mean "no value"; texts for strings. */
  readonly invalid: readonly (number | bigint | string)[];
  /** Where a string has one character a register: in its high or low byte, as the register comes, whatever the byte order. */
  readonly half?: 'high' | 'low' | undefined;
  /** Texts of single bits, for type bits. */
  readonly bits: Readonly<Record<string, string>>;
  /** Some devices take only function codes 15 and 16. */
  readonly writeWith: 'single' | 'multiple';
}

const code = z.union([z.number(), z.string().min(1)]);

export const modbusAddress = z
  .strictObject({
    table: z.enum(TABLES).optional(),
    register: z.number().int().min(0).max(65_535).optional(),
    /** With `table` the document's number, counted from 1; without it the six-figure style: 40041 is holding register 40. */
    doc: z.number().int().min(1).max(465_536).optional(),
    type: z.enum(Object.keys(REGISTERS_OF) as [RegisterType, ...RegisterType[]]).optional(),
    length: z.number().int().min(1).max(125).optional(),
    byteOrder: z.string().refine(isByteOrder, 'expected ABCD, BADC, CDAB, DCBA or an order of ABCDEFGH').optional(),
    bit: z.number().int().min(0).max(15).optional(),
    scale: z
      .number()
      .refine((scale) => scale !== 0, 'must not be 0')
      .default(1),
    offset: z.number().default(0),
    invalid: z.union([code, z.array(code)]).default([]),
    half: z.enum(['high', 'low']).optional(),
    bits: z.record(z.string().regex(/^\d{1,2}$/), z.string()).default({}),
    writeWith: z.enum(['single', 'multiple']).default('single'),
  })
  .transform((given, context): ModbusAddress => {
    const complain = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    const { table, register } = place(given, complain);
    const type = given.type ?? 'bool';
    const length = given.length ?? REGISTERS_OF[type];
    checkType(table, given, complain);
    checkLength({ register, type, length }, given, complain);
    checkUse(type, table, given, complain);
    return {
      table,
      register,
      type,
      length,
      byteOrder: given.byteOrder ?? 'ABCD',
      bit: given.bit,
      scale: given.scale,
      offset: given.offset,
      invalid: toCodes(given.invalid, table === 'coil' || table === 'discrete' ? 'coil' : type, complain),
      half: given.half,
      bits: given.bits,
      writeWith: given.writeWith,
    };
  });

type Complain = (key: string, message: string) => void;
type TypeGiven = { type?: RegisterType | undefined; length?: number | undefined; byteOrder?: string | undefined };

function checkType(table: Table, { type }: TypeGiven, complain: Complain): void {
  const single = table === 'coil' || table === 'discrete';
  if (!single && type === undefined) complain('type', 'is missing: say what the register holds');
  if (single && type !== undefined && type !== 'bool') complain('type', `a ${table} is a bool`);
}

function checkLength(
  { register, type, length }: { register: number; type: RegisterType; length: number },
  given: TypeGiven,
  complain: Complain,
): void {
  if (type !== 'string' && length !== REGISTERS_OF[type]) complain('length', 'only strings have a length');
  if (type === 'string' && given.length === undefined) {
    complain('length', 'is missing: how many registers the text takes');
  }
  if (register + length > 65_536) complain('register', `a ${type} at ${register} ends beyond register 65535`);
  if (isWideOrder(given.byteOrder ?? '') && length !== 4) complain('byteOrder', `${type} is not a 64-bit type`);
}

type UseGiven = { scale: number; offset: number; bit?: number | undefined; bits: object; half?: string | undefined };

/** What would have no effect is a mistake. */
function checkUse(type: RegisterType, table: Table, given: UseGiven, complain: Complain): void {
  if (type === 'bool' || type === 'string' || type === 'bits') {
    if (given.scale !== 1) complain('scale', `a ${type} is not scaled`);
    if (given.offset !== 0) complain('offset', `a ${type} is not scaled`);
  }
  const isOneBit = table === 'coil' || table === 'discrete';
  if (given.bit !== undefined && (type !== 'bool' || isOneBit)) complain('bit', 'is for a bool in a register');
  if (given.half !== undefined && type !== 'string') complain('half', 'is for strings of one character a register');
  if (Object.keys(given.bits).length > 0 && type !== 'bits') complain('bits', 'are for type bits');
}

type Place = { readonly table: Table; readonly register: number };

function place(
  { table, register, doc }: { table?: Table | undefined; register?: number | undefined; doc?: number | undefined },
  complain: Complain,
): Place {
  const nowhere: Place = { table: table ?? 'holding', register: 0 };
  if (register !== undefined && doc !== undefined) {
    complain('doc', 'give `register` (as on the wire) or `doc` (as in the document), not both');
    return nowhere;
  }
  if (doc !== undefined) {
    const found = table === undefined ? documentPlace(doc) : { table, register: doc - 1 };
    if (found === undefined || found.register > 65_535) complain('doc', 'is no document number such as 40041 or 30001');
    return found ?? nowhere;
  }
  if (table === undefined) complain('table', `is missing: one of ${TABLES.join(', ')}`);
  if (register === undefined) complain('register', 'is missing: zero-based, as on the wire');
  return { table: nowhere.table, register: register ?? 0 };
}

const PREFIXES: readonly (Table | undefined)[] = ['coil', 'discrete', undefined, 'input', 'holding'];

/** The classic numbering: the first figure names the table, the rest counts from 1. */
function documentPlace(doc: number): Place | undefined {
  const size = doc >= 100_000 ? 100_000 : 10_000;
  const table = PREFIXES[Math.floor(doc / size)];
  const register = (doc % size) - 1;
  return table === undefined || register < 0 ? undefined : { table, register };
}

/** Why a point at this address cannot be written; undefined if it can. */
export function whyNotWritable({ table, bit, type }: ModbusAddress): string | undefined {
  if (table === 'input' || table === 'discrete') return `table ${table} can only be read: use holding or coil`;
  if (bit !== undefined) return 'one bit of a register cannot be written without touching the others';
  return type === 'bits' ? 'a point of type bits can only be read' : undefined;
}
