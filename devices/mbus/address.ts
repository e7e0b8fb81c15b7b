import { z } from 'zod';
import { kindOfUnit } from '../named-units.ts';
import { AFTER_FB, AFTER_FD, PRIMARY, QUANTITIES, type Quantity, TEXTS } from './quantities.ts';
import { type DataRecord, FUNCTIONS } from './records.ts';

export const HEADER_FIELDS = ['id', 'manufacturer', 'version', 'medium', 'access', 'status'] as const;
export type HeaderField = (typeof HEADER_FIELDS)[number];

/** Which record of a meter's telegrams a point is. */
export interface RecordAddress {
  readonly quantity: Quantity;
  readonly name: string;
  readonly function: DataRecord['function'];
  readonly storage: number;
  readonly tariff: number;
  readonly subunit: number;
  readonly extras: readonly string[];
  /** Which of several records alike, from 1. */
  readonly nth: number;
  /** The record at this place, from 0, over all telegrams; it must still be of this quantity. */
  readonly record: number | undefined;
  readonly unit: string | undefined;
  readonly type: 'float64' | 'string' | 'bits';
  readonly bits: Readonly<Record<string, string>>;
}

/** What stands before the records. */
export interface HeaderAddress {
  readonly header: HeaderField;
  readonly type: 'float64' | 'string' | 'bits';
  readonly bits: Readonly<Record<string, string>>;
}

export type MbusAddress = RecordAddress | HeaderAddress;

const bitTexts = z.record(z.string().regex(/^\d{1,2}$/), z.string()).default({});
const number = (most: number) => z.number().int().min(0).max(most);

export const mbusAddress = z
  .strictObject({
    quantity: z.enum(QUANTITIES).optional(),
    header: z.enum(HEADER_FIELDS).optional(),
    name: z.string().min(1).max(64).optional(),
    function: z.enum(FUNCTIONS).default('instantaneous'),
    storage: number(2 ** 41 - 1).default(0),
    tariff: number(2 ** 20 - 1).default(0),
    subunit: number(1023).default(0),
    /** Codes (VIFE) that qualify the quantity, such as 3C for reverse flow. */
    extras: z
      .array(z.string().regex(/^[0-9A-F]{2}$/, 'must be two hexadecimal digits in quotes, such as "3C"'))
      .default([]),
    nth: z.number().int().min(1).max(250).default(1),
    record: number(1000).optional(),
    unit: z.string().optional(),
    type: z.enum(['number', 'text', 'bits']).optional(),
    bits: bitTexts,
  })
  .transform((given, context): MbusAddress => {
    for (const [key, message] of contradictions(given)) context.addIssue({ code: 'custom', path: [key], message });
    const { quantity = 'unknown', header, name = '', bits } = given;
    if (header !== undefined) {
      const preset = header === 'id' || header === 'manufacturer' ? 'string' : 'float64';
      return { header, type: header === 'status' && given.type === 'bits' ? 'bits' : preset, bits };
    }
    const { storage, tariff, subunit, extras, nth, record, unit } = given;
    const type = typeOf(quantity, given.type);
    return {
      quantity,
      name,
      function: given.function,
      storage,
      tariff,
      subunit,
      extras,
      nth,
      record,
      unit,
      type,
      bits,
    };
  });

interface Given {
  readonly quantity?: Quantity | undefined;
  readonly header?: HeaderField | undefined;
  readonly name?: string | undefined;
  readonly unit?: string | undefined;
  readonly type?: 'number' | 'text' | 'bits' | undefined;
}

function contradictions({ quantity, header, name, unit, type }: Given): [key: string, message: string][] {
  const units = quantity && unitsOf(quantity);
  const rules: [broken: boolean, key: string, message: string][] = [
    [(quantity === undefined) === (header === undefined), 'quantity', 'give `quantity` or `header`, one of them'],
    [(quantity === 'named') !== (name !== undefined), 'name', 'is the text of a quantity `named`, and needed there'],
    [
      units !== undefined && unit !== undefined && !fits(unit, units),
      'unit',
      `${quantity} comes in ${units?.join(', ') || 'no unit'}, not ${unit}`,
    ],
    [
      type === 'text' && quantity !== undefined && !TEXTS.includes(quantity) && quantity !== 'named',
      'type',
      `${quantity} is a number`,
    ],
  ];
  return rules.flatMap(([broken, key, message]) => (broken ? [[key, message]] : []));
}

/** Units that a quantity may come in on the line. A quantity without a code may have any. */
function unitsOf(quantity: Quantity): string[] | undefined {
  if (quantity === 'named' || quantity === 'maker' || quantity === 'unknown' || quantity === 'dimensionless')
    return undefined;
  const rows = [...PRIMARY, ...AFTER_FD, ...AFTER_FB].filter(([, , own]) => own === quantity);
  return [...new Set(rows.flatMap(([, , , unit]) => unit ?? []))];
}

function fits(unit: string, units: readonly string[]): boolean {
  return units.some((own) => own === unit || (kindOfUnit(own) !== undefined && kindOfUnit(own) === kindOfUnit(unit)));
}

function typeOf(quantity: Quantity, given: Given['type']): RecordAddress['type'] {
  if (given === 'bits') return 'bits';
  return given === 'text' || TEXTS.includes(quantity) ? 'string' : 'float64';
}

/** `12345678` on the meter's plate, F for any digit; with maker, version and medium where two plates may be alike. */
export const mbusStation = z
  .string()
  .regex(
    /^[0-9F]{8}(-[A-Z]{3}-[0-9A-F]{2}-[0-9A-F]{2})?$/,
    'must be the eight digits of the meter in quotes, such as "12345678", or with maker, version and medium "12345678-KAM-08-04"',
  )
  .optional();
