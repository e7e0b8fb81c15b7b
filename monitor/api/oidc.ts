import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import { TICKET_MS } from '../auth/oidc.ts';
import type { HubContext } from './context.ts';
import { giveSession, originOf } from './identify.ts';
import { type AnyRoute, API, route } from './route.ts';

const COOKIE = 'sluice-oidc';
const PATH = `${API}/oidc`;

/** Single sign-on: to the provider and back. Browsers come here by links, so that refusals lead to the login page. */
export function oidcRoutes(hub: HubContext): readonly AnyRoute[] {
  const need = () => {
    if (!hub.oidc) throw new Fault('not-found', 'single sign-on');
    return hub.oidc;
  };
  return [
    route({
      method: 'GET',
      path: '/oidc/login',
      summary: 'Sends the browser to the provider of single sign-on',
      role: 'anyone',
      answer: z.unknown(),
      refused: (fault, reply) => reply.redirect(loginPage(fault)),
      async handle({ request, reply }) {
        const { url, ticket } = await need().begin(redirectUri(hub, request));
        reply.setCookie(COOKIE, ticket, {
          ...{ path: PATH, httpOnly: true, secure: request.protocol === 'https', maxAge: TICKET_MS / 1000 },
          // It must come along when the provider's page leads back here.
          sameSite: 'lax',
        });
        return reply.redirect(url.href);
      },
    }),
    route({
      method: 'GET',
      path: '/oidc/callback',
      summary: 'Where the provider sends the browser back to: begins a session',
      role: 'anyone',
      changes: true,
      answer: z.unknown(),
      refused: (fault, reply) => reply.redirect(loginPage(fault)),
      async handle({ act, request, reply }) {
        const ticket = request.cookies[COOKIE] ?? '';
        reply.clearCookie(COOKIE, { path: PATH });
        const { name, role, sites, subject } = await need()
          .finish(ticket, request.url)
          .catch((error: unknown) => {
            act.note({ why: error instanceof Fault ? error.message : '' });
            throw error;
          });
        act.by(name, 'oidc');
        act.note({ after: { subject, role, sites: sites ?? null } });
        // Two people of one name could not be told apart in what they did.
        if (await hub.accounts.findUser(name)) {
          act.note({ why: `a user of this hub is called ${name}` });
          throw new Fault('sso-refused', `a user of this hub is called ${name}`);
        }
        await act.begin();
        const who = { name, role, sites, via: 'oidc' } as const;
        const { secret } = await hub.accounts.sessions.begin(who, originOf(request));
        giveSession(request, reply, secret);
        return reply.redirect('/');
      },
    }),
  ];
}

/** As it is registered at the provider. The Host header was checked before. */
function redirectUri({ publicUrl }: HubContext, request: FastifyRequest): string {
  const base = publicUrl ?? `${request.protocol}://${request.headers.host}`;
  return `${base.replace(/\/$/, '')}${PATH}/callback`;
}

function loginPage({ code }: Fault): string {
  return `/#/?sso=${code === 'sso-unreachable' ? 'unreachable' : 'refused'}`;
}
