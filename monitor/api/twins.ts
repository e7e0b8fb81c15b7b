import { z } from 'zod';
import { TWIN_STATES, type TwinStand, type TwinWanted } from '../../cloud-sync/protocol/twins.ts';
import { valueSchema } from '../../cloud-sync/protocol/writes.ts';
import type { KnownPoint } from '../points.ts';
import type { HubContext } from './context.ts';
import { faultOf, knownGateway } from './gateways.ts';
import { describeReading, findPoint, readingSchema } from './points.ts';
import { type AnyRoute, route } from './route.ts';

const params = z.object({ gateway: z.string(), device: z.string() });

const desired = z.object({
  value: valueSchema,
  version: z.number().int().describe('it is written once for each'),
  enforce: z.boolean(),
  by: z.string(),
  at: z.number(),
  command: z.string().optional().describe('the command that gave it'),
});
const twin = z.object({
  version: z.number().int().describe('of all that is wanted of this gateway'),
  held: z.number().int().nullable().describe('the version that the gateway has; null: it has not said'),
  points: z.array(
    z.object({
      point: z.string(),
      desired: desired.nullable(),
      reported: readingSchema.nullable(),
      state: z
        .enum(['none', 'pending', ...TWIN_STATES])
        .describe('none: nothing is wanted; pending: the gateway does not have it yet'),
      reason: z
        .object({ code: z.string(), text: z.string(), action: z.string(), detail: z.string().optional() })
        .nullable(),
    }),
  ),
});

/** What the writable points of a device are to hold, and what they do hold. */
export function twinRoutes(hub: HubContext): readonly AnyRoute[] {
  const { writes } = hub;
  const shown = async (gateway: string, device: string): Promise<z.input<typeof twin>> => {
    const { wanted, stand } = await writes.twins(gateway);
    const points = hub.points.list(gateway, device).filter(({ entry }) => !entry.retired);
    const rows = points.flatMap((point) => {
      const is = wanted.document.points[`${device}/${point.entry.point}`];
      return is === undefined && !point.entry.writable ? [] : [rowOf(hub, point, is, stand)];
    });
    return { version: wanted.version, held: stand?.held.version ?? null, points: await Promise.all(rows) };
  };
  return [
    route({
      method: 'GET',
      path: '/twins/:gateway/:device',
      summary: 'What the writable points of a device are to hold, what they hold, and why not',
      role: 'viewer',
      params,
      answer: twin,
      async handle({ params: { gateway, device }, sees }) {
        await knownGateway(hub, sees, gateway);
        return shown(gateway, device);
      },
    }),
    route({
      method: 'PATCH',
      path: '/twins/:gateway/:device',
      summary: 'Wants values of points, as long as nobody wants others; null: nothing is wanted of a point any more',
      role: 'operator',
      params,
      body: z.object({
        from: z.number().int().optional().describe('the version that was looked at; another one is then refused'),
        desired: z.record(
          z.string(),
          z
            .object({
              value: valueSchema,
              enforce: z.boolean().optional().describe('correct later differences, and do not only report them'),
              confirm: valueSchema.optional().describe('the value once more, of a point that is `dangerous`'),
            })
            .nullable(),
        ),
      }),
      answer: twin,
      recorded: ['from', 'desired'],
      async handle({ params: { gateway, device }, body, who, sees }) {
        await knownGateway(hub, sees, gateway);
        const points = new Map(Object.entries(body.desired).map(([name, asked]) => [`${device}/${name}`, asked]));
        const change = { gateway, points, from: body.from, by: who?.name ?? '' };
        await writes.changeTwin(change, (place) => findPoint(hub, sees, `${gateway}/${place}`));
        hub.line.wants(gateway);
        return shown(gateway, device);
      },
    }),
  ];
}

async function rowOf(
  hub: HubContext,
  { id, entry }: KnownPoint,
  wanted: TwinWanted | undefined,
  stand: TwinStand | undefined,
) {
  const base = { point: entry.point, reported: describeReading(hub, id) };
  if (wanted === undefined) return { ...base, desired: null, state: 'none' as const, reason: null };
  const { value, version, enforce, by, at, command } = wanted;
  const desiredNow = { value, version, enforce, by, at, ...(command === undefined ? {} : { command }) };
  const told = stand?.points[`${entry.device}/${entry.point}`];
  if (told?.version === version && !(told.state === 'waiting' && command !== undefined))
    return { ...base, desired: desiredNow, state: told.state, reason: reasonOf(told) };
  // The gateway waits for a command that it may never get: what became of that is known here.
  const given = command === undefined ? undefined : await hub.writes.find(command).catch(() => undefined);
  const isOver = given !== undefined && given.state !== 'pending' && given.state !== 'sent' && given.state !== 'done';
  return isOver
    ? { ...base, desired: desiredNow, state: 'refused' as const, reason: reasonOf(given) }
    : { ...base, desired: desiredNow, state: 'pending' as const, reason: null };
}

function reasonOf({ code, detail }: { code?: Parameters<typeof faultOf>[0] | undefined; detail?: string | undefined }) {
  return code === undefined ? null : { code, ...faultOf(code), ...(detail === undefined ? {} : { detail }) };
}
