import { z } from 'zod';
import { alertmanagerSchema, toOwnInputs } from '../alarms/alertmanager.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

/** Alarms of other systems. */
export function alarmsInRoutes({ desk, clock }: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/alarms/in/alertmanager',
      summary: 'Takes the webhook of an Alertmanager (version 4); answers once the alarms are stored',
      role: 'operator',
      everywhere: true,
      body: alertmanagerSchema,
      answer: z.object({ firing: z.number().int(), resolved: z.number().int() }),
      async handle({ body }) {
        await desk.take(toOwnInputs(body, clock.now()));
        const firing = body.alerts.filter(({ status }) => status === 'firing').length;
        return { firing, resolved: body.alerts.length - firing };
      },
    }),
  ];
}
