import type { z } from 'zod';
import type { Role } from '../archive/people-store.ts';
import { roundSchema } from '../rounds/round-schema.ts';
import { boardSchema } from './board.ts';
import { floorPlanSchema } from './floor-plan.ts';
import { savedTrendSchema } from './saved-trend.ts';

interface Kind {
  readonly schema: z.ZodType<{ readonly name: string }>;
  /** Who may change one; everyone may look. */
  readonly edits: Role;
}

/** What people make for themselves, and the hub keeps: each a JSON document that can live in a repository too. */
export const KINDS = {
  'floor-plan': { schema: floorPlanSchema, edits: 'admin' },
  board: { schema: boardSchema, edits: 'operator' },
  round: { schema: roundSchema, edits: 'admin' },
  trend: { schema: savedTrendSchema, edits: 'operator' },
} as const satisfies Record<string, Kind>;

export type DocumentKind = keyof typeof KINDS;
export const DOCUMENT_KINDS = Object.keys(KINDS) as [DocumentKind, ...DocumentKind[]];
