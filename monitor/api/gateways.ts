import { z } from 'zod';
import { type KubeEdgeStatus, kubeedgeStatusSchema } from '../../cloud-sync/protocol/kubeedge-status.ts';
import { statusSchema } from '../../cloud-sync/protocol/messages.ts';
import { seqToJson } from '../../cloud-sync/protocol/numbers.ts';
import { FAULTS, Fault, type FaultCode } from '../../core/faults.ts';
import { readGaps } from '../archive/gaps.ts';
import type { Sight } from '../auth/sight.ts';
import { cursorOf } from '../fleet/fleet.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const channelSchema = statusSchema.shape.channels.unwrap().element;
const faultText = z.object({ text: z.string(), action: z.string() });

const kubeedgeSchema = kubeedgeStatusSchema.extend({
  problem: faultText.optional(),
  devices: z.array(kubeedgeStatusSchema.shape.devices.element.extend({ problem: faultText.optional() })),
  others: z.array(kubeedgeStatusSchema.shape.others.unwrap().element.extend({ problem: faultText })).optional(),
});

const gatewaySchema = z.object({
  id: z.string(),
  site: z.string().nullable(),
  timezone: z.string().nullable(),
  state: z.enum(['online', 'late', 'offline']),
  lastSeen: z.number().nullable(),
  version: z.string().nullable(),
  epoch: z.string().nullable(),
  cursor: z.string().nullable().describe('next sequence number the hub expects'),
  backlog: z.number().nullable(),
  oldestUnsent: z.number().nullable(),
  clockOffsetMs: z.number().nullable(),
  devices: z.number().int(),
  points: z.number().int(),
  cloned: z.boolean().describe('a second gateway with this id was refused within the last hour'),
  stuckSince: z.number().nullable().describe('frames do not get on although the hub is there'),
  activeAlarms: z.number().int().describe('alarms of this gateway that are active'),
  channels: z.array(channelSchema.extend({ problem: faultText.optional() })),
  kubeedge: kubeedgeSchema
    .nullable()
    .describe('of a gateway that is a mapper of a KubeEdge node; its devices are those of Device objects'),
});

const gapSchema = z.object({
  gateway: z.string(),
  epoch: z.string(),
  from: z.string(),
  to: z.string(),
  count: z.string(),
  reason: z.string(),
  declaredAt: z.number(),
  points: z.record(z.string(), z.number()).optional(),
});

export function gatewayRoutes(hub: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/gateways',
      summary: 'All gateways with the state of their link',
      role: 'viewer',
      answer: z.object({ gateways: z.array(gatewaySchema) }),
      handle: async ({ sees }) => ({
        gateways: await Promise.all((await gatewayIds(hub, sees)).map((id) => describeGateway(hub, id))),
      }),
    }),
    route({
      method: 'GET',
      path: '/gateways/:id',
      summary: 'One gateway',
      role: 'viewer',
      params: z.object({ id: z.string() }),
      answer: gatewaySchema,
      async handle({ params, sees }) {
        await knownGateway(hub, sees, params.id);
        return describeGateway(hub, params.id);
      },
    }),
    route({
      method: 'GET',
      path: '/gaps',
      summary: 'Declared losses, newest first',
      role: 'viewer',
      query: z.object({ gateway: z.string().optional() }),
      answer: z.object({ gaps: z.array(gapSchema) }),
      async handle({ query, sees }) {
        const gaps = (await readGaps(hub.database, query.gateway)).filter(({ gateway }) => sees.gateway(gateway));
        return {
          gaps: gaps.map((gap) => ({
            ...gap,
            from: seqToJson(gap.from),
            to: seqToJson(gap.to),
            count: seqToJson(gap.to - gap.from),
          })),
        };
      },
    }),
  ];
}

/** Throws Fault not-found. */
export async function knownGateway(hub: HubContext, sees: Sight, id: string): Promise<void> {
  if (!(await gatewayIds(hub, sees)).includes(id)) throw new Fault('not-found', `gateway ${id}`);
}

/** Enrolled, heard of, or known from their catalogue: each is shown. */
async function gatewayIds(hub: HubContext, sees: Sight): Promise<readonly string[]> {
  const ids = [...(await hub.enrolled()), ...hub.fleet.gateways(), ...hub.points.catalogues().keys()];
  return [...new Set(ids)].filter((id) => sees.gateway(id)).sort();
}

async function describeGateway(hub: HubContext, id: string): Promise<z.input<typeof gatewaySchema>> {
  const link = hub.fleet.link(id);
  const catalogue = hub.points.findCatalogue(id);
  const cursors = await hub.archive.cursors(id);
  const next = cursorOf(cursors, link.epoch);
  return {
    id,
    site: catalogue?.site ?? null,
    timezone: catalogue?.timezone ?? null,
    ...link,
    epoch: link.epoch ?? cursors.at(-1)?.epoch ?? null,
    cursor: next === null ? null : seqToJson(next),
    activeAlarms: hub.desk.active(id),
    devices: catalogue?.devices.length ?? 0,
    points: hub.points.list(id).filter((point) => !point.entry.retired).length,
    channels: link.channels.map((channel) => ({
      ...channel,
      ...(channel.fault ? { problem: faultOf(channel.fault) } : {}),
    })),
    kubeedge: link.kubeedge && describeKubeEdge(link.kubeedge),
  };
}

function describeKubeEdge(status: KubeEdgeStatus): z.input<typeof kubeedgeSchema> {
  return {
    ...status,
    ...(status.fault ? { problem: faultOf(status.fault) } : {}),
    devices: status.devices.map((device) => ({ ...device, ...(device.code ? { problem: faultOf(device.code) } : {}) })),
    others: status.others?.map((other) => ({ ...other, problem: faultOf(other.code) })),
  };
}

export function faultOf(code: FaultCode): { text: string; action: string } {
  const { text, action } = FAULTS[code];
  return { text, action };
}
