import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import { GATEWAY_ID } from '../../core/reading.ts';
import { duration } from '../../core/units.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const DAY = 86_400_000;
const gatewayId = z.string().regex(GATEWAY_ID);
const serial = z.string().regex(/^[0-9a-f]{2,64}$/);

export const tokenRequest = z.object({
  gateway: gatewayId.optional().describe('left out: one new id, never an enrolled one'),
  ttl: duration({ least: 60_000, most: 30 * DAY }).prefault('24h'),
});

export function enrolmentRoutes({ enrolment }: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/tokens',
      summary: 'Creates a join token; it is shown this once',
      role: 'admin',
      everywhere: true,
      recorded: ['gateway', 'ttl'],
      body: tokenRequest,
      answer: z.object({ token: z.string() }),
      status: 201,
      async handle({ body }) {
        const gateway = body.gateway === undefined ? {} : { gateway: body.gateway };
        return { token: await enrolment.createToken({ ...gateway, ttlMs: body.ttl }) };
      },
    }),
    route({
      method: 'POST',
      path: '/join',
      summary: "Signs a gateway's key for a join token",
      role: 'anyone',
      body: z.object({ token: z.string().max(512), id: gatewayId, csr: z.string().max(16_384) }),
      answer: z.object({ certificate: z.string(), ca: z.string(), mqtt: z.object({ port: z.number() }) }),
      // The desk limits attempts by itself.
      handle({ body, request, act }) {
        act.note({ who: body.id, object: body.id });
        return enrolment.join({ ...body, address: request.ip });
      },
    }),
    route({
      method: 'POST',
      path: '/gateways/:id/revoke',
      summary: 'Revokes the certificates of a gateway and ends its connection; it needs a new token to come back',
      role: 'admin',
      params: z.object({ id: gatewayId }),
      body: z.object({ serial: serial.optional().describe('this certificate and its key alone') }),
      answer: z.object({ revoked: z.number().int().describe('certificates') }),
      recorded: ['serial'],
      async handle({ params, body, sees }) {
        sees.need(params.id);
        const revoked = await enrolment.revoke(params.id, body.serial);
        if (revoked === 0) throw new Fault('not-found', `a certificate of gateway ${params.id}`);
        return { revoked };
      },
    }),
    route({
      method: 'GET',
      path: '/gateways/:id/certificates',
      summary: 'Every certificate the gateway was given',
      role: 'admin',
      params: z.object({ id: gatewayId }),
      answer: z.object({
        certificates: z.array(
          z.object({ serial, issuedAt: z.number(), notAfter: z.number(), revokedAt: z.number().nullable() }),
        ),
      }),
      async handle({ params, sees }) {
        sees.need(params.id);
        return { certificates: [...(await enrolment.certificates(params.id))] };
      },
    }),
    route({
      method: 'GET',
      path: '/ca.crt',
      summary: "The hub's CA certificate",
      role: 'anyone',
      answer: z.string(),
      media: ['application/x-pem-file'],
      handle: async ({ reply }) => reply.type('application/x-pem-file').send(enrolment.caPem),
    }),
  ];
}
