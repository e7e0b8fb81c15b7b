import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import { dayOf } from '../../core/rules/holidays.ts';
import type { Identity } from '../auth/access.ts';
import { label } from '../documents/parts.ts';
import { REPORT_KINDS, REPORT_LANGUAGES, type Report, reportSchema } from '../reports/report.ts';
import { FILE_TYPES, fileNameOf } from '../reports/reports.ts';
import { FILE_FORMATS, type FileFormat } from '../reports/schedule.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';

const instant = z.number().describe('Unix milliseconds');
const day = z
  .string()
  .refine((text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(dayOf(text)), {
    message: 'expected a day such as 2026-11-20',
  })
  .optional()
  .describe('any day of the site within the period; default: of the last period that is over');
const asked = {
  site: z.string().min(1).max(200),
  kind: z.enum(REPORT_KINDS),
  day,
  language: z.enum(REPORT_LANGUAGES).default('en'),
};
const head = z.object({
  id: z.string(),
  site: z.string(),
  kind: z.enum(REPORT_KINDS),
  language: z.enum(REPORT_LANGUAGES),
  from: instant,
  to: instant.describe('not included'),
  madeAt: instant.describe('what the hub knew then is in it'),
  madeBy: z.string(),
});
const one = z.object({ id: z.string().max(60) });
const format = z.enum(FILE_FORMATS);

/** Daily, weekly and monthly reports of a site: looked at, made and kept, as files. */
export function reportRoutes({ reports }: HubContext): readonly AnyRoute[] {
  const request = ({ day: text, ...rest }: { readonly day?: string | undefined } & Wanted) => {
    return { ...rest, ...(text === undefined ? {} : { day: dayOf(text) }) };
  };
  return [
    route({
      method: 'GET',
      path: '/report',
      summary: 'A report as the hub knows it now, not kept',
      role: 'viewer',
      query: z.object(asked),
      answer: reportSchema,
      handle: ({ query, who }) => reports.make(request(mine(who, query)), who?.name ?? ''),
    }),
    route({
      method: 'GET',
      path: '/reports',
      summary: 'Reports that are kept, newest first, and the sites there are',
      role: 'viewer',
      query: z.object({ site: label.optional(), limit: z.coerce.number().int().min(1).max(400).default(50) }),
      answer: z.object({ sites: z.array(z.string()), reports: z.array(head) }),
      async handle({ query: { site, limit }, who }) {
        const isMine = (name: string) => who?.sites?.includes(name) ?? true;
        const wanted = site === undefined ? who?.sites : [site].filter(isMine);
        return { sites: reports.sites().filter(isMine), reports: [...(await reports.store.list(wanted, limit))] };
      },
    }),
    route({
      method: 'POST',
      path: '/reports',
      summary: 'Makes a report and keeps it as it is; made again, it is another',
      role: 'operator',
      body: z.object(asked),
      answer: head,
      handle: ({ body, who }) => reports.makeAndKeep(request(mine(who, body)), who?.name ?? ''),
    }),
    route({
      method: 'GET',
      path: '/reports/:id',
      summary: 'A report that is kept, as it was made',
      role: 'viewer',
      params: one,
      answer: reportSchema,
      handle: async ({ params, who }) => mine(who, await reports.store.get(params.id)),
    }),
    route({
      method: 'GET',
      path: '/reports/:id/file',
      summary: 'The same as PDF or XLSX',
      role: 'viewer',
      params: one,
      query: z.object({ format: format.default('pdf') }),
      answer: z.string(),
      media: Object.values(FILE_TYPES),
      async handle({ params, query, reply, who }) {
        const report = mine(who, await reports.store.get(params.id));
        return sendFile(reply, report, query.format, await reports.file(report, query.format));
      },
    }),
    route({
      method: 'POST',
      path: '/reports/:id/remove',
      summary: 'Removes a kept report',
      role: 'admin',
      params: one,
      answer: z.object({}),
      async handle({ params, who }) {
        mine(who, await reports.store.get(params.id));
        await reports.store.remove(params.id);
        return {};
      },
    }),
  ];
}

type Wanted = {
  readonly site: string;
  readonly kind: (typeof REPORT_KINDS)[number];
  readonly language: (typeof REPORT_LANGUAGES)[number];
};

/** Throws Fault not-found for a site that is not theirs to see. */
function mine<T extends { readonly site: string }>(who: Identity | undefined, of: T): T {
  if (who?.sites && !who.sites.includes(of.site)) throw new Fault('not-found', `site ${of.site}`);
  return of;
}

/** The name in full for whoever reads RFC 8187, and without other letters for the rest. */
function sendFile(reply: FastifyReply, report: Report, wanted: FileFormat, bytes: Buffer): FastifyReply {
  const name = fileNameOf(report, wanted);
  const plain = name.replace(/[^\w.-]+/g, '');
  return reply
    .header('content-disposition', `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`)
    .header('content-length', bytes.length)
    .type(FILE_TYPES[wanted])
    .send(bytes);
}
