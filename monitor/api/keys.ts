import { z } from 'zod';
import { duration } from '../../core/units.ts';
import type { ShownKey } from '../auth/keys.ts';
import type { HubContext } from './context.ts';
import { accessFields, atField, showAccess, shownAccess, toAccess } from './people-fields.ts';
import { type AnyRoute, route } from './route.ts';

const HOUR = 3_600_000;

/** What both the API and the command line ask for. */
export const newKey = z.object({
  name: z.string().min(1).max(63).describe('what it is for'),
  ...accessFields,
  ttl: duration({ least: HOUR, most: 5 * 366 * 24 * HOUR })
    .optional()
    .describe('how long it is good, such as 90d; left out: until it is revoked'),
});

const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  ...shownAccess,
  createdAt: atField,
  madeBy: z.string().nullable(),
  expiresAt: atField.nullable(),
  usedAt: atField.nullable().describe('to five minutes'),
  revokedAt: atField.nullable(),
});

/** What programs come with. */
export function keyRoutes({ accounts: { keys } }: HubContext): readonly AnyRoute[] {
  const admins = { role: 'admin', everywhere: true } as const;
  return [
    route({
      method: 'GET',
      path: '/keys',
      summary: 'API keys, newest first, also those that are over',
      ...admins,
      answer: z.object({ keys: z.array(keySchema) }),
      handle: async () => ({ keys: (await keys.list()).map(shownKey) }),
    }),
    route({
      method: 'POST',
      path: '/keys',
      summary: 'Makes an API key; it is shown this once',
      ...admins,
      recorded: ['name', 'role', 'sites', 'ttl'],
      body: newKey,
      answer: z.object({ id: z.string(), key: z.string() }),
      status: 201,
      async handle({ body, who, act }) {
        const access = toAccess(body);
        const made = await keys.create({ name: body.name, ...access, madeBy: who?.name ?? '', ttlMs: body.ttl });
        act.note({ object: made.id });
        return made;
      },
    }),
    route({
      method: 'POST',
      path: '/keys/:id/revoke',
      summary: 'Revokes an API key, at once and for good',
      ...admins,
      params: z.object({ id: z.string().max(64) }),
      answer: z.object({}),
      async handle({ params: { id }, act }) {
        act.note({ before: { name: await keys.revoke(id) } });
        return {};
      },
    }),
  ];
}

export function shownKey(key: ShownKey): z.input<typeof keySchema> {
  return {
    ...{ id: key.id, name: key.name, ...showAccess(key), createdAt: key.createdMs, madeBy: key.madeBy ?? null },
    ...{ expiresAt: key.expiresMs ?? null, usedAt: key.usedMs ?? null, revokedAt: key.revokedMs ?? null },
  };
}
