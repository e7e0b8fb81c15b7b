import { z } from 'zod';
import { label, pointId } from '../documents/parts.ts';

const layoutPoint = z
  .strictObject({
    point: pointId,
    low: z.number().optional(),
    high: z.number().optional(),
  })
  .refine(({ low, high }) => low === undefined || high === undefined || low < high, {
    message: 'low is not below high',
  });
export type LayoutPoint = z.output<typeof layoutPoint>;

/** What reports show, where the hub's own choice does not do. The document `default` of this kind goes for all of them. */
export const layoutSchema = z.strictObject({
  name: label,
  /** Titles of the boxes to sign; left out: those of the report's language. */
  signers: z.array(label).min(1).max(6).optional(),
  /** Points whose range is judged; left out: temperatures and humidities of rooms and air conditioners. */
  points: z.array(layoutPoint).max(24).optional(),
});
export type ReportLayout = z.output<typeof layoutSchema>;
export const LAYOUT_ID = 'default';
