import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { AGGREGATES } from '../archive/trends.ts';
import { countRows, openExport } from '../export/export.ts';
import { checkRequest, exportLook, FORMATS, fileName, findPoints } from '../export/request.ts';
import type { HubContext } from './context.ts';
import { zoneOf } from './readings.ts';
import { type AnyRoute, listOf, route } from './route.ts';
import { checkedSpan, instant, stepMs } from './span.ts';

const MEDIA = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

const querySchema = z.object({
  point: listOf(z.string().max(300)).describe('gateway/device/point; * stands for any characters; several'),
  from: instant.optional().describe('Unix milliseconds, or ISO 8601; default: a day before `to`'),
  to: instant.optional().describe('not included; Unix milliseconds, or ISO 8601; default: now'),
  step: stepMs.optional().describe('a whole part of a day, or whole days; left out: the readings as they came'),
  format: z.enum(FORMATS).default('csv'),
  layout: exportLook.layout,
  agg: listOf(z.enum(AGGREGATES)).optional(),
  numbers: z.stringbool().default(false).describe('adds epoch and sequence number'),
  bom: z.stringbool().default(false).describe('CSV begins with a byte order mark, by which Excel knows UTF-8'),
});

export function exportRoutes(hub: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/export',
      summary: 'History as a file; X-Total-Rows says how many rows to expect, at most',
      role: 'viewer',
      query: querySchema,
      answer: z.string(),
      media: Object.values(MEDIA).map((type) => type.split(';')[0] as string),
      async handle({ query, sees, request, reply }) {
        const { point, step, agg, ...look } = query;
        const points = findPoints(hub.points, point, (id) => sees.place(id));
        const wanted = {
          ...look,
          ...checkedSpan(query, hub.clock.now()),
          points: point,
          agg: agg ?? exportLook.agg.parse(undefined),
          ...(step === undefined ? {} : { stepMs: step }),
        };
        checkRequest(wanted, points);
        const rows = await countRows(hub, points, wanted);
        const parts = {
          ...hub,
          zoneOf: (each: (typeof points)[number]) => zoneOf(hub, each),
          now: () => hub.clock.now(),
        };
        const { stream, bytes } = await openExport(parts, points, wanted);
        const stepText = (request.query as { readonly step?: string }).step;
        reply
          .header('content-disposition', `attachment; filename="${fileName(wanted, points, stepText)}"`)
          .header('x-total-rows', rows)
          .type(MEDIA[wanted.format]);
        if (bytes !== undefined) reply.header('content-length', bytes);
        return reply.send(stream) as FastifyReply;
      },
    }),
  ];
}
