import { z } from 'zod';
import type { HubContext } from './context.ts';
import { giveSession, originOf } from './identify.ts';
import { languageField, nameField, passwordField, zoneField } from './people-fields.ts';
import { type AnyRoute, route } from './route.ts';
import { describeWho, whoSchema } from './session.ts';

/** How one comes in: what the page of somebody who has not logged in must know. */
export function setupRoutes(hub: HubContext): readonly AnyRoute[] {
  const { accounts, setup } = hub;
  return [
    route({
      method: 'GET',
      path: '/entrance',
      summary: 'How one comes in: by password, by single sign-on, or as the first user',
      role: 'anyone',
      answer: z.object({
        setup: z.boolean().describe('nobody can log in yet: POST /setup makes the first user'),
        sso: z
          .string()
          .nullable()
          .describe('what the provider of single sign-on is called: GET /oidc/login leads there'),
      }),
      handle: async () => ({ setup: await setup.isNeeded(), sso: hub.oidc?.name ?? null }),
    }),
    route({
      method: 'POST',
      path: '/setup',
      summary: 'Makes the first user, who administers the hub, for the code that the hub printed; begins their session',
      role: 'anyone',
      body: z.object({
        code: z.string().max(100),
        name: nameField,
        password: passwordField,
        language: languageField.optional(),
        timezone: zoneField.optional(),
      }),
      answer: whoSchema,
      status: 201,
      async handle({ body: { code, ...owner }, act, request, reply }) {
        await setup.check(code, request.ip);
        act.by(owner.name, 'session');
        act.note({ object: owner.name });
        await act.begin();
        await setup.create(owner);
        const user = { name: owner.name, role: 'admin', sites: undefined, via: 'password' } as const;
        const { secret, identity } = await accounts.sessions.begin(user, originOf(request));
        giveSession(request, reply, secret);
        return describeWho(hub, identity);
      },
    }),
  ];
}
