import { z } from 'zod';
import { catalogueSchema } from './catalogue.ts';
import { configOutcome, faultCode } from './downlink.ts';
import { twinEvent } from './twins.ts';
import { writeEvent } from './writes.ts';

const at = z.number().int();

/** Everything upstream, besides readings, that must not be lost. Each is one journal record in an events frame. */
export const eventSchema = z.discriminatedUnion('event', [
  /** The whole catalogue, before the first frame that needs it. */
  z.object({ event: z.literal('catalogue'), at, catalogue: catalogueSchema }),
  /**
   * A start of the gateway. `previousEnd`: stamp of the last record before it, so that the pause can be seen. `alarms`: those it still
   * holds as active; what it does not name is over.
   */
  z.object({
    event: z.literal('boot'),
    at,
    boot: z.number().int(),
    software: z.string(),
    previousEnd: at.optional(),
    alarms: z.array(z.object({ device: z.string(), rule: z.string() })).optional(),
  }),
  /**
   * An alarm rule's transition. The raising record's number names the occurrence; `active` once more is no other one, it changes what
   * is suppressed. `suppressed`: by design, since its parent speaks for it, its equipment is off, or it is not its time of day.
   */
  z.object({
    event: z.literal('alarm'),
    at,
    device: z.string(),
    rule: z.string(),
    point: z.string(),
    active: z.boolean(),
    value: z.union([z.number(), z.boolean(), z.string()]).optional(),
    suppressed: z.boolean().optional(),
    /** The figure that was in force. */
    limit: z.number().optional(),
  }),
  /** A device came or went: the fault is left out when it answers again. */
  z.object({ event: z.literal('device'), at, device: z.string(), online: z.boolean(), fault: faultCode.optional() }),
  /**
   * The wall clock was set, jumped, or is believed again. `at` is the wall time of `ticks` from now on; `offset` is to be added to the
   * stamps of this boot that are still uncertain, which are certain then if `certain` says so; `step`: how far the clock jumped.
   */
  z.object({
    event: z.literal('clock-anchor'),
    at,
    boot: z.number().int(),
    ticks: z.number(),
    source: z.enum(['system', 'hub']),
    offset: z.number().int().optional(),
    step: z.number().int().optional(),
    certain: z.boolean().optional(),
  }),
  /** What became of a configuration that the hub wanted. `returned`: the hub was not heard after it, and the last good one is back. */
  z.object({ event: z.literal('config'), at, ...configOutcome }),
  /** A value is about to be written to a device, or what became of that. */
  z.object({ event: z.literal('command'), at, ...writeEvent }),
  /** A device differs from its twin, or does no longer. */
  z.object({ event: z.literal('twin'), at, ...twinEvent }),
]);

export type JournalEvent = z.output<typeof eventSchema>;
