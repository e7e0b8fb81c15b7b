import { z } from 'zod';
import { type Complain, checkDerived, checkLength, checkType, checkUse } from './address-checks.ts';
import { place } from './address-place.ts';
import { isByteOrder } from './byte-order.ts';
import { toCodes } from './invalid-codes.ts';
import { REGISTERS_OF, type RegisterType, TABLES, type Table, TRANSFORMS, type Transform } from './register-types.ts';

export interface ModbusAddress {
  readonly table: Table;
  /** The first register that one read must bring; zero-based, as on the wire. */
  readonly register: number;
  readonly type: RegisterType;
  /** Registers that one read must bring, or 1 for a coil or discrete input: of the value, and of its scale factor if it has one. */
  readonly length: number;
  /** Registers between `register` and the value: more than 0 only where a scale factor stands before it. */
  readonly skip: number;
  /** Registers of the value alone. */
  readonly size: number;
  /** Registers between `register` and the scale factor, if there is one. */
  readonly scaleAt?: number | undefined;
  readonly byteOrder: string;
  /** The one bit of the register that a bool is; left out: any bit set. */
  readonly bit?: number | undefined;
  readonly scale: number;
  readonly offset: number;
  /** What a number goes through once it is scaled. */
  readonly transform?: Transform | undefined;
  /** Raw values that mean "no value"; texts for strings. */
  readonly invalid: readonly (number | bigint | string)[];
  /** Where a string has one character a register: in its high or low byte, as the register comes, whatever the byte order. */
  readonly half?: 'high' | 'low' | undefined;
  /** Texts of single bits, for type bits. */
  readonly bits: Readonly<Record<string, string>>;
  /** Some devices take only function codes 15 and 16; a few set a single bit of a register by themselves (22). */
  readonly writeWith: 'single' | 'multiple' | 'mask';
  /** False for a register that is an order, and reads as something else. */
  readonly readBack: boolean;
}

const code = z.union([z.number(), z.string().min(1)]);

const registerNumber = z.number().int().min(0).max(65_535);
const documentNumber = z.number().int().min(1).max(465_536);

export const modbusAddress = z
  .strictObject({
    table: z.enum(TABLES).optional(),
    register: registerNumber.optional(),
    /** With `table` the document's number, counted from 1; without it the six-figure style: 40041 is holding register 40. */
    doc: documentNumber.optional(),
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
    /**
     * The register, of the same table, that says by which power of ten the value counts: SunSpec's sunssf, an int16 of -10 to 10.
     * It is read together with the value, always: some devices change it from one second to the next.
     */
    scaleFrom: z.strictObject({ register: registerNumber.optional(), doc: documentNumber.optional() }).optional(),
    transform: z.enum(TRANSFORMS).optional(),
    bits: z.record(z.string().regex(/^\d{1,2}$/), z.string()).default({}),
    writeWith: z.enum(['single', 'multiple', 'mask']).default('single'),
    readBack: z.boolean().default(true),
  })
  .transform((given, context): ModbusAddress => {
    const complain = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    const { table, register } = place(given, complain);
    const type = given.type ?? 'bool';
    const size = given.length ?? REGISTERS_OF[type];
    checkType(table, given, complain);
    checkLength({ register, type, length: size, usual: REGISTERS_OF[type] }, given, complain);
    checkUse(type, table, given, complain);
    checkDerived(type, given, complain);
    const factor = given.scaleFrom && scalePlace(given, given.scaleFrom, table, complain);
    const first = Math.min(register, factor ?? register);
    return {
      table,
      register: first,
      type,
      length: Math.max(register + size, (factor ?? 0) + 1) - first,
      skip: register - first,
      size,
      scaleAt: factor === undefined ? undefined : factor - first,
      transform: given.transform,
      byteOrder: given.byteOrder ?? 'ABCD',
      bit: given.bit,
      scale: given.scale,
      offset: given.offset,
      invalid: toCodes(given.invalid, table === 'coil' || table === 'discrete' ? 'coil' : type, complain),
      half: given.half,
      bits: given.bits,
      writeWith: given.writeWith,
      readBack: given.readBack,
    };
  });

type PlaceGiven = { register?: number | undefined; doc?: number | undefined };

/** Counted as the value's own register is: with its table from 1, without in the six-figure style. */
function scalePlace(
  value: { table?: Table | undefined },
  given: PlaceGiven,
  table: Table,
  complain: Complain,
): number | undefined {
  const counted = given.doc === undefined ? table : value.table;
  const found = place({ ...given, table: counted }, (key, message) => complain('scaleFrom', `\`${key}\` ${message}`));
  if (found.table !== table) complain('scaleFrom', `stands in table ${found.table}, the value in ${table}`);
  return found.register;
}

/** Registers in one write [MODBUS Application Protocol V1.1b3, 6.12]. */
const MOST_WRITTEN = 123;

/** Why a point at this address cannot be written; undefined if it can. */
export function whyNotWritable({ table, type, size, transform }: ModbusAddress): string | undefined {
  if (table === 'input' || table === 'discrete') return `table ${table} can only be read: use holding or coil`;
  if (size > MOST_WRITTEN) return `${size} registers are more than one request writes (${MOST_WRITTEN})`;
  if (transform !== undefined) return `a value that went through \`${transform}\` can only be read`;
  return type === 'bits' ? 'a point of type bits can only be read' : undefined;
}
