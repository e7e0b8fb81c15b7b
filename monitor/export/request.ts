import { z } from 'zod';
import { isoTime } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { Span } from '../archive/history.ts';
import { AGGREGATES, TEXT_AGGREGATES } from '../archive/trends.ts';
import { DAY_MS } from '../local-days.ts';
import type { KnownPoint, Points } from '../points.ts';

export const FORMATS = ['csv', 'ndjson', 'parquet', 'xlsx'] as const;
export const LAYOUTS = ['long', 'wide'] as const;
const MOST_POINTS = 10_000;
/** Each column of a wide table is read beside the others. */
const MOST_COLUMNS = 100;

/** How an export looks, beside what is in it. */
export const exportLook = {
  format: z.enum(FORMATS),
  layout: z.enum(LAYOUTS).default('long').describe('long: a row per reading; wide: a row per time, a column per point'),
  agg: z.array(z.enum(AGGREGATES)).min(1).default(['avg', 'min', 'max', 'last', 'count', 'bad']),
  numbers: z.boolean().default(false).describe('adds epoch and sequence number; readings in long layout only'),
  bom: z.boolean().default(false).describe('CSV begins with a byte order mark, by which Excel knows UTF-8'),
};

/** What the command line asks of the hub. */
export const exportRequest = z.object({
  points: z.array(z.string()).min(1),
  from: z.number(),
  to: z.number(),
  stepMs: z.number().int().positive().optional(),
  ...exportLook,
});
export type ExportRequest = z.output<typeof exportRequest>;

/** Points by name; `*` stands for any characters. Throws Fault not-found. */
export function findPoints(
  points: Points,
  wanted: readonly string[],
  isSeen: (id: string) => boolean = () => true,
): readonly KnownPoint[] {
  const found = wanted.flatMap((name) => {
    const pattern = new RegExp(`^${name.split('*').map(escapeRegExp).join('.*')}$`);
    const fits = name.includes('*')
      ? points.list().filter((point) => pattern.test(point.id))
      : [points.find(name)].filter((point) => point !== undefined);
    const seen = fits.filter(({ id }) => isSeen(id));
    if (seen.length === 0) throw new Fault('not-found', `point ${name}`);
    return seen;
  });
  return [...new Map(found.map((point) => [point.id, point])).values()];
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Throws Fault request-invalid with every reason why there can be no such file. */
export function checkRequest(request: ExportRequest, points: readonly KnownPoint[]): void {
  const { format, layout, stepMs, numbers, from, to } = request;
  const isWide = layout === 'wide';
  const problems = [
    to < from && 'to lies before from',
    points.length > MOST_POINTS && `more than ${MOST_POINTS} points`,
    isWide && points.length > MOST_COLUMNS && `wide: more than ${MOST_COLUMNS} columns; use long`,
    format === 'parquet' && (isWide || stepMs !== undefined) && 'parquet holds readings in long layout',
    numbers && (isWide || stepMs !== undefined) && 'numbers: only a reading in long layout has one',
    stepMs !== undefined && !fitsDay(stepMs) && 'step: a whole part of a day, or whole days',
    ...(stepMs === undefined ? [] : textProblems(request, points)),
  ].filter((problem) => problem !== false);
  if (problems.length > 0) throw new Fault('request-invalid', problems.join('; '));
}

function textProblems({ agg, layout }: ExportRequest, points: readonly KnownPoint[]): string[] {
  // In a long table a text leaves empty what it has not; a wide one would have columns of nothing.
  if (layout === 'long' || agg.some((name) => TEXT_AGGREGATES.includes(name))) return [];
  return points
    .filter(({ entry }) => entry.kind === 'text')
    .map(({ id }) => `agg: ${id} is a text, of which there is no mean`);
}

function fitsDay(stepMs: number): boolean {
  return DAY_MS % stepMs === 0 || stepMs % DAY_MS === 0;
}

/** Says what is in the file: which points, which days, readings as they came or of steps. */
export function fileName(request: ExportRequest, points: readonly KnownPoint[], stepText: string | undefined): string {
  const { from, to, stepMs, format, layout } = request satisfies Span;
  const [first] = points;
  const what = points.length === 1 && first ? first.id.replaceAll('/', '_') : `${points.length}-points`;
  const day = (at: number) => isoTime(at).slice(0, 10).replaceAll('-', '');
  const how = stepMs === undefined ? 'raw' : `step-${stepText ?? `${stepMs}ms`}`;
  return `${what}_${day(from)}-${day(Math.max(from, to - 1))}_${how}${layout === 'wide' ? '_wide' : ''}.${format}`;
}
