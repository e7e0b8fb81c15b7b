import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { problemSchema as settingsProblem } from '../../cloud-sync/protocol/downlink.ts';
import { FAULTS, type Fault, type FaultCode } from '../../core/faults.ts';
import { SettingsFault } from '../../core/settings.ts';
import { LoginWait } from '../auth/accounts.ts';

/** Anything not named here is our own failure. */
const STATUS: Partial<Record<FaultCode, number>> = {
  'request-invalid': 400,
  'csr-refused': 400,
  'login-needed': 401,
  'login-refused': 401,
  forbidden: 403,
  'request-foreign': 403,
  'token-refused': 403,
  'setup-refused': 403,
  'sso-refused': 403,
  'sso-unreachable': 502,
  'last-admin': 409,
  'renewal-refused': 403,
  'not-found': 404,
  'alarm-unfit': 409,
  'document-changed': 409,
  'config-not-ours': 409,
  'rollout-unfit': 422,
  'rollout-busy': 409,
  'rollout-over': 409,
  'settings-invalid': 422,
  'gateway-away': 409,
  'not-writable': 409,
  'value-unfit': 422,
  'write-confirm': 422,
  'picture-refused': 422,
  'pictures-full': 503,
  'archive-write': 503,
};

/** RFC 9457, with our fault's code and what to do. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  code: z.string(),
  action: z.string(),
  problems: z.array(settingsProblem).optional().describe('of a configuration, by line'),
});
export type Problem = z.output<typeof problemSchema>;

function toProblem(fault: Fault): Problem {
  const status = fault instanceof LoginWait ? 429 : (STATUS[fault.code] ?? 500);
  const title = FAULTS[fault.code].text;
  return {
    type: `urn:sluice:fault:${fault.code}`,
    title,
    status,
    ...(fault.message === title ? {} : { detail: fault.message.slice(title.length + 2) }),
    code: fault.code,
    action: fault.action,
    ...(fault instanceof SettingsFault ? { problems: fault.problems.map(({ file: _, ...rest }) => rest) } : {}),
  };
}

export function sendProblem(reply: FastifyReply, fault: Fault): FastifyReply {
  const problem = toProblem(fault);
  if (fault instanceof LoginWait) reply.header('retry-after', Math.ceil(fault.waitMs / 1000));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}
