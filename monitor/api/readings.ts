import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Fault } from '../../core/faults.ts';
import type { After, Span } from '../archive/history.ts';
import { LEVELS } from '../archive/rollup-sql.ts';
import { AGGREGATES, type Aggregate, TEXT_AGGREGATES, type Trend } from '../archive/trends.ts';
import { csvHeader, exportRows } from '../export-rows.ts';
import type { KnownPoint } from '../points.ts';
import type { HubContext } from './context.ts';
import { findPoint } from './points.ts';
import { type AnyRoute, listOf, route } from './route.ts';
import { checkedSpan, instant, stepMs } from './span.ts';

const CSV = 'text/csv';
const NDJSON = 'application/x-ndjson';
const MOST_ROWS = 50_000;
const MOST_STEPS = 20_000;
const MOST_COLUMNS = 10_000;

/** What is kept of the arrival is no finer. */
const LATE_MS = 60_000;
const columnCount = z.coerce.number().int().min(1).max(MOST_COLUMNS);

const querySchema = z.object({
  point: z.string(),
  from: instant.optional().describe('Unix milliseconds, or ISO 8601; default: a day before `to`'),
  to: instant.optional().describe('not included; Unix milliseconds, or ISO 8601; default: now'),
  step: stepMs.optional(),
  width: columnCount
    .optional()
    .describe('instead of step, for a chart: so many columns, each with its first, least, greatest and last reading'),
  agg: listOf(z.enum(AGGREGATES)).optional(),
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
  step: z.number().optional().describe('length of a row in ms; longer than asked for where nothing as fine is kept'),
  resolution: z.enum(LEVELS).optional().describe('what the rows were made of'),
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
      async handle({ query: given, sees, request, reply }) {
        const query = { ...given, ...checkedSpan(given, hub.clock.now()) };
        const point = findPoint(hub, sees, query.point);
        if (query.step !== undefined && query.width !== undefined) {
          throw new Fault('request-invalid', 'query.width: excludes query.step');
        }
        if (query.step !== undefined || query.width !== undefined) return trend(hub, point, query);
        const format = query.format ?? formatOf(request.headers.accept ?? '');
        return format === 'json' ? raw(hub, point, query) : stream(hub, point, query, format, reply);
      },
    }),
    route({
      method: 'GET',
      path: '/readings/late',
      summary: 'When readings came a minute or more after they were taken: filled in after the link had been down',
      role: 'viewer',
      query: querySchema.pick({ point: true, from: true, to: true }).extend({ width: columnCount.default(500) }),
      answer: z.object({
        spans: z
          .array(z.object({ from: z.number(), to: z.number(), arrivedAt: z.number() }))
          .describe('both ends are readings; where readings themselves are gone, nobody knows any more'),
      }),
      async handle({ query: { point: id, width, ...given }, sees }) {
        const point = findPoint(hub, sees, id);
        const span = checkedSpan(given, hub.clock.now());
        return { spans: await hub.trends.late(point.series, span, { width, lateMs: LATE_MS }) };
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

/** What a chart draws without having been told. */
const CHART: readonly Aggregate[] = ['first', 'min', 'max', 'last', 'count', 'bad'];

async function trend(hub: HubContext, point: KnownPoint, query: Query): Promise<z.input<typeof answerSchema>> {
  const { step, width } = query;
  const isText = point.entry.kind === 'text';
  const aggregates = query.agg ?? (isText ? ['last'] : width === undefined ? ['avg'] : CHART);
  const unfit = isText ? aggregates.filter((name) => !TEXT_AGGREGATES.includes(name)) : [];
  if (unfit.length > 0) throw new Fault('request-invalid', `query.agg: a text has no ${unfit.join(', ')}`);
  if (step !== undefined && (query.to - query.from) / step > MOST_STEPS) {
    throw new Fault('request-invalid', `query.step: more than ${MOST_STEPS} steps; use a longer step, or width`);
  }
  const options = { aggregates, zone: zoneOf(hub, point), keptFrom: hub.keptFrom() };
  const found: Trend =
    step === undefined
      ? await hub.trends.columns(point.series, query, { width: width ?? 0, ...options })
      : await hub.trends.steps(point.series, query, { stepMs: step, ...options });
  return {
    point: point.id,
    unit: point.entry.unit ?? null,
    step: found.stepMs,
    resolution: found.level,
    columns: ['at', ...aggregates],
    rows: found.rows.map((row) => [...row]),
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
