import { z } from 'zod';
import { instant } from '../../core/clock.ts';
import { dateOf, dayOf } from '../../core/rules/holidays.ts';
import { koreanHolidays } from '../../core/rules/korea.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const site = z.object({
  name: z.string(),
  gateways: z.array(
    z.object({
      id: z.string(),
      timezone: z.string(),
      holidays: z.array(z.string()).nullable().describe('as its configuration has them; null: it does not tell'),
    }),
  ),
  days: z
    .array(z.object({ date: z.string(), name: z.string().nullable().describe('null: a day of its own') }))
    .describe('holidays of this year and the next'),
});

/** What the hub knows of each site: all of it is configured at the gateways. */
export function siteRoutes({ points, clock }: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/sites',
      summary: 'Sites, their gateways and time zones, and their holidays of this year and the next',
      role: 'viewer',
      answer: z.object({ sites: z.array(site) }),
      async handle({ sees }) {
        const seen = [...points.catalogues()].filter(([id]) => sees.gateway(id)).sort(([a], [b]) => (a < b ? -1 : 1));
        const names = [...new Set(seen.map(([, { site: name }]) => name))].sort();
        const year = instant(clock.now()).getUTCFullYear();
        return {
          sites: names.map((name) => {
            const held = seen.filter(([, catalogue]) => catalogue.site === name);
            const gateways = held.map(([id, { timezone, holidays = null }]) => ({ id, timezone, holidays }));
            return {
              name,
              gateways,
              days: daysOf(
                gateways.flatMap(({ holidays }) => holidays ?? []),
                year,
              ),
            };
          }),
        };
      },
    }),
  ];
}

/** Each day once, in order. */
function daysOf(given: readonly string[], year: number): z.input<typeof site>['days'] {
  const own = given.filter((text) => !Number.isNaN(dayOf(text)));
  const names = new Map<number, string | null>(own.map((text) => [dayOf(text), null]));
  const korean = given.includes('korea') ? [year, year + 1].flatMap(koreanHolidays) : [];
  for (const { day, name } of korean) names.set(day, name);
  const days = [...names].map(([day, name]) => ({ date: dateOf(day), name }));
  return days
    .filter(({ date }) => [year, year + 1].includes(Number(date.slice(0, 4))))
    .sort((a, b) => (a.date < b.date ? -1 : 1));
}
