import type { z } from 'zod';
import type { Role } from '../auth/access.ts';
import { layoutSchema } from '../reports/layout.ts';
import { scheduleSchema } from '../reports/schedule.ts';
import { groupSchema } from '../rollouts/group.ts';
import { roundSchema } from '../rounds/round-schema.ts';
import { boardSchema } from './board.ts';
import { floorPlanSchema } from './floor-plan.ts';
import { savedTrendSchema } from './saved-trend.ts';

export interface Kind {
  readonly schema: z.ZodType<{ readonly name: string }>;
  /** Who may change one; everyone may look. */
  readonly edits: Role;
  /** It goes across sites: not there for whoever has some of them only. */
  readonly everywhere?: true;
}

/** What people make for themselves, and the hub keeps: each a JSON document that can live in a repository too. */
export const KINDS = {
  'floor-plan': { schema: floorPlanSchema, edits: 'admin' },
  board: { schema: boardSchema, edits: 'operator' },
  round: { schema: roundSchema, edits: 'admin' },
  'report-layout': { schema: layoutSchema, edits: 'admin', everywhere: true },
  'report-schedule': { schema: scheduleSchema, edits: 'admin', everywhere: true },
  trend: { schema: savedTrendSchema, edits: 'operator' },
  'gateway-group': { schema: groupSchema, edits: 'admin', everywhere: true },
} as const satisfies Record<string, Kind>;

export type DocumentKind = keyof typeof KINDS;
export const DOCUMENT_KINDS = Object.keys(KINDS) as [DocumentKind, ...DocumentKind[]];
/** Besides them, what the hub keeps in the same way and gives out by calls of its own only. */
export type StoredKind = DocumentKind | 'notify' | 'first-run';
