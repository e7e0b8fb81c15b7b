import { z } from 'zod';
import { offlineAlarmSchema } from '../core/rules/built-in.ts';
import { ruleSchema } from '../core/rules/rule-schema.ts';
import { duration, titles } from '../core/units.ts';
import { BYTE_ORDERS } from './modbus/byte-order.ts';
import { DEVICE_CLASSES } from './plant-types.ts';
import {
  limitsSchema,
  messagesSchema,
  modelName,
  nameSchema,
  ONE_RHYTHM,
  oneRhythm,
  pointOverrideSchema,
  pointsOf,
  rhythmShape,
} from './point-schema.ts';

/** More outstanding requests than this and transaction numbers stop being a proof on some devices. */
const MOST_IN_FLIGHT = 64;

const baudRate = z.number().int().min(300).max(4_000_000);
const dataBits = z.union([z.literal(7), z.literal(8)]);
const parity = z.enum(['none', 'even', 'odd']);
const stopBits = z.union([z.literal(1), z.literal(2)]);

const timeout = duration({ least: 20, most: 60_000 });

const channelSchema = z.strictObject({
  name: nameSchema,
  driver: z.string(),
  port: z.string().min(1),
  baudRate: baudRate.default(9600),
  dataBits: dataBits.default(8),
  parity: parity.default('none'),
  stopBits: stopBits.default(1),
  timeout: timeout.prefault('1s'),
  maxInFlight: z.number().int().min(1).max(MOST_IN_FLIGHT).default(1),
  /** Of the line's time, for devices that do not answer, all together. */
  silentShare: z.number().min(0.01).max(1).default(0.1),
  /** Between opening and the first request. */
  connectPause: duration({ least: 1, most: 60_000 }).optional(),
  /** For devices that serve one connection at a time. */
  closeAfter: duration({ least: 1, most: 3_600_000 }).optional(),
  /** Silence between two protocols on one line. */
  settle: duration({ least: 1, most: 60_000 }).optional(),
  /** The adapter hears what it sends. */
  echo: z.boolean().default(false),
  /** A device server that finds the speed of its line by itself. */
  followsSpeed: z.boolean().default(false),
});
export type ChannelGiven = z.output<typeof channelSchema>;

const deviceSchema = z
  .strictObject({
    name: nameSchema,
    title: titles.optional(),
    channel: z.string(),
    unitId: z.number().int().min(0).max(255).default(1),
    /** Its address where that is no number. */
    station: z.string().max(64).optional(),
    /** How the line is set while this device is spoken to, where that differs from its channel. */
    serial: z.strictObject({ baudRate, dataBits, parity, stopBits }).partial().optional(),
    profile: z.string().optional(),
    driver: z.string().optional(),
    class: z.enum(DEVICE_CLASSES).optional(),
    vendor: modelName.optional(),
    model: modelName.optional(),
    ...rhythmShape,
    timeout: timeout.optional(),
    byteOrder: z.enum(BYTE_ORDERS).optional(),
    maxGap: z.number().int().min(0).max(124).optional(),
    limits: limitsSchema.optional(),
    messages: messagesSchema.default({}),
    points: pointsOf(pointOverrideSchema).default({}),
    alarms: z.array(ruleSchema).default([]),
    /** Ids of the profile's that this device does without. */
    withoutAlarms: z.array(z.string()).default([]),
    offlineAlarm: offlineAlarmSchema.optional(),
  })
  .refine(oneRhythm, ONE_RHYTHM);
export type DeviceGiven = z.output<typeof deviceSchema>;

/** `channels:` and `devices:` of gateway.yaml. */
export const channelsSchema = z.array(channelSchema).default([]);
export const devicesSchema = z.array(deviceSchema).default([]);

/** A configuration as far as this room is concerned. */
export interface PlantSettings {
  readonly channels: readonly ChannelGiven[];
  readonly devices: readonly DeviceGiven[];
  readonly profilesDir?: string | undefined;
}
