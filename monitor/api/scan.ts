import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import type { Sight } from '../auth/sight.ts';
import type { Order } from '../fleet/orders.ts';
import type { HubContext } from './context.ts';
import { knownGateway } from './gateways.ts';
import { type AnyRoute, route } from './route.ts';

const params = z.object({ id: z.string() });
const order = z.object({
  id: z.string(),
  kind: z.string(),
  state: z.enum(['sent', 'running', 'done', 'failed', 'refused', 'cancelled', 'unknown']),
  code: z.string().optional(),
  detail: z.string().optional(),
  progress: z.object({ done: z.number(), total: z.number() }).optional(),
  body: z.unknown().optional().describe('what was found so far'),
});
const line = z
  .record(z.string(), z.unknown())
  .describe('an entry of `channels:`; one that the gateway has is asked between its polls');

/** What only the gateway can find out: it is asked at once, reads and never writes, and answers bit by bit. */
export function scanRoutes(hub: HubContext): readonly AnyRoute[] {
  const give = async (sees: Sight, gateway: string, kind: string, by: string, more: object) => {
    await knownGateway(hub, sees, gateway);
    const command = hub.orders.open(gateway, kind, by, more);
    if (hub.line.command(gateway, command)) return { id: command.id };
    hub.orders.drop(command.id);
    throw new Fault('gateway-away', gateway);
  };
  const ordered = z.object({ id: z.string().describe('of the order; its progress is at `orders/{id}`') });
  return [
    route({
      method: 'POST',
      path: '/gateways/:id/ports',
      summary: 'Has the gateway look which serial ports it has',
      role: 'admin',
      changes: false,
      params,
      answer: ordered,
      status: 202,
      handle: ({ params: { id }, who, sees }) => give(sees, id, 'ports', who?.name ?? '', {}),
    }),
    route({
      method: 'POST',
      path: '/gateways/:id/scan',
      summary: 'Has the gateway ask which devices answer on a line, and what they likely are; its polling goes on',
      role: 'admin',
      params,
      recorded: ['line', 'units'],
      body: z.object({
        line,
        units: z.string().max(200).default('1-247').describe('unit ids, as 1-32,100'),
      }),
      answer: ordered,
      status: 202,
      handle: ({ params: { id }, body, who, sees }) => give(sees, id, 'scan', who?.name ?? '', body),
    }),
    route({
      method: 'POST',
      path: '/gateways/:id/read',
      summary: 'Has the gateway read a device once that is not configured yet',
      role: 'admin',
      params,
      body: z.object({ line, device: z.record(z.string(), z.unknown()).describe('an entry of `devices:`') }),
      answer: ordered,
      status: 202,
      handle: ({ params: { id }, body, who, sees }) => give(sees, id, 'read', who?.name ?? '', body),
    }),
    route({
      method: 'GET',
      path: '/gateways/:id/orders/:order',
      summary: 'How far an order is',
      role: 'admin',
      params: params.extend({ order: z.string() }),
      answer: order,
      async handle({ params: { id, order: which }, sees }) {
        sees.need(id);
        return shown(hub.orders.find(id, which));
      },
    }),
    route({
      method: 'POST',
      path: '/gateways/:id/orders/:order/cancel',
      summary: 'Ends an order that is under way',
      role: 'admin',
      params: params.extend({ order: z.string() }),
      answer: z.object({}),
      async handle({ params: { id, order: which }, who, sees }) {
        sees.need(id);
        hub.orders.find(id, which);
        const command = hub.orders.open(id, 'cancel', who?.name ?? '', { order: which });
        if (!hub.line.command(id, command)) throw new Fault('gateway-away', id);
        return {};
      },
    }),
  ];
}

function shown({ id, kind, state, code, detail, progress, body }: Order): z.input<typeof order> {
  return {
    ...{ id, kind, state },
    ...(code === undefined ? {} : { code }),
    ...(detail === undefined ? {} : { detail }),
    ...(progress === undefined ? {} : { progress }),
    ...(body === undefined ? {} : { body }),
  };
}
