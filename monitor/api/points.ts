import { z } from 'zod';
import { catalogueSchema } from '../../cloud-sync/protocol/catalogue.ts';
import { FAULTS, Fault, type FaultCode } from '../../core/faults.ts';
import type { Sight } from '../auth/sight.ts';
import type { KnownPoint } from '../points.ts';
import type { HubContext } from './context.ts';
import { faultOf } from './gateways.ts';
import { type AnyRoute, route } from './route.ts';

export const readingSchema = z.object({
  at: z.number(),
  ageMs: z.number(),
  value: z.union([z.number(), z.boolean(), z.string()]).nullable(),
  quality: z.enum(['good', 'bad']),
  fault: z.string().optional(),
  text: z.string().optional().describe('the fault in words'),
  action: z.string().optional().describe('what to do about it'),
  stored: z.boolean().describe('false while it came by the live lane only'),
});

const deviceSchema = catalogueSchema.shape.devices.element.extend({ gateway: z.string(), id: z.string() });
const pointSchema = catalogueSchema.shape.points.element
  .omit({ number: true })
  .extend({ id: z.string(), gateway: z.string(), last: readingSchema.nullable() });

const ruleSchema = catalogueSchema.shape.rules.element.extend({ gateway: z.string() });

const filter = z.object({ gateway: z.string().optional(), device: z.string().optional() });

export function pointRoutes(hub: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/devices',
      summary: 'All devices',
      role: 'viewer',
      query: filter.pick({ gateway: true }),
      answer: z.object({ devices: z.array(deviceSchema) }),
      handle: async ({ query, sees }) => ({
        devices: hub.points
          .devices(query.gateway)
          .filter(({ gateway }) => sees.gateway(gateway))
          .map(({ gateway, device }) => ({ ...device, gateway, id: `${gateway}/${device.name}` })),
      }),
    }),
    route({
      method: 'GET',
      path: '/rules',
      summary: 'The alarm rules that the gateways watch, as their catalogues tell them',
      role: 'viewer',
      query: filter,
      answer: z.object({ rules: z.array(ruleSchema) }),
      handle: async ({ query: { gateway, device }, sees }) => ({
        rules: [...hub.points.catalogues()]
          .filter(([id]) => (gateway === undefined || id === gateway) && sees.gateway(id))
          .flatMap(([id, { rules }]) => rules.map((rule) => ({ ...rule, gateway: id })))
          .filter((rule) => device === undefined || rule.device === device),
      }),
    }),
    route({
      method: 'GET',
      path: '/points',
      summary: 'All points with their newest reading',
      role: 'viewer',
      query: filter,
      answer: z.object({ now: z.number(), points: z.array(pointSchema) }),
      handle: async ({ query, sees }) => ({
        now: hub.clock.now(),
        points: seen(hub.points.list(query.gateway, query.device), sees).map((point) => describePoint(hub, point)),
      }),
    }),
    route({
      method: 'GET',
      path: '/latest',
      summary: 'Newest reading of each point, with its age',
      role: 'viewer',
      query: filter.pick({ gateway: true }),
      answer: z.object({
        now: z.number(),
        latest: z.array(readingSchema.extend({ point: z.string(), unit: z.string().optional() })),
      }),
      handle: async ({ query, sees }) => ({
        now: hub.clock.now(),
        latest: seen(hub.points.list(query.gateway), sees).flatMap((point) => {
          const last = describeReading(hub, point.id);
          const unit = point.entry.unit === undefined ? {} : { unit: point.entry.unit };
          return last ? [{ point: point.id, ...unit, ...last }] : [];
        }),
      }),
    }),
    route({
      method: 'GET',
      path: '/faults',
      summary: 'Every fault a reading can carry: what it says and what to do',
      role: 'viewer',
      answer: z.object({
        faults: z.record(z.string(), z.object({ text: z.string(), action: z.string() })),
      }),
      handle: async () => ({
        faults: Object.fromEntries((Object.keys(FAULTS) as FaultCode[]).map((code) => [code, faultOf(code)])),
      }),
    }),
  ];
}

function seen(points: readonly KnownPoint[], sees: Sight): readonly KnownPoint[] {
  return sees.isAll ? points : points.filter(({ gateway }) => sees.gateway(gateway));
}

/** Throws Fault not-found. */
export function findPoint(hub: Pick<HubContext, 'points'>, sees: Sight, id: string): KnownPoint {
  const point = sees.place(id) ? hub.points.find(id) : undefined;
  if (!point) throw new Fault('not-found', `point ${id}`);
  return point;
}

function describePoint(hub: HubContext, { id, gateway, entry }: KnownPoint): z.input<typeof pointSchema> {
  const { number: _, ...rest } = entry;
  return { id, gateway, ...rest, last: describeReading(hub, id) };
}

export function describeReading(hub: HubContext, id: string): z.input<typeof readingSchema> | null {
  const last = hub.latest.find(id);
  if (!last) return null;
  const { at, value, fault, place } = last;
  return {
    at,
    ageMs: Math.max(0, hub.clock.now() - at),
    value,
    quality: fault === undefined ? 'good' : 'bad',
    ...(fault === undefined ? {} : { fault, ...faultOf(fault) }),
    stored: place !== undefined,
  };
}
