import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import { type Kept, receiverPlace, SMTP_PLACE, withPlace } from '../notify/kept-settings.ts';
import { shownSettings } from '../notify/shown-settings.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const MOST_SECRET = 16_384;

const source = z.enum(['hub.yaml', 'page']).describe('who says it; what hub.yaml says is changed there');
const fields = z.record(z.string(), z.json());
const secretKeys = z.array(z.string()).describe('which secrets there are; no call gives them out');
const turn = z.object({
  days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])),
  from: z.string(),
  to: z.string(),
  receivers: z.array(z.string()),
});

const answer = z.object({
  version: z.number().int().describe('of what people set in the page; 0: nothing yet'),
  problem: z.string().nullable().describe('why it does not hold as it stands'),
  timezone: z.object({ source, name: z.string(), isSet: z.boolean() }),
  receivers: z.array(z.object({ name: z.string(), source, settings: fields, secrets: secretKeys })),
  smtp: z.object({ source, settings: fields, secrets: secretKeys }).nullable(),
  rosters: z.array(z.object({ name: z.string(), source, timezone: z.string().nullable(), turns: z.array(turn) })),
  escalation: z.object({
    source,
    steps: z.array(z.object({ afterMs: z.number(), to: z.array(z.string()) })),
  }),
  heartbeat: z.object({ everyMs: z.number() }).nullable(),
});

const from = z.number().int().min(0).describe('the version that was changed');
const secrets = z
  .record(z.string(), z.string().trim().min(1).max(MOST_SECRET))
  .default({})
  .describe('by key, such as `token`; what is left out stays if the address does');
const params = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'expected a name such as night-shift'),
});
const saved = z.object({ version: z.number().int() });
const common = { method: 'POST', role: 'admin', everywhere: true, answer: saved } as const;

/** Receivers, rosters and the mail server as people set them in the page. What is saved holds at once. */
export function notifySettingsRoutes({ notifySettings: desk, clock }: HubContext): readonly AnyRoute[] {
  const change = async (version: number, who: string, edit: (kept: Kept) => Kept, given: Given = {}) => {
    const { place = '', secrets: held = {} } = given;
    for (const [key, text] of Object.entries(held)) checkSecret(place, key, text);
    const named = Object.fromEntries(Object.entries(held).map(([key, text]) => [`${place}.${key}`, text]));
    await desk.change({ from: version, by: who, at: clock.now(), edit, secrets: named });
    return { version: desk.version };
  };
  const refuseFile = (isOfFile: boolean, what: string) => {
    if (isOfFile) throw new Fault('request-invalid', `${what} stands in hub.yaml: change it there`);
  };
  return [
    route({
      method: 'GET',
      path: '/notify/settings',
      summary: 'Who is told of alarms, how and when: what hub.yaml says and what people set, without any secret',
      ...{ role: 'admin', everywhere: true, answer },
      async handle() {
        const { version, problem = null } = desk;
        return { version, problem, ...(shownSettings(desk) as Omit<z.input<typeof answer>, 'version' | 'problem'>) };
      },
    }),
    route({
      ...common,
      path: '/notify/settings/receivers/:name',
      summary: 'Adds or changes a receiver, written as in hub.yaml; secrets come by themselves and are never given out',
      ...{ params, body: z.object({ from, settings: fields, secrets, timezone: z.string().max(64).optional() }) },
      async handle({ params: { name }, body: { from, settings, secrets: given, timezone }, who, act }) {
        refuseFile(desk.base?.receivers[name] !== undefined, `receiver ${name}`);
        const place = receiverPlace(name);
        act.note({ after: recorded(settings, given) });
        const edit = (kept: Kept) => ({
          ...withPlace(kept, place, settings, Object.keys(given)),
          // Quiet hours are those of whoever sets them first, not of a machine that runs on UTC.
          ...(timezone === undefined || kept.timezone !== undefined ? {} : { timezone }),
        });
        return change(from, who?.name ?? '', edit, { place, secrets: given });
      },
    }),
    route({
      ...common,
      path: '/notify/settings/receivers/:name/remove',
      summary: 'Removes a receiver and its secrets; what waits for it is given up',
      ...{ params, body: z.object({ from }) },
      async handle({ params: { name }, body: { from }, who }) {
        refuseFile(desk.base?.receivers[name] !== undefined, `receiver ${name}`);
        if (desk.kept.receivers[name] === undefined) throw new Fault('not-found', `receiver ${name}`);
        return change(from, who?.name ?? '', (kept) => withPlace(kept, receiverPlace(name), undefined, []));
      },
    }),
    route({
      ...common,
      path: '/notify/settings/smtp',
      summary: 'The mail server, written as in hub.yaml; null: none',
      body: z.object({ from, settings: fields.nullable(), secrets }),
      async handle({ body: { from, settings, secrets: given }, who, act }) {
        refuseFile(desk.base?.smtp !== undefined, 'the mail server');
        act.note({ after: settings ? recorded(settings, given) : null });
        const edit = (kept: Kept) => withPlace(kept, SMTP_PLACE, settings ?? undefined, Object.keys(given));
        return change(from, who?.name ?? '', edit, { place: SMTP_PLACE, secrets: given });
      },
    }),
    route({
      ...common,
      path: '/notify/settings/plan',
      summary: 'Who is told when: rosters and escalation, written as in hub.yaml, and the time zone of both',
      body: z.object({
        from,
        timezone: z.string().max(64).optional(),
        roster: z.record(z.string(), fields),
        escalation: z.array(fields).max(20),
      }),
      recorded: ['timezone', 'roster', 'escalation'],
      async handle({ body: { from, timezone, roster, escalation }, who }) {
        const { base } = desk;
        refuseFile(timezone !== undefined && base !== undefined, 'the time zone');
        refuseFile(escalation.length > 0 && (base?.escalation.length ?? 0) > 0, 'the escalation');
        for (const name of Object.keys(roster)) refuseFile(base?.roster[name] !== undefined, `roster ${name}`);
        const zone = timezone === undefined ? {} : { timezone };
        return change(from, who?.name ?? '', (kept) => ({ ...kept, ...zone, roster, escalation }));
      },
    }),
  ];
}

interface Given {
  readonly place?: string;
  readonly secrets?: Readonly<Record<string, string>>;
}

/** What is wrong with a secret is said without it. */
function checkSecret(place: string, key: string, text: string): void {
  const say = (what: string) => {
    throw new Fault('request-invalid', `${place}.${key}: ${what}`);
  };
  const lines = text.split('\n').map((line) => line.trim());
  if (key === 'url' && !(/^https?:\/\/\S+$/.test(text) && URL.canParse(text))) say('expected http://… or https://…');
  if (key === 'ca' && !lines.some((line) => line.startsWith('-----BEGIN CERTIFICATE'))) say('is no certificate (PEM)');
  if (key === 'headers' && !lines.every((line) => /^[\w-]+:\s*\S.*$/.test(line)))
    say('expected lines like x-api-key: KEY');
  if (key !== 'ca' && key !== 'headers' && lines.length > 1) say('expected one line');
}

/** What of them the audit log holds: whom and what, no text in which somebody may have put a secret. */
function recorded({ kind, to, chat, host, priorities, language }: Kept['receivers'][string], secrets: object) {
  const given = { kind, to, chat, host, priorities, language, secrets: Object.keys(secrets) };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
