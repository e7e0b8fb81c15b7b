import { z } from 'zod';
import { distinct, label, partId, pictureId, pointId } from './parts.ts';

/** Boards are this many columns wide; on a phone tiles stand below each other. */
const COLUMNS = 12;
const MOST_ROWS = 200;

const box = {
  id: partId,
  title: label.optional(),
  x: z
    .number()
    .int()
    .min(0)
    .max(COLUMNS - 1),
  y: z.number().int().min(0).max(MOST_ROWS),
  width: z.number().int().min(1).max(COLUMNS),
  height: z.number().int().min(1).max(20),
};
const range = z.enum(['15m', '1h', '24h', '7d']).default('1h');
const points = (most: number) => z.array(pointId).min(1).max(most);

const tile = z.discriminatedUnion('kind', [
  z.strictObject({ ...box, kind: z.literal('value'), point: pointId }),
  z.strictObject({ ...box, kind: z.literal('state'), point: pointId }),
  z.strictObject({ ...box, kind: z.literal('gauge'), point: pointId, from: z.number(), to: z.number() }),
  z.strictObject({ ...box, kind: z.literal('trend'), points: points(8), range }),
  z.strictObject({ ...box, kind: z.literal('table'), points: points(100) }),
  z.strictObject({ ...box, kind: z.literal('alarms'), gateway: z.string().min(1).max(64).optional() }),
  z.strictObject({ ...box, kind: z.literal('picture'), picture: pictureId }),
  z.strictObject({ ...box, kind: z.literal('text'), text: z.string().max(2000) }),
]);
type Tile = z.output<typeof tile>;

/** A dashboard of one's own: tiles on a grid. */
export const boardSchema = z.strictObject({
  name: label,
  tiles: z.array(tile).max(100).superRefine(distinct).superRefine(checkPlaces).default([]),
});

function checkPlaces(tiles: readonly Tile[], context: z.RefinementCtx): void {
  for (const [index, each] of tiles.entries()) {
    const say = (message: string) => context.addIssue({ code: 'custom', path: [index], message });
    if (each.x + each.width > COLUMNS) say(`${each.id} ends beyond column ${COLUMNS}`);
    if (each.kind === 'gauge' && each.from >= each.to) say(`${each.id}: from is not below to`);
    const other = tiles.slice(0, index).find((before) => overlap(before, each));
    if (other) say(`${each.id} covers ${other.id}`);
  }
}

function overlap(one: Tile, other: Tile): boolean {
  const beside = one.x + one.width <= other.x || other.x + other.width <= one.x;
  const below = one.y + one.height <= other.y || other.y + other.height <= one.y;
  return !beside && !below;
}
