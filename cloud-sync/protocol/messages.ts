import { z } from 'zod';
import { type JsonBounds, parseBoundedJson } from '../../core/bounded-json.ts';
import { faultCode as code, configStandSchema } from './downlink.ts';
import { kubeedgeStatusSchema } from './kubeedge-status.ts';
import { twinPlaceSchema } from './twins.ts';

/** Schemas of the JSON messages. Unknown keys pass: a newer side may say more. `frame` is binary: see envelope.ts. */

const seq = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number)
  .refine(Number.isSafeInteger, { message: 'beyond 2^53' });
const epoch = z.string().regex(/^[0-9a-f]{32}$/);
const chain = z.string().regex(/^[0-9a-f]{16}$/);
const u32 = z.number().int().nonnegative().max(0xffff_ffff);
const scalar = z.union([z.number(), z.boolean(), z.string().max(4096)]);

/** [boot, next at start, chain at start] */
const bootMark = z.tuple([u32, seq, chain]);

/** A declared loss: records [from, to) of an epoch. */
export const gapSchema = z.object({
  epoch,
  from: seq,
  to: seq,
  reason: z.enum([
    'retention',
    'journal-damaged',
    'before-this-hub',
    'hub-restored',
    'epoch-lost',
    'quarantined',
    'undeclared-floor',
  ]),
  /** Records lost per point number, where the journal still knew. */
  points: z.record(z.string(), z.number()).optional(),
});

export const helloSchema = z.object({
  nonce: z.string().min(8).max(64),
  protocol: z.literal(1),
  frameFormats: z.array(u32).min(1).max(16),
  software: z.string().max(64),
  hardware: z.string().max(128).optional(),
  boot: u32,
  epochs: z
    .array(z.object({ epoch, floor: seq, next: seq, chain, confirmed: seq, boots: z.array(bootMark).max(1000) }))
    .min(1)
    .max(100),
  gaps: z.array(gapSchema).max(1000),
  clock: z.object({ now: z.number(), synchronised: z.boolean() }),
  catalogue: u32,
  /** Who welcomed this journal last. */
  hub: z.object({ id: z.string().max(64), generation: z.string().max(64) }).optional(),
  /** Random, new with each start of the process: tells a gateway that comes back from a second one with its name. */
  instance: z.string().max(64).optional(),
  /** Which configuration it holds and which it works with. Gateways of earlier releases leave it out. */
  config: configStandSchema.optional(),
  /** Which document of its twins it holds. Gateways of earlier releases leave it out. */
  twins: twinPlaceSchema.optional(),
});

export const welcomeSchema = z.object({
  nonce: z.string().min(8).max(64),
  session: u32,
  hub: z.string().max(64),
  generation: z.string().max(64),
  clock: z.object({ now: z.number() }),
  frameFormats: z.array(u32).min(1).max(16),
  limits: z.object({ windowBytes: z.number().int().positive() }),
  /** `parted`: from there on the hub has another history of this journal; what the gateway has belongs into a new one. */
  epochs: z.array(z.object({ epoch, cursor: seq, chain, parted: seq.optional() })).max(100),
  /** Versions of what the hub wants of this gateway; what is newer than it holds, follows. */
  wanted: z.object({ config: u32 }).optional(),
  /**
   * It answers `renew`; a hub of an earlier release would end the connection. Certificates that began before `before` are to be
   * followed at once, others as they age. Hub's clock, Unix ms.
   */
  renews: z.object({ before: z.number() }).optional(),
});

export const ackSchema = z.object({ session: u32, epoch, next: seq });

export const refuseSchema = z.object({
  session: u32,
  round: u32,
  epoch: epoch.optional(),
  code,
  detail: z.string().max(500).optional(),
  next: seq.optional(),
  /** Of the hello that is refused. */
  nonce: z.string().max(64).optional(),
});

/**
 * How an alarm stands, ahead of its records. `occurrence`: where the raising record stands. `changed`: the last record about it, if that
 * is another: it has ended, or what is suppressed has changed. Gateways of earlier releases leave it out.
 */
export const liveAlarmSchema = z.object({
  occurrence: z.object({ epoch, seq }),
  changed: z.object({ epoch, seq }).optional(),
  device: z.string().max(256),
  rule: z.string().max(256),
  point: z.string().max(256),
  at: z.number(),
  active: z.boolean(),
  value: scalar.optional(),
  suppressed: z.boolean().optional(),
  limit: z.number().optional(),
});

/** Newest values, ahead of frames, while a backlog drains. Never history. */
export const liveSchema = z.object({
  catalogue: u32,
  /** [point number, at, value or null, fault code if the value is null] */
  values: z.array(z.tuple([u32, z.number(), scalar.nullable(), code.optional()])).max(100_000),
  /** Active alarms and those that ended lately. */
  alarms: z.array(liveAlarmSchema).max(10_000).optional(),
});

export const statusSchema = z.object({
  state: z.enum(['online', 'offline']),
  at: z.number().optional(),
  version: z.string().max(64).optional(),
  backlog: z.number().nonnegative().optional(),
  /** The hub is there and frames do not get on: since when, gateway's clock. */
  stuckSince: z.number().optional(),
  /** Where the journals stand, for the hub to compare with what it has. */
  epochs: z
    .array(z.object({ epoch, next: seq, confirmed: seq, chain }))
    .max(100)
    .optional(),
  oldestUnsent: z.number().nullable().optional(),
  channels: z
    .array(
      z.object({
        name: z.string().max(63),
        port: z.string().max(256),
        driver: z.string().max(32),
        state: z.enum(['opening', 'open', 'faulted']),
        fault: code.optional(),
        exchanges: z.number(),
        faults: z.number(),
        utilisation: z.number(),
      }),
    )
    .max(1000)
    .optional(),
  /** Of a gateway that is a mapper of KubeEdge. */
  kubeedge: kubeedgeStatusSchema.optional(),
});

export const fetchSchema = z.object({
  what: z.enum(['catalogue', 'schema', 'config', 'twins']),
  version: u32.optional(),
});

export type Hello = z.output<typeof helloSchema>;
export type Welcome = z.output<typeof welcomeSchema>;
export type Ack = z.output<typeof ackSchema>;
export type Refuse = z.output<typeof refuseSchema>;
export type Live = z.output<typeof liveSchema>;
export type LiveAlarm = z.output<typeof liveAlarmSchema>;
export type Status = z.output<typeof statusSchema>;
export type Gap = z.output<typeof gapSchema>;

/** JSON with sequence numbers as decimal strings: the keys that carry them are listed here once. */
const SEQ_KEYS = new Set(['floor', 'next', 'confirmed', 'from', 'to', 'cursor', 'parted', 'seq']);

export function encodeMessage(message: object): Buffer {
  return Buffer.from(
    JSON.stringify(message, (key, value: unknown) => {
      if (SEQ_KEYS.has(key) && typeof value === 'number') return String(value);
      if (key === 'boots' && Array.isArray(value))
        return value.map(([boot, next, chain]) => [boot, String(next), chain]);
      return value;
    }),
  );
}

/** Most bytes of a JSON message. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;
/** A live message of 100,000 values has a part every second byte. */
const MESSAGE_BOUNDS: JsonBounds = { parts: MAX_MESSAGE_BYTES, depth: 32 };

/** Undefined if the bytes are no such message. */
export function parseMessage<S extends z.ZodType>(schema: S, bytes: Uint8Array): z.output<S> | undefined {
  if (bytes.length > MAX_MESSAGE_BYTES) return undefined;
  let raw: unknown;
  try {
    raw = parseBoundedJson(bytes, MESSAGE_BOUNDS);
  } catch {
    return undefined;
  }
  const result = schema.safeParse(raw);
  return result.success ? result.data : undefined;
}
