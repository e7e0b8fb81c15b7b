import { z } from 'zod';
import { Fault, isFault } from '../../core/faults.ts';
import type { Identity } from '../auth/access.ts';
import type { HubContext } from './context.ts';
import { giveSession, originOf, sessionSecret, takeSession } from './identify.ts';
import { languageField, passwordField, showAccess, shownAccess, zoneField } from './people-fields.ts';
import { type AnyRoute, route } from './route.ts';

export const whoSchema = z.object({
  name: z.string(),
  ...shownAccess,
  via: z.enum(['session', 'oidc', 'key', 'demo']),
  demo: z.boolean(),
  language: languageField.nullable().describe('as chosen; null: not yet'),
  timezone: z.string().nullable(),
});

export function sessionRoutes(hub: HubContext): readonly AnyRoute[] {
  return [...comingAndGoing(hub), ...ownRoutes(hub)];
}

function comingAndGoing(hub: HubContext): readonly AnyRoute[] {
  const { accounts } = hub;
  return [
    route({
      method: 'POST',
      path: '/login',
      summary: 'Begins a session; the cookie comes with the answer',
      role: 'anyone',
      body: z.object({ name: z.string().max(100), password: passwordField }),
      answer: whoSchema,
      async handle({ body, act, request, reply }) {
        const user = await accounts.prove(body.name, body.password, request.ip).catch(async (error: unknown) => {
          // A name that is none may be a password in the wrong field: it is not written down.
          if (isFault(error) && (await accounts.findUser(body.name))) act.note({ who: body.name });
          throw error;
        });
        act.by(user.name, 'session');
        await act.begin();
        const { secret, identity } = await accounts.sessions.begin({ ...user, via: 'password' }, originOf(request));
        giveSession(request, reply, secret);
        return describeWho(hub, identity);
      },
    }),
    route({
      method: 'POST',
      path: '/logout',
      summary: 'Ends the session',
      role: 'anyone',
      answer: z.object({}),
      async handle({ request, reply }) {
        const secret = sessionSecret(request);
        if (secret !== undefined) await accounts.sessions.endBySecret(secret);
        takeSession(request, reply);
        return {};
      },
    }),
  ];
}

function ownRoutes(hub: HubContext): readonly AnyRoute[] {
  const { accounts } = hub;
  return [
    route({
      method: 'GET',
      path: '/me',
      summary: 'Who is asking',
      role: 'viewer',
      answer: whoSchema,
      handle: ({ who }) => describeWho(hub, needWho(who)),
    }),
    route({
      method: 'POST',
      path: '/me',
      summary: 'Keeps how one likes to see the page',
      role: 'viewer',
      recorded: ['language', 'timezone'],
      body: z.object({ language: languageField.optional(), timezone: zoneField.optional() }),
      answer: whoSchema,
      async handle({ body: { language, timezone }, who }) {
        const user = needUser(who);
        await accounts.setLikes(user.name, { language, timezone });
        return describeWho(hub, user);
      },
    }),
    route({
      method: 'POST',
      path: '/me/password',
      summary: "Changes one's own password; every other session ends",
      role: 'viewer',
      body: z.object({ current: passwordField, password: passwordField }),
      answer: z.object({}),
      async handle({ body, who, request }) {
        await accounts.changePassword(needUser(who), body, request.ip);
        return {};
      },
    }),
  ];
}

export function needWho(who: Identity | undefined): Identity {
  if (!who) throw new Fault('login-needed');
  return who;
}

/** Somebody with a password here. A key may be called as a user is, and is not them. Throws Fault forbidden. */
export function needUser(who: Identity | undefined): Identity {
  if (who?.via !== 'session') throw new Fault('forbidden', 'only a user who logged in with a password here has this');
  return who;
}

export async function describeWho({ accounts }: HubContext, who: Identity): Promise<z.input<typeof whoSchema>> {
  const user = who.via === 'session' ? await accounts.findUser(who.name) : undefined;
  const language = languageField.safeParse(user?.language);
  return {
    ...{ name: who.name, ...showAccess(who), via: who.via, demo: who.via === 'demo' },
    ...{ language: language.success ? language.data : null, timezone: user?.timezone ?? null },
  };
}
