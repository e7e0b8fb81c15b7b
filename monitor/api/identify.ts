import type { FastifyReply, FastifyRequest } from 'fastify';
import { Fault } from '../../core/faults.ts';
import type { Identity } from '../auth/access.ts';
import { isLoopback } from '../auth/origin.ts';
import { ABSOLUTE_MS, type Origin } from '../auth/sessions.ts';
import type { HubContext } from './context.ts';

/** Key before cookie before demo. A key that is wrong is an error, not a reason to look further. */
export async function identify(hub: HubContext, request: FastifyRequest): Promise<Identity | undefined> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const key = /^Bearer (\S+)$/i.exec(authorization)?.[1];
    const found = key === undefined ? undefined : await hub.accounts.keys.find(key);
    if (!found) throw new Fault('login-needed', 'the key is not known, revoked or over');
    return found;
  }
  const secret = sessionSecret(request);
  const session = secret === undefined ? undefined : await hub.accounts.sessions.find(secret, request.ip);
  if (session) return session;
  if (hub.demo && isLoopback(request.socket.remoteAddress))
    return { name: 'demo', role: 'admin', sites: undefined, via: 'demo', ref: '' };
  return undefined;
}

export function originOf(request: FastifyRequest): Origin {
  return { address: request.ip, browser: request.headers['user-agent'] };
}

export function sessionSecret(request: FastifyRequest): string | undefined {
  return request.cookies[cookieName(request)];
}

export function giveSession(request: FastifyRequest, reply: FastifyReply, secret: string): void {
  reply.setCookie(cookieName(request), secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
    maxAge: ABSOLUTE_MS / 1000,
  });
}

export function takeSession(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(cookieName(request), { path: '/' });
}

/** The prefix makes browsers refuse the cookie from anywhere but this host, over TLS. */
function cookieName(request: FastifyRequest): string {
  return request.protocol === 'https' ? '__Host-sluice' : 'sluice';
}
