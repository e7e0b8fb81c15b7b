import { z } from 'zod';

/** A value of a data set, by its OBIS code. */
export interface ObisAddress {
  /** As the meter writes it: `1.8.0`, or in full `1-0:1.8.0*255`. */
  readonly obis: string;
  /** Which of several parentheses, from 1: a maximum often has its time in the second. */
  readonly value: number;
  /** The point's unit: values are converted into it. */
  readonly unit: string | undefined;
  readonly type: 'float64' | 'string' | 'bool';
  /** What the meter writes when it has no value. */
  readonly invalid: readonly string[];
}

const TYPES = { number: 'float64', text: 'string', bool: 'bool' } as const;
const OBIS = /^(\d{1,3}-\d{1,3}:)?[0-9A-Z]{1,3}(\.[0-9A-Z]{1,3}){0,2}([*&]\d{1,3})?$/;

export const obisAddress = z
  .strictObject({
    obis: z.string().regex(OBIS, 'must be an OBIS code in quotes, such as "1.8.0" or "1-0:1.8.0*255"'),
    value: z.number().int().min(1).max(20).default(1),
    unit: z.string().optional(),
    type: z.enum(['number', 'text', 'bool']).default('number'),
    invalid: z.array(z.string()).default([]),
  })
  .transform(
    ({ obis, value, unit, type, invalid }): ObisAddress => ({ obis, value, unit, type: TYPES[type], invalid }),
  );

/** Up to 32 characters, as they stand on the meter; left out, the meter must be alone on its line [IEC 62056-21, 6.3.1]. */
export const iecStation = z
  .string()
  .regex(/^[0-9A-Za-z ]{1,32}$/, 'must be up to 32 letters and digits')
  .optional();

/** Is this the data set that is meant? What the point's code leaves out may be anything, but history (`*01`) is not the present. */
export function isMeant(obis: string, code: string): boolean {
  if (obis === code) return true;
  const [wanted, own] = [partsOf(obis), partsOf(code)];
  return (
    wanted.value === own.value &&
    (wanted.place === '' || own.place === '' || wanted.place === own.place) &&
    wanted.history === own.history
  );
}

function partsOf(code: string): { place: string; value: string; history: string } {
  const [, place = '', value = '', history = ''] = /^(\d+-\d+:)?([^*&]*)(?:[*&](\d+))?$/.exec(code) ?? [];
  return { place, value, history: history === '255' ? '' : history };
}
