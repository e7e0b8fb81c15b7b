import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import { ROLES } from '../archive/people-store.ts';
import { ABSOLUTE_MS, type Identity } from '../auth/accounts.ts';
import { isLoopback } from '../auth/origin.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const whoSchema = z.object({ name: z.string(), role: z.enum(ROLES), demo: z.boolean() });

export function sessionRoutes(hub: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/me',
      summary: 'Who is asking',
      role: 'viewer',
      answer: whoSchema,
      async handle({ who }) {
        if (!who) throw new Fault('login-needed');
        return describe(who);
      },
    }),
    route({
      method: 'POST',
      path: '/login',
      summary: 'Begins a session; the cookie comes with the answer',
      role: 'anyone',
      body: z.object({ name: z.string().max(100), password: z.string().max(1024) }),
      answer: whoSchema,
      async handle({ body, request, reply }) {
        const { secret, identity } = await hub.accounts.login(body.name, body.password, request.ip);
        reply.setCookie(cookieName(request), secret, {
          path: '/',
          httpOnly: true,
          sameSite: 'strict',
          secure: request.protocol === 'https',
          maxAge: ABSOLUTE_MS / 1000,
        });
        return describe(identity);
      },
    }),
    route({
      method: 'POST',
      path: '/logout',
      summary: 'Ends the session',
      role: 'anyone',
      answer: z.object({}),
      async handle({ request, reply }) {
        const secret = request.cookies[cookieName(request)];
        if (secret !== undefined) await hub.accounts.logout(secret);
        reply.clearCookie(cookieName(request), { path: '/' });
        return {};
      },
    }),
  ];
}

/** Key before cookie before demo. A key that is wrong is an error, not a reason to look further. */
export async function identify(hub: HubContext, request: FastifyRequest): Promise<Identity | undefined> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const key = /^Bearer (\S+)$/i.exec(authorization)?.[1];
    const found = key === undefined ? undefined : await hub.accounts.findByKey(key);
    if (!found) throw new Fault('login-needed', 'the key is not known');
    return found;
  }
  const secret = request.cookies[cookieName(request)];
  const session = secret === undefined ? undefined : await hub.accounts.findBySession(secret);
  if (session) return session;
  if (hub.demo && isLoopback(request.socket.remoteAddress)) return { name: 'demo', role: 'operator', via: 'demo' };
  return undefined;
}

/** The prefix makes browsers refuse the cookie from anywhere but this host, over TLS. */
function cookieName(request: FastifyRequest): string {
  return request.protocol === 'https' ? '__Host-sluice' : 'sluice';
}

function describe({ name, role, via }: Identity): z.input<typeof whoSchema> {
  return { name, role, demo: via === 'demo' };
}
