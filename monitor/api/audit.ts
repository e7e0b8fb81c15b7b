import { Readable } from 'node:stream';
import { z } from 'zod';
import { OUTCOMES } from '../audit/audit-row.ts';
import { auditLine, toCsv, toNdjson } from '../audit/audit-text.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, route } from './route.ts';
import { instant } from './span.ts';

const MOST = 1000;

export const chainSchema = z.object({
  upTo: z.number().int().describe('rows that follow from each other, from the first on'),
  head: z.string().describe('hash of the last of them'),
  broken: z
    .object({ n: z.number().int(), why: z.enum(['altered', 'missing', 'out-of-order']) })
    .nullable()
    .describe('the first row that does not follow'),
});

/** Who did what. */
export function auditRoutes({ audit }: HubContext): readonly AnyRoute[] {
  const admins = { role: 'admin', everywhere: true } as const;
  return [
    route({
      method: 'GET',
      path: '/audit',
      summary: 'Who did what, newest first, in pages: each act once, with its outcome',
      ...admins,
      query: z.object({
        from: instant.optional(),
        to: instant.optional().describe('not included'),
        who: z.string().max(100).optional(),
        action: z.string().max(100).optional().describe('begins with this'),
        outcome: z.enum(OUTCOMES).optional(),
        text: z.string().max(100).optional().describe('somewhere in it'),
        named: z
          .string()
          .max(2000)
          .transform((text) => text.split(','))
          .optional()
          .describe('with `text`: or one of these actions, separated by commas'),
        limit: z.coerce.number().int().min(1).max(MOST).default(100),
        cursor: z.coerce.number().int().positive().optional(),
      }),
      answer: z.object({
        acts: z.array(auditLine.omit({ of: true, hash: true })),
        cursor: z.string().optional(),
      }),
      async handle({ query: { limit, cursor, ...filter } }) {
        const found = await audit.acts(filter, limit + 1, cursor);
        const acts = found.slice(0, limit);
        const last = acts.at(-1);
        return found.length > limit && last ? { acts, cursor: String(last.n) } : { acts };
      },
    }),
    route({
      method: 'GET',
      path: '/audit/verify',
      summary: 'Walks the whole log: is every row as it was written, and none missing?',
      ...admins,
      answer: chainSchema,
      async handle() {
        const { upTo, head, broken } = await audit.verify();
        return { upTo, head, broken: broken ?? null };
      },
    }),
    route({
      method: 'GET',
      path: '/audit/export',
      summary: 'Every row of the log with its hash; `sluice audit verify FILE` checks an NDJSON file',
      ...admins,
      query: z.object({ format: z.enum(['ndjson', 'csv']).default('ndjson') }),
      answer: z.string(),
      media: ['application/x-ndjson', 'text/csv'],
      async handle({ query: { format }, reply }) {
        const text = format === 'csv' ? toCsv(audit.rows()) : toNdjson(audit.rows());
        return reply
          .header('content-disposition', `attachment; filename="audit.${format}"`)
          .type(`${format === 'csv' ? 'text/csv' : 'application/x-ndjson'}; charset=utf-8`)
          .send(Readable.from(text));
      },
    }),
  ];
}
