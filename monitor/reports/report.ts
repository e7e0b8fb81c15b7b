import { z } from 'zod';

export const REPORT_KINDS = ['daily', 'weekly', 'monthly'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];
export const REPORT_LANGUAGES = ['en', 'ko'] as const;
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number];

const instant = z.number().describe('Unix milliseconds');

const column = z.object({
  title: z.string(),
  kind: z.enum(['text', 'number', 'time', 'duration', 'share']).describe('time: Unix ms; duration: ms; share: 0..1'),
  unit: z.string().optional(),
  decimals: z.number().int().optional(),
  weight: z.number().describe('how wide it is, against the others'),
});
export type Column = z.output<typeof column>;

const cell = z.union([z.string(), z.number(), z.null()]).describe('null: not known; an empty text: there is none');
export type Cell = z.output<typeof cell>;

const table = z.object({
  id: z.string(),
  title: z.string(),
  columns: z.array(column).readonly(),
  rows: z.array(z.array(cell).readonly()).readonly(),
  note: z.string().optional(),
});
export type Table = z.output<typeof table>;

const chart = z.object({
  id: z.string(),
  title: z.string(),
  unit: z.string(),
  kind: z.enum(['bars', 'lines']),
  from: instant,
  to: instant,
  ticks: z.array(z.object({ at: instant, text: z.string() })).readonly(),
  series: z
    .array(
      z.object({
        name: z.string(),
        points: z
          .array(z.tuple([instant, instant, z.number().nullable(), z.boolean()]).readonly())
          .readonly()
          .describe('from, to, value (null: not known), whether it is known whole'),
      }),
    )
    .readonly(),
  target: z.object({ name: z.string(), value: z.number() }).optional(),
});
export type Chart = z.output<typeof chart>;

const section = z.object({
  id: z.string(),
  title: z.string(),
  charts: z.array(chart).readonly(),
  tables: z.array(table).readonly(),
});
export type Section = z.output<typeof section>;

/** A report in words, charts and tables, in one language: what the page, the PDF and the workbook all show. */
export const reportSchema = z.object({
  kind: z.enum(REPORT_KINDS),
  language: z.enum(REPORT_LANGUAGES),
  title: z.string(),
  site: z.string(),
  timezone: z.string(),
  from: instant,
  to: instant.describe('not included'),
  period: z.string().describe('its days, in words'),
  facts: z
    .array(z.tuple([z.string(), z.string()]).readonly())
    .readonly()
    .describe('by whom and when it was made'),
  unknown: z.string().describe('what stands for a figure that is not known'),
  madeAt: instant.describe('what the hub knew at this time is in it'),
  madeBy: z.string(),
  signing: z.string().describe('what the boxes to sign are called'),
  signers: z.array(z.string()).readonly().describe('titles of the boxes to sign'),
  summary: z
    .array(z.object({ id: z.string(), title: z.string(), lines: z.array(z.string()).readonly() }))
    .readonly()
    .describe('what there is to say, in words'),
  sections: z.array(section).readonly(),
});
export type Report = z.output<typeof reportSchema>;
