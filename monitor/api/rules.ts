import { z } from 'zod';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const titles = z.object({ en: z.string().optional(), ko: z.string().optional() });

const ruleSchema = z.object({
  gateway: z.string(),
  device: z.string().describe("'' for the gateway itself"),
  id: z.string(),
  point: z.string().describe("'' for the device as a whole"),
  priority: z.enum(['critical', 'high', 'medium', 'low']),
  text: titles,
  condition: z.unknown().describe('as the gateway that watches it says it: { kind, limit, … }'),
});

/** What gateways watch: pages draw the limits. */
export function ruleRoutes(hub: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/rules',
      summary: 'The alarm rules of the newest catalogues',
      role: 'viewer',
      query: z.object({ gateway: z.string().optional(), device: z.string().optional() }),
      answer: z.object({ rules: z.array(ruleSchema) }),
      handle: async ({ query }) => ({
        rules: [...hub.points.catalogues()]
          .filter(([gateway]) => query.gateway === undefined || gateway === query.gateway)
          .flatMap(([gateway, { rules }]) => rules.map((rule) => ({ gateway, ...rule })))
          .filter(({ device }) => query.device === undefined || device === query.device)
          .map(({ gateway, device, id, point, priority, text, condition }) => {
            return { gateway, device, id, point, priority, text: { ...text } as z.input<typeof titles>, condition };
          }),
      }),
    }),
  ];
}
