import { z } from 'zod';

const titlesSchema = z.object({ en: z.string().max(200).optional(), ko: z.string().max(200).optional() });
const name = z.string().max(63);
const ms = z.number().nonnegative();

/**
 * A point's entry. `number` stands for it in frames; a change of type, unit or scale gives it a new number, so the newest
 * catalogue decodes every frame of its epoch: numbers that are no longer polled stay listed with `retired`.
 */
const entrySchema = z.object({
  number: z.number().int().nonnegative().max(0xffff_ffff),
  device: name,
  point: name,
  title: titlesSchema,
  unit: z.string().max(32).optional(),
  kind: z.enum(['number', 'boolean', 'text']),
  type: z.string().max(16),
  scale: z.number().optional(),
  /** Milliseconds between readings; left out for scheduled points. */
  everyMs: z.number().positive().optional(),
  /** A reading at least this often: by exception, or by a schedule (an earlier release leaves it out there). */
  maxSilenceMs: z.number().positive().optional(),
  writable: z.boolean(),
  min: z.number().optional(),
  max: z.number().optional(),
  step: z.number().positive().optional(),
  /** A wrong value does harm: whoever writes it says it twice. */
  dangerous: z.boolean().optional(),
  enum: z.record(z.string().max(32), titlesSchema).optional(),
  retired: z.boolean().optional(),
});

const deviceSchema = z.object({
  name,
  title: titlesSchema,
  class: z.string().max(16),
  vendor: z.string().max(64).optional(),
  model: z.string().max(64).optional(),
  channel: z.string().max(63),
});

export const ruleEntrySchema = z.object({
  device: name,
  id: z.string().max(127),
  point: name,
  priority: z.enum(['critical', 'high', 'medium', 'low']),
  text: titlesSchema,
  action: titlesSchema,
  condition: z.unknown(),
  // A gateway of an earlier release ends here.
  class: z.string().max(32).optional(),
  cause: titlesSchema.optional(),
  url: z.string().max(500).optional(),
  onDelayMs: ms.optional(),
  offDelayMs: ms.optional(),
  latch: z.boolean().optional(),
  ack: z.boolean().optional(),
  reAlarmMs: ms.optional(),
  reAlarmCount: z.number().int().positive().optional(),
  shelvable: z.boolean().optional(),
  /** Of these the desk remembers which came first. */
  group: z.string().max(63).optional(),
});

/** All that the hub must know of a gateway's points. The hub needs no profiles. */
export const catalogueSchema = z.object({
  version: z.number().int().positive().max(0xffff_ffff),
  site: z.string().max(200),
  timezone: z.string().max(64),
  /** As configured: `korea`, days such as 2026-06-03. A gateway of an earlier release does not tell. */
  holidays: z.array(z.string().max(10)).max(1000).optional(),
  devices: z.array(deviceSchema).max(10_000),
  points: z.array(entrySchema).max(200_000),
  rules: z.array(ruleEntrySchema).max(200_000),
});

export type Catalogue = z.output<typeof catalogueSchema>;
export type CatalogueEntry = z.output<typeof entrySchema>;
export type CatalogueRule = z.output<typeof ruleEntrySchema>;
export type CatalogueDevice = z.output<typeof deviceSchema>;
