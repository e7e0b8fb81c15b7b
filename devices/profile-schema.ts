import { z } from 'zod';
import { offlineAlarmSchema } from '../core/rules/built-in.ts';
import { ruleSchema } from '../core/rules/rule-schema.ts';
import { titles } from '../core/units.ts';
import { BYTE_ORDERS } from './modbus/byte-order.ts';
import { DEVICE_CLASSES } from './plant-types.ts';
import { limitsSchema, messagesSchema, modelName, pointSchema, pointsOf } from './point-schema.ts';

/** Raw registers (from the zero-based register on) or a line of text, and what they must come to. */
const vectorSchema = z
  .strictObject({
    /** Which document or independent decoder the raw form comes from; never our own encoder. */
    source: z.string().min(10),
    table: z.enum(['holding', 'input']).optional(),
    register: z.number().int().min(0).max(65_535).optional(),
    /** Sixteen-bit words in hexadecimal, separated by spaces. */
    words: z
      .string()
      .regex(/^[0-9a-fA-F]{4}( [0-9a-fA-F]{4})*$/, 'expected words such as "4366 3334"')
      .optional(),
    text: z.string().optional(),
    /** Whole replies as they came over the line, in hexadecimal: for protocols whose driver takes them apart itself. */
    frames: z
      .array(z.string().regex(/^([0-9a-fA-F]{2} ?)+$/, 'expected bytes such as "68 1F 1F 68"'))
      .min(1)
      .optional(),
    /** A value, or `fault: code`. */
    expect: z.record(z.string(), z.union([z.number(), z.boolean(), z.string(), z.strictObject({ fault: z.string() })])),
  })
  .refine(
    ({ table, register, words, text, frames }) =>
      text === undefined && frames === undefined
        ? table !== undefined && register !== undefined && words !== undefined
        : table === undefined && register === undefined && words === undefined,
    'needs `text`, or `frames`, or `table`, `register` and `words`',
  );
export type Vector = z.output<typeof vectorSchema>;

/** How the model proves itself: a point, and what it must read. */
const identifySchema = z.strictObject({
  point: z.string(),
  equals: z.union([z.number(), z.string()]).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
});

/** How far a register map can be trusted: read from a device, from its maker's document, or from other open software alone. */
export const PROFILE_STATES = ['tested', 'from-document', 'from-software'] as const;

/** What a model of device has: data only. */
export const profileSchema = z.strictObject({
  driver: z.string(),
  class: z.enum(DEVICE_CLASSES),
  vendor: modelName,
  models: z.array(modelName).min(1),
  title: titles.optional(),
  /** Where the register map comes from. */
  source: z.union([z.string().min(10), z.array(z.string().min(10)).min(1)]),
  status: z.enum(PROFILE_STATES).default('from-document'),
  identify: z.array(identifySchema).optional(),
  byteOrder: z.enum(BYTE_ORDERS).optional(),
  limits: limitsSchema.optional(),
  /** How the line of this model is set when it leaves the factory. */
  serial: z
    .strictObject({
      baudRate: z.number().int().positive(),
      parity: z.enum(['none', 'even', 'odd']).default('none'),
      stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
      dataBits: z.union([z.literal(7), z.literal(8)]).default(8),
    })
    .optional(),
  messages: messagesSchema.default({}),
  points: pointsOf(pointSchema),
  alarms: z.array(ruleSchema).default([]),
  offlineAlarm: offlineAlarmSchema.optional(),
  vectors: z.array(vectorSchema).default([]),
});
export type Profile = z.output<typeof profileSchema>;
