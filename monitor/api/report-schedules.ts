import { z } from 'zod';
import { partId } from '../documents/parts.ts';
import { nextDue, type Schedule } from '../reports/schedule.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const instant = z.number().describe('Unix milliseconds');
const RUNS_SHOWN = 5;

const run = z.object({
  id: z.string(),
  schedule: z.string(),
  from: instant.describe('when its period begins'),
  due: instant,
  state: z.enum(['waiting', 'sent', 'given-up']),
  attempts: z.number().int(),
  nextAt: instant.describe('of the next try'),
  doneAt: instant.optional(),
  error: z.string().optional(),
  report: z.string().optional().describe('the report that was sent, as it is kept'),
});

/** Reports by mail: when each is sent next, and what became of the last ones. The schedules themselves are documents of kind `report-schedule`. */
export function scheduleRoutes({ documents, reports, reportMail, clock }: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/reports/schedules',
      summary: 'Every schedule of reports by mail, when it is sent next, and its last runs, newest first',
      role: 'viewer',
      everywhere: true,
      answer: z.object({
        hasServer: z.boolean().describe('false: no mail can be sent, `notify.smtp` is missing'),
        schedules: z.array(
          z.object({
            id: z.string(),
            version: z.number().int(),
            body: z.unknown(),
            next: instant.nullable().describe('null: it is switched off, or its site is not known'),
            runs: z.array(run),
          }),
        ),
      }),
      async handle() {
        const [all, runs] = await Promise.all([documents.all('report-schedule'), reportMail.runs.newest(RUNS_SHOWN)]);
        return {
          hasServer: reportMail.hasServer,
          schedules: all.map(({ id, version, body }) => {
            const schedule = body as Schedule;
            const isOn = schedule.enabled && reports.sites().includes(schedule.site);
            const next = isOn ? nextDue(schedule, clock.now(), reports.daysOf(schedule.site)).at : null;
            return { id, version, body, next, runs: runs.filter((each) => each.schedule === id) };
          }),
        };
      },
    }),
    route({
      method: 'POST',
      path: '/reports/schedules/:id/send',
      summary: 'Makes and sends the report of the last period now; answers what became of it',
      role: 'admin',
      everywhere: true,
      params: z.object({ id: partId }),
      answer: run,
      handle: ({ params }) => reportMail.sendNow(params.id),
    }),
  ];
}
