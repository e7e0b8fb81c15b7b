import { z } from 'zod';
import { parseTime } from '../../core/clock.ts';
import { Fault, isFault } from '../../core/faults.ts';
import { parseDuration } from '../../core/units.ts';
import type { Alarm } from '../alarms/alarm.ts';
import { type AlarmFilter, fits, isInList, LIST_STATES, mostUrgentFirst } from '../alarms/alarm-filter.ts';
import type { AfterAlarm } from '../alarms/alarm-history.ts';
import type { Asked } from '../alarms/desk.ts';
import { DAY_MS, toHealth } from '../alarms/kpi.ts';
import type { Sight } from '../auth/sight.ts';
import { readTold } from '../notify/told-log.ts';
import { alarmSchema, alarmsCsv, changeSchema, healthSchema } from './alarm-answer.ts';
import { alarmReplayRoutes } from './alarm-replay.ts';
import { alarmsInRoutes } from './alarms-in.ts';
import type { HubContext } from './context.ts';
import { toldSchema } from './notify.ts';
import { type AnyRoute, listOf, route } from './route.ts';

const MOST = 10_000;
/** Lines of who was told of one alarm; /notify/log has all. */
const MOST_TOLD = 200;
/** Shelving is for a while: a week at most, then somebody looks again. */
const LONGEST_SHELF_MS = 7 * DAY_MS;

const instant = z
  .string()
  .meta({ description: 'Unix milliseconds, or ISO 8601' })
  .transform((text, context) => {
    const at = parseTime(text);
    if (at === undefined) context.addIssue({ code: 'custom', message: 'expected Unix milliseconds or ISO 8601' });
    return at ?? 0;
  });

const shelfMs = z
  .string()
  .meta({ description: 'a duration such as 30m or 8h, a week at most' })
  .transform((text, context) => {
    const ms = parseDuration(text) ?? 0;
    if (ms >= 1000 && ms <= LONGEST_SHELF_MS) return ms;
    context.addIssue({ code: 'custom', message: 'expected a duration such as 30m or 8h, between 1s and 7d' });
    return z.NEVER;
  });

const listQuery = z.object({
  state: listOf(z.enum(LIST_STATES)).optional().describe('one or more; default: active,unacked'),
  gateway: z.string().optional(),
  device: z.string().optional(),
  priority: listOf(z.enum(['critical', 'high', 'medium', 'low'])).optional(),
  from: instant.optional().describe('raised at or after'),
  to: instant.optional().describe('raised before'),
  updatedFrom: instant.optional().describe('changed at or after: finds old alarms that were cleared since'),
  limit: z.coerce.number().int().min(1).max(MOST).default(500),
  cursor: z.string().optional(),
  format: z.enum(['json', 'csv']).optional().describe('instead of Accept, for a plain link'),
});
type ListQuery = z.output<typeof listQuery>;

const params = z.object({ id: z.string().max(300) });
const comment = z.string().max(1000).optional();
const says = z.object({ comment });
const page = z.object({ now: z.number(), alarms: z.array(alarmSchema), cursor: z.string().optional() });

export function alarmRoutes(hub: HubContext): readonly AnyRoute[] {
  return [...readingRoutes(hub), ...actionRoutes(hub), ...alarmsInRoutes(hub), ...alarmReplayRoutes(hub)];
}

function readingRoutes(hub: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/alarms',
      summary: 'Alarms in one of the states, most urgent first; the history newest first, in pages',
      role: 'viewer',
      query: listQuery,
      answer: page,
      media: ['text/csv'],
      async handle({ query, sees, request, reply }) {
        const found = await list(hub, query, sees);
        const wantsCsv = query.format === 'csv' || (query.format ?? request.headers.accept)?.includes('text/csv');
        if (!wantsCsv) return { now: hub.clock.now(), ...found };
        if (found.cursor !== undefined) reply.header('x-next-cursor', found.cursor);
        return reply
          .header('content-disposition', 'attachment; filename="alarms.csv"')
          .type('text/csv; charset=utf-8')
          .send(alarmsCsv(found.alarms));
      },
    }),
    route({
      method: 'GET',
      path: '/alarms/health',
      summary: 'Figures of the last day: rate, floods, standing and chattering alarms, who raises most',
      role: 'viewer',
      answer: healthSchema,
      handle: ({ sees }) => health(hub, sees),
    }),
    route({
      method: 'GET',
      path: '/alarms/:id',
      summary: 'One occurrence, with all that happened to it and who was told',
      role: 'viewer',
      params,
      answer: z.object({ alarm: alarmSchema, log: z.array(changeSchema), told: z.array(toldSchema) }),
      async handle({ params: { id }, sees }) {
        sees.needAlarm(id);
        const alarm = hub.desk.find(id) ?? (await hub.deskStore.findFiled(id));
        if (!alarm) throw new Fault('not-found', `alarm ${id}`);
        const log = await hub.deskStore.logOf(id);
        const told = await readTold(hub.database, { alarm: id, limit: MOST_TOLD });
        return {
          alarm,
          log: log.map(({ alarm: _, ...change }) => change),
          told: told.map(({ key: _, ...line }) => line),
        };
      },
    }),
  ];
}

async function list(hub: HubContext, query: ListQuery, sees: Sight): Promise<{ alarms: Alarm[]; cursor?: string }> {
  const { state: states = ['active', 'unacked'], limit, cursor } = query;
  const standing = states.filter((state) => state !== 'history');
  if (!states.includes('history')) {
    const isListed = (alarm: Alarm) =>
      sees.gateway(alarm.gateway) && standing.some((state) => isInList(alarm, state)) && fits(alarm, query);
    return { alarms: mostUrgentFirst(hub.desk.list().filter(isListed)).slice(0, limit) };
  }
  if (standing.length > 0)
    throw new Fault('request-invalid', 'query.state: `history` holds the others; ask for it alone');
  const gateways = sees.isAll ? undefined : [...hub.points.catalogues().keys()].filter((id) => sees.gateway(id));
  return historyPage(hub, { ...query, gateways }, limit, cursor === undefined ? undefined : parseCursor(cursor));
}

/** What is still open stands in the desk only, the rest in the archive: one order for both. */
async function historyPage(hub: HubContext, filter: AlarmFilter, limit: number, after?: AfterAlarm) {
  const open = hub.desk.unfiled().filter((alarm) => fits(alarm, filter) && (!after || isAfter(alarm, after)));
  const over = await hub.alarmHistory.page(filter, limit + 1, after);
  const known = new Set(over.map(({ id }) => id));
  const all = [...over, ...open.filter(({ id }) => !known.has(id))].sort(
    (a, b) => Math.round(b.raisedAt) - Math.round(a.raisedAt) || (a.id < b.id ? -1 : 1),
  );
  const alarms = all.slice(0, limit);
  const last = alarms.at(-1);
  return all.length > limit && last ? { alarms, cursor: `${Math.round(last.raisedAt)}.${last.id}` } : { alarms };
}

function isAfter({ raisedAt, id }: Alarm, after: AfterAlarm): boolean {
  const at = Math.round(raisedAt);
  return at < after.at || (at === after.at && id > after.id);
}

function parseCursor(text: string): AfterAlarm {
  const [, at, id] = /^(\d{1,16})\.(.+)$/.exec(text) ?? [];
  if (at === undefined || id === undefined) throw new Fault('request-invalid', 'query.cursor: not one of this list');
  return { at: Number(at), id };
}

async function health({ desk, alarmHistory, clock }: HubContext, sees: Sight): Promise<z.input<typeof healthSchema>> {
  const now = clock.now();
  const [raised, filed] = await Promise.all([
    alarmHistory.raisedSince(now - DAY_MS),
    alarmHistory.filedSince(now - DAY_MS),
  ]);
  const isSeen = ({ gateway }: Alarm) => sees.gateway(gateway);
  return toHealth(
    now,
    raised.filter(({ rule }) => sees.place(rule)),
    desk.list().filter(isSeen),
    filed.filter(isSeen),
  );
}

function actionRoutes(hub: HubContext): readonly AnyRoute[] {
  const { desk } = hub;
  const action = (name: string, summary: string, act: (id: string, asked: Asked) => Promise<Alarm>) =>
    route({
      method: 'POST',
      path: `/alarms/:id/${name}`,
      summary,
      role: 'operator',
      recorded: ['comment'],
      params,
      body: says,
      answer: alarmSchema,
      handle({ params: { id }, body, who, sees }) {
        sees.needAlarm(id);
        return act(id, { by: who?.name ?? '', comment: body.comment });
      },
    });
  return [
    action('ack', 'Acknowledges; one that is acknowledged already answers with who did it', (id, asked) =>
      desk.acknowledge(id, asked),
    ),
    route({
      method: 'POST',
      path: '/alarms/:id/shelve',
      summary: 'Silences the rule for a time, or until it next clears; it goes on being recorded',
      role: 'operator',
      recorded: ['for', 'untilClear', 'comment'],
      params,
      body: z
        .object({ for: shelfMs.optional(), untilClear: z.literal(true).optional(), comment })
        .refine((body) => (body.for === undefined) !== (body.untilClear === undefined), {
          message: 'needs one of `for` and `untilClear`',
        }),
      answer: alarmSchema,
      handle({ params: { id }, body, who, sees }) {
        sees.needAlarm(id);
        const forMs = body.for === undefined ? {} : { forMs: body.for };
        return desk.shelve(id, { by: who?.name ?? '', comment: body.comment, ...forMs });
      },
    }),
    action('unshelve', 'Ends shelving', (id, asked) => desk.unshelve(id, asked)),
    action('reset', 'Lets go of a latched alarm whose condition is over', (id, asked) => desk.reset(id, asked)),
    action('out-of-service', 'Takes the rule out of service until it is put back', (id, asked) =>
      desk.setOutOfService(id, true, asked),
    ),
    action('in-service', 'Puts the rule back into service', (id, asked) => desk.setOutOfService(id, false, asked)),
    route({
      method: 'POST',
      path: '/alarms/ack',
      summary: 'Acknowledges many; what could not be is listed with the reason',
      role: 'operator',
      recorded: ['ids', 'comment'],
      body: z.object({ ids: z.array(z.string().max(300)).min(1).max(1000), comment }),
      answer: z.object({
        alarms: z.array(alarmSchema),
        refused: z.array(z.object({ id: z.string(), code: z.string(), detail: z.string() })),
      }),
      handle: ({ body, who, sees }) =>
        acknowledgeAll(hub, body.ids, sees, { by: who?.name ?? '', comment: body.comment }),
    }),
  ];
}

async function acknowledgeAll({ desk }: HubContext, ids: readonly string[], sees: Sight, asked: Asked) {
  const acknowledge = async (id: string) => {
    sees.needAlarm(id);
    return desk.acknowledge(id, asked);
  };
  const results = await Promise.all(
    ids.map((id) =>
      acknowledge(id).then(
        (alarm) => ({ alarm }),
        (error: unknown) => {
          if (!isFault(error, 'not-found', 'alarm-unfit')) throw error;
          return { refused: { id, code: error.code, detail: error.message } };
        },
      ),
    ),
  );
  return {
    alarms: results.flatMap((result) => ('alarm' in result ? [result.alarm] : [])),
    refused: results.flatMap((result) => ('refused' in result ? [result.refused] : [])),
  };
}
