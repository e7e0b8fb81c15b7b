import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { parseTime } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { parseDuration } from '../../core/units.ts';
import { type After, AGGREGATES, type Aggregate, type Span } from '../archive/history.ts';
import { csvHeader, exportRows } from '../export-rows.ts';
import type { KnownPoint } from '../points.ts';
import { ZoneTime } from '../zone-time.ts';
import type { HubContext } from './context.ts';
import { type AnyRoute, listOf, route } from './route.ts';

const CSV = 'text/csv';
const NDJSON = 'application/x-ndjson';
const MOST_ROWS = 50_000;
const MOST_STEPS = 20_000;

const instant = z
  .string()
  .meta({ description: 'Unix milliseconds, or ISO 8601' })
  .transform((text, context) => {
    const at = parseTime(text);
    if (at === undefined) context.addIssue({ code: 'custom', message: 'expected Unix milliseconds or ISO 8601' });
    return at ?? 0;
  });

const DAY_MS = 86_400_000;

const stepMs = z
  .string()
  .meta({ description: 'a duration such as 10s, 1m, 1h, 1d, or milliseconds' })
  .transform((text, context) => {
    const ms = /^\d+$/.test(text) ? Number(text) : parseDuration(text);
    if (ms === undefined || ms < 1) context.addIssue({ code: 'custom', message: 'expected a duration such as 1m' });
    return Math.round(ms ?? 0);
  });

const querySchema = z.object({
  point: z.string(),
  from: instant.optional().describe('Unix milliseconds, or ISO 8601; default: a day before `to`'),
  to: instant.optional().describe('not included; Unix milliseconds, or ISO 8601; default: now'),
  step: stepMs.optional(),
  agg: listOf(z.enum(Object.keys(AGGREGATES) as [Aggregate, ...Aggregate[]])).optional(),
  limit: z.coerce.number().int().min(1).max(MOST_ROWS).default(10_000),
  cursor: z.string().optional(),
  numbers: z.stringbool().default(false),
  format: z.enum(['json', 'csv', 'ndjson']).optional().describe('instead of Accept, for a plain link'),
});
type Query = z.output<typeof querySchema> & Span;

const scalar = z.union([z.number(), z.boolean(), z.string()]).nullable();
const answerSchema = z.object({
  point: z.string(),
  unit: z.string().nullable(),
  step: z.number().optional(),
  columns: z.array(z.string()).describe('what stands in each row'),
  rows: z.array(z.array(scalar)),
  cursor: z.string().optional().describe('there when more rows follow'),
});

export function readingRoutes(hub: HubContext): readonly AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/readings',
      summary: 'History of a point: raw, or aggregated per step; CSV and NDJSON stream the whole span',
      role: 'viewer',
      query: querySchema,
      answer: answerSchema,
      media: [CSV, NDJSON],
      async handle({ query: given, request, reply }) {
        const to = given.to ?? hub.clock.now();
        const query = { ...given, from: given.from ?? to - DAY_MS, to };
        const point = hub.points.find(query.point);
        if (!point) throw new Fault('not-found', `point ${query.point}`);
        if (query.to < query.from) throw new Fault('request-invalid', 'query.to: lies before query.from');
        if (query.step !== undefined) return stepped(hub, point, query, query.step);
        const format = query.format ?? formatOf(request.headers.accept ?? '');
        return format === 'json' ? raw(hub, point, query) : stream(hub, point, query, format, reply);
      },
    }),
  ];
}

async function raw(hub: HubContext, point: KnownPoint, query: Query): Promise<z.input<typeof answerSchema>> {
  const after = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  const { rows, next } = await hub.history.page(point.series, query, query.limit, after);
  return {
    point: point.id,
    unit: point.entry.unit ?? null,
    columns: ['at', 'value', 'quality', 'fault', ...(query.numbers ? ['epoch', 'seq'] : [])],
    rows: rows.map(({ at, value, fault, epoch, seq }) => {
      const row = fault === undefined ? [at, value, 'good'] : [at, null, 'bad', fault];
      return query.numbers ? [...row, ...(fault === undefined ? [null] : []), epoch, String(seq)] : row;
    }),
    ...(next ? { cursor: [next.at, next.epoch, next.seq].join('.') } : {}),
  };
}

async function stepped(
  hub: HubContext,
  point: KnownPoint,
  query: Query,
  step: number,
): Promise<z.input<typeof answerSchema>> {
  if (point.entry.kind === 'text') throw new Fault('request-invalid', 'query.step: a text has no average');
  if ((query.to - query.from) / step > MOST_STEPS) {
    throw new Fault('request-invalid', `query.step: more than ${MOST_STEPS} steps`);
  }
  const aggregates = query.agg ?? ['avg'];
  // A step of a day begins at midnight of the site.
  const offsetMs = new ZoneTime(zoneOf(hub, point)).offsetMs(query.from);
  const rows = await hub.history.stepped(point.series.id, query, { stepMs: step, offsetMs, aggregates });
  return {
    point: point.id,
    unit: point.entry.unit ?? null,
    step,
    columns: ['at', ...aggregates],
    rows: rows.map((row) => [...row]),
  };
}

function stream(
  hub: HubContext,
  point: KnownPoint,
  { from, to, numbers }: Span & { readonly numbers: boolean },
  format: 'csv' | 'ndjson',
  reply: FastifyReply,
): FastifyReply {
  const rows = exportRows(hub.history, point, { from, to }, { format, numbers, zone: zoneOf(hub, point) });
  const name = `${point.id.replaceAll('/', '_')}.${format}`;
  return reply
    .header('content-disposition', `attachment; filename="${name}"`)
    .type(`${format === 'csv' ? CSV : NDJSON}; charset=utf-8`)
    .send(Readable.from(format === 'csv' ? withHeader(csvHeader(numbers), rows) : rows));
}

function formatOf(accept: string): 'json' | 'csv' | 'ndjson' {
  if (accept.includes(CSV)) return 'csv';
  return accept.includes(NDJSON) ? 'ndjson' : 'json';
}

async function* withHeader(header: string, rows: AsyncIterable<string>): AsyncGenerator<string, void> {
  yield header;
  yield* rows;
}

export function zoneOf(hub: Pick<HubContext, 'points'>, point: KnownPoint): string {
  return hub.points.findCatalogue(point.gateway)?.timezone ?? 'UTC';
}

function parseCursor(text: string): After {
  const parts = text.split('.').map(Number);
  const [at, epoch, seq] = parts;
  if (parts.length !== 3 || !parts.every(Number.isSafeInteger)) throw new Fault('request-invalid', 'query.cursor');
  return { at: at ?? 0, epoch: epoch ?? 0, seq: seq ?? 0 };
}
