import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import type { Notify } from '../notify/notify.ts';
import type { Sent } from '../notify/notify-store.ts';
import type { Sender } from '../notify/sender.ts';
import { readTold } from '../notify/told-log.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const sentSchema = z.object({
  id: z.string().describe('the delivery id that the receiver was given'),
  reason: z.enum(['alarm', 'flood', 'late', 'quiet', 'test']),
  state: z.enum(['waiting', 'delivered', 'given-up']),
  attempts: z.number().int(),
  createdAt: z.number(),
  doneAt: z.number().nullable(),
  error: z.string().nullable(),
  response: z.string().nullable().describe('what the receiver said'),
});

const receiverSchema = z.object({
  name: z.string(),
  kind: z.enum(['webhook', 'email', 'telegram', 'slack', 'alimtalk']),
  language: z.enum(['en', 'ko']),
  priorities: z.array(z.string()).nullable().describe('null: all'),
  state: z.enum(['idle', 'working', 'failing']),
  waiting: z.number().int().describe('messages on their way'),
  collecting: z.number().int().describe('notices that wait for others: a group, a digest, the end of quiet hours'),
  nextTry: z.number().nullable(),
  lastDelivered: sentSchema.nullable(),
  lastFailed: sentSchema.nullable(),
});

/** One line of who was told what and when. */
export const toldSchema = z.object({
  receiver: z.string(),
  what: z.enum(['raised', 'cleared', 'acknowledged', 're-alarm', 'escalated', 'flapping', 'settled', 'test']),
  alarm: z.string(),
  delivery: z.string(),
  reason: z.string(),
  at: z.number(),
  state: z.enum(['collecting', 'waiting', 'delivered', 'given-up']),
  attempts: z.number().int(),
  doneAt: z.number().nullable(),
  error: z.string().nullable(),
  response: z.string().nullable(),
});

const logQuery = z.object({
  receiver: z.string().max(63).optional(),
  alarm: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(600).optional(),
});

export function notifyRoutes(hub: HubContext): readonly AnyRoute[] {
  const { notify, database } = hub;
  return [
    route({
      method: 'GET',
      path: '/notify/receivers',
      summary: 'Receivers of notifications, and whether they take them',
      role: 'viewer',
      answer: z.object({ now: z.number(), receivers: z.array(receiverSchema) }),
      async handle() {
        const senders = [...notify.senders.values()];
        return { now: hub.clock.now(), receivers: senders.map((sender) => shown(notify, sender)) };
      },
    }),
    route({
      method: 'POST',
      path: '/notify/receivers/:name/test',
      summary: 'Sends a message that says it is a test, now and once; answers what became of it',
      role: 'admin',
      everywhere: true,
      params: z.object({ name: z.string().max(63) }),
      answer: sentSchema,
      async handle({ params: { name } }) {
        return sentAnswer(await notify.test(name));
      },
    }),
    route({
      method: 'GET',
      path: '/notify/log',
      summary: 'Who was told what and when, newest first, in pages',
      role: 'viewer',
      query: logQuery,
      answer: z.object({ told: z.array(toldSchema), cursor: z.string().optional() }),
      async handle({ query: { receiver, alarm, limit, cursor }, sees }) {
        const after = cursor === undefined ? undefined : parseCursor(cursor);
        const found = await readTold(database, { receiver, alarm, limit: limit + 1, after });
        const page = found.slice(0, limit);
        const last = page.at(-1);
        const seen = page.filter((line) => sees.alarm(line.alarm));
        const told = seen.map(({ key: _, ...line }) => line);
        return found.length > limit && last ? { told, cursor: `${last.at}.${last.key}` } : { told };
      },
    }),
  ];
}

function shown(notify: Notify, sender: Sender): z.input<typeof receiverSchema> {
  const { name, waiting, head, last, lastFailed } = sender;
  const settings = notify.settings.receivers[name];
  if (!settings) throw new Error(`no receiver ${name}`);
  const isFailing = (head?.attempts ?? 0) > 0 || (lastFailed?.doneAt ?? 0) > (last?.doneAt ?? 0);
  return {
    ...{ name, kind: settings.kind, language: settings.language, priorities: settings.priorities ?? null },
    state: isFailing ? 'failing' : waiting > 0 ? 'working' : 'idle',
    ...{ waiting, collecting: notify.collecting(name), nextTry: head && head.attempts > 0 ? head.nextAt : null },
    lastDelivered: last ? sentAnswer(last) : null,
    lastFailed: lastFailed ? sentAnswer(lastFailed) : null,
  };
}

function sentAnswer({
  id,
  reason,
  state,
  attempts,
  createdAt,
  doneAt,
  error,
  response,
}: Sent): z.input<typeof sentSchema> {
  return {
    ...{ id, reason, state, attempts, createdAt },
    ...{ doneAt: doneAt ?? null, error: error ?? null, response: response ?? null },
  };
}

function parseCursor(text: string): { readonly at: number; readonly key: string } {
  const [, at, key] = /^(\d{1,16})\.(.+)$/.exec(text) ?? [];
  if (at === undefined || key === undefined) throw new Fault('request-invalid', 'query.cursor: not one of this list');
  return { at: Number(at), key };
}
