import { z } from 'zod';
import { label, pointId } from './parts.ts';

/** What the trends page shows, to be found again under a name. */
export const savedTrendSchema = z.strictObject({
  name: label,
  points: z.array(pointId).min(1).max(16),
  /** How far back from now. */
  range: z.enum(['15m', '1h', '6h', '24h', '7d', '30d', '1y']),
  compare: z.enum(['none', 'yesterday', 'last-week']).default('none'),
});
