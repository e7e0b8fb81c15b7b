import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import type { Sight } from '../auth/sight.ts';
import { PERIODS } from '../energy/energy.ts';
import type { Group } from '../energy/settings.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, listOf, route } from './route.ts';
import { checkedSpan, instant } from './span.ts';

const MOST_PERIODS = 5000;

const titles = z.object({ en: z.string().optional(), ko: z.string().optional() });
const groupSchema = z.object({
  name: z.string(),
  title: titles,
  meters: z.array(z.string()),
  target: z.number().optional().describe('kW, mean of a window'),
});

const reportSchema = z.object({
  by: z.enum(PERIODS),
  timezone: z.string(),
  unit: z.literal('kWh'),
  groups: z.array(
    z.object({
      ...groupSchema.shape,
      columns: z.array(z.string()),
      rows: z
        .array(z.tuple([z.number(), z.number().nullable(), z.number()]))
        .describe('start, kWh (null: nothing is known), ms of which nothing is known'),
      total: z.number().describe('kWh of all rows and of `unplaced`'),
      unplaced: z.number().describe('kWh used in a silence over several rows: in none of them'),
      missing: z.array(z.object({ meter: z.string(), from: z.number(), to: z.number(), why: z.string() })),
    }),
  ),
});

const demandSchema = z.object({
  now: z.number(),
  demand: z.array(
    z.object({
      group: z.string(),
      title: titles,
      from: z.number(),
      to: z.number(),
      kwh: z.number(),
      missingMs: z.number(),
      recentKw: z.number().nullable(),
      forecastKw: z.number().nullable(),
      targetKw: z.number().optional(),
      allowedKw: z.number().optional(),
      state: z.enum(['unknown', 'below', 'forecast-above', 'above']),
    }),
  ),
});

export function energyRoutes(hub: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/energy',
      summary: 'kWh of meters and groups by demand window, hour, day or month of the site; what is not known is named',
      role: 'viewer',
      query: z.object({
        from: instant.optional().describe('default: a day before `to`; the period that holds it is whole'),
        to: instant.optional().describe('not included; default: now'),
        by: z.enum(PERIODS).default('hour'),
        group: listOf(z.string()).optional().describe('groups and meters; default: all groups'),
      }),
      answer: reportSchema,
      async handle({ query: { by, group, ...given }, sees }) {
        const span = checkedSpan(given, hub.clock.now());
        const edges = hub.energy.edges(span, by, MOST_PERIODS);
        if (edges === undefined) {
          throw new Fault('request-invalid', `query.by: more than ${MOST_PERIODS} rows; use a longer period`);
        }
        const reports = await Promise.all(
          findGroups(hub, sees, group).map((each) => hub.energy.report(each, edges, by)),
        );
        return {
          by,
          timezone: hub.energy.zone,
          unit: 'kWh' as const,
          groups: reports.map(({ group: own, buckets, missing, unplaced }) => ({
            ...describeGroup(own),
            columns: ['at', 'kwh', 'missingMs'],
            rows: buckets.map(({ at, kwh, missingMs }): [number, number | null, number] => [at, kwh, missingMs]),
            total: buckets.reduce((sum, { kwh }) => sum + (kwh ?? 0), unplaced),
            unplaced,
            missing: [...missing],
          })),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/demand',
      summary: 'The demand window that is running: energy so far, where it will end, what the target still allows',
      role: 'viewer',
      query: z.object({ group: listOf(z.string()).optional() }),
      answer: demandSchema,
      handle: async ({ query, sees }) => ({
        now: hub.clock.now(),
        demand: await Promise.all(
          findGroups(hub, sees, query.group).map(async (group) => ({
            ...{ group: group.name, title: describeGroup(group).title },
            ...(await hub.energy.demand(group)),
          })),
        ),
      }),
    }),
  ];
}

/** A group with one meter that is not to be seen is not to be seen: a part of its sum would be taken for all. */
function findGroups({ energy }: HubContext, sees: Sight, names: readonly string[] | undefined): readonly Group[] {
  const groups = energy.groups.filter((group) => energy.pointsOf(group).every((id) => sees.place(id)));
  if (names === undefined) return groups;
  return names.map((name) => {
    const found = groups.find((group) => group.name === name);
    if (!found) throw new Fault('not-found', `group or meter ${name}`);
    return found;
  });
}

function describeGroup({ name, title: { en, ko }, meters, target }: Group): z.input<typeof groupSchema> {
  const title = { ...(en === undefined ? {} : { en }), ...(ko === undefined ? {} : { ko }) };
  return { name, title, meters: [...meters], ...(target === undefined ? {} : { target }) };
}
