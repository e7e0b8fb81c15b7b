import { z } from 'zod';
import { valueSchema } from '../../cloud-sync/protocol/writes.ts';
import { duration } from '../../core/units.ts';
import { COMMAND_STATES, type StoredCommand } from '../writes/command.ts';
import type { HubContext } from './context.ts';
import { faultOf } from './gateways.ts';
import { findPoint } from './points.ts';
import { type AnyRoute, route } from './route.ts';

const WEEK_MS = 7 * 86_400_000;
const MOST_LISTED = 500;

const command = z.object({
  id: z.string(),
  point: z.string().describe('gateway/device/point'),
  value: valueSchema,
  by: z.string(),
  madeAt: z.number().describe('Unix milliseconds, hub’s clock'),
  expires: z.number().describe('later it is not begun'),
  state: z.enum(COMMAND_STATES),
  endedAt: z.number().nullable(),
  before: valueSchema.nullable().describe('what the device held when it was begun, as far as that is known'),
  readBack: valueSchema.nullable().describe('what the device holds since, as far as it was read back'),
  reason: z
    .object({ code: z.string(), text: z.string(), action: z.string(), detail: z.string().optional() })
    .nullable(),
});

/** Values that are to be written to devices: each is executed at most once, or not at all. */
export function commandRoutes(hub: HubContext): readonly AnyRoute[] {
  const { writes } = hub;
  return [
    route({
      method: 'POST',
      path: '/commands',
      summary: 'Has a value written to a point, once; it waits for a gateway that is away until it expires',
      role: 'operator',
      body: z.object({
        point: z.string().describe('gateway/device/point'),
        value: valueSchema,
        expiresIn: duration({ least: 1000, most: WEEK_MS }).prefault('1m'),
        expect: valueSchema.optional().describe('write only if the device holds this now'),
        confirm: valueSchema.optional().describe('the value once more, of a point that is `dangerous`'),
      }),
      answer: command,
      status: 202,
      recorded: ['point', 'value', 'expiresIn', 'expect', 'confirm'],
      async handle({ body: { point: id, ...asked }, who, sees, act }) {
        const point = findPoint(hub, sees, id);
        act.note({ object: id, before: hub.latest.find(id)?.value ?? null });
        const isThere = hub.line.isThere(point.gateway);
        const given = await writes.command({ ...asked, point, by: who?.name ?? '', isThere });
        hub.line.wants(point.gateway);
        return shown(given);
      },
    }),
    route({
      method: 'GET',
      path: '/commands',
      summary: 'What was to be written, newest first: who, what, when, and what became of it',
      role: 'viewer',
      query: z.object({
        gateway: z.string().optional(),
        place: z.string().optional().describe('device, or device/point, of that gateway'),
        state: z.enum(COMMAND_STATES).optional(),
        limit: z.coerce.number().int().min(1).max(MOST_LISTED).default(100),
        cursor: z.coerce.number().int().optional(),
      }),
      answer: z.object({ commands: z.array(command), cursor: z.string().nullable() }),
      async handle({ query: { limit, cursor, ...filter }, sees }) {
        const listed = await writes.list(filter, limit, cursor);
        const last = listed.at(-1);
        return {
          commands: listed.filter(({ gateway }) => sees.gateway(gateway)).map(shown),
          cursor: listed.length < limit || last === undefined ? null : String(last.n),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/commands/:id',
      summary: 'How far a command is',
      role: 'viewer',
      params: z.object({ id: z.string() }),
      answer: command,
      async handle({ params: { id }, sees }) {
        const found = await writes.find(id);
        sees.need(found.gateway);
        return shown(found);
      },
    }),
  ];
}

function shown(given: StoredCommand): z.input<typeof command> {
  const { id, gateway, point, value, by, madeAt, expires, state, endedAt, before, readBack, code, detail } = given;
  return {
    ...{ id, point: `${gateway}/${point}`, value, by, madeAt, expires, state },
    ...{ endedAt: endedAt ?? null, before: before ?? null, readBack: readBack ?? null },
    reason: code === undefined ? null : { code, ...faultOf(code), ...(detail === undefined ? {} : { detail }) },
  };
}
