import { z } from 'zod';
import { GATEWAY_ID } from '../../core/reading.ts';
import { duration } from '../../core/units.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const DAY = 86_400_000;
const gatewayId = z.string().regex(GATEWAY_ID);

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
      handle: ({ body, request }) => enrolment.join({ ...body, address: request.ip }),
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
