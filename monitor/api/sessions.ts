import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import { hasRole, type Identity, isEverywhere } from '../auth/access.ts';
import type { ShownSession } from '../auth/sessions.ts';
import type { HubContext } from './context.ts';
import { atField } from './people-fields.ts';
import { type AnyRoute, route } from './route.ts';
import { needWho } from './session.ts';

const sessionSchema = z.object({
  id: z.string(),
  name: z.string(),
  via: z.enum(['password', 'oidc']),
  createdAt: atField,
  usedAt: atField.describe('to five minutes'),
  address: z.string().nullable(),
  browser: z.string().nullable().describe('as it calls itself'),
  isThis: z.boolean().describe('the one that asks'),
});

/** Who is logged in: one's own, and for administrators everybody's. */
export function sessionsRoutes({ accounts: { sessions } }: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/sessions',
      summary: 'Sessions, newest use first: one’s own, or all of the hub for its administrators',
      role: 'viewer',
      query: z.object({ all: z.stringbool().default(false) }),
      answer: z.object({ sessions: z.array(sessionSchema) }),
      async handle({ query, who }) {
        const asks = needWho(who);
        if (query.all && !mayAll(asks)) throw new Fault('forbidden', 'this needs the role admin and all sites');
        const found = query.all ? await sessions.list() : hasSessions(asks) ? await sessions.list(asks.name) : [];
        return { sessions: found.map((session) => shown(session, asks)) };
      },
    }),
    route({
      method: 'POST',
      path: '/sessions/:id/end',
      summary: 'Ends a session, and what is open for it, at once',
      role: 'viewer',
      params: z.object({ id: z.string().max(64) }),
      answer: z.object({}),
      async handle({ params: { id }, who, act }) {
        const asks = needWho(who);
        if (!mayAll(asks) && !hasSessions(asks)) throw new Fault('not-found', `session ${id}`);
        act.note({ after: { endedOf: await sessions.end(id, mayAll(asks) ? undefined : asks.name) } });
        return {};
      },
    }),
  ];
}

function mayAll(who: Identity): boolean {
  return hasRole(who, 'admin') && isEverywhere(who);
}

/** A key may be called as a user is, and is not them. */
function hasSessions({ via }: Identity): boolean {
  return via === 'session' || via === 'oidc';
}

function shown(session: ShownSession, { ref }: Identity): z.input<typeof sessionSchema> {
  const { id, name, via, createdMs, usedMs, address, browser } = session;
  const from = { address: address ?? null, browser: browser ?? null };
  return { id, name, via, createdAt: createdMs, usedAt: usedMs, ...from, isThis: id === ref };
}
