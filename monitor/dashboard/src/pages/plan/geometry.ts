import type { Corner, PartRef, Plan } from './plan.ts';
import { cornersOf } from './plan.ts';

/** Even-odd: what a person sees as inside, also of an outline with dents. */
export function isInside([x, y]: Corner, outline: readonly Corner[]): boolean {
  let inside = false;
  outline.forEach(([ax, ay], index) => {
    const [bx, by] = outline[(index + outline.length - 1) % outline.length] as Corner;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  });
  return inside;
}

/** What lies under a place, the topmost first: zones are drawn over rooms. */
export function shapesAt(plan: Plan, place: Corner): readonly PartRef[] {
  const hit = (kind: 'room' | 'zone', shapes: Plan['rooms']): PartRef[] =>
    shapes
      .filter(({ outline }) => isInside(place, outline))
      .map(({ id }) => ({ kind, id }))
      .reverse();
  return [...hit('zone', plan.zones), ...hit('room', plan.rooms)];
}

export function boundsOf(outline: readonly Corner[]): {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
} {
  const [xs, ys] = [outline.map(([x]) => x), outline.map(([, y]) => y)];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

export interface Snapped {
  readonly at: Corner;
  /** Lines to be drawn: the neighbour that it stands in line with. */
  readonly x?: number;
  readonly y?: number;
}

/** In line with something that is near, else on the grid. `near` in the units of the plan, on each axis. */
export function snap(
  [x, y]: Corner,
  others: readonly Corner[],
  near: { readonly x: number; readonly y: number },
  grid: { readonly x: number; readonly y: number },
): Snapped {
  const column = nearest(
    x,
    others.map(([at]) => at),
    near.x,
  );
  const row = nearest(
    y,
    others.map(([, at]) => at),
    near.y,
  );
  return {
    at: [column ?? toGrid(x, grid.x), row ?? toGrid(y, grid.y)],
    ...(column === undefined ? {} : { x: column }),
    ...(row === undefined ? {} : { y: row }),
  };
}

function nearest(value: number, others: readonly number[], near: number): number | undefined {
  let best: number | undefined;
  for (const other of others) {
    const distance = Math.abs(other - value);
    if (distance <= near && (best === undefined || distance < Math.abs(best - value))) best = other;
  }
  return best;
}

function toGrid(value: number, step: number): number {
  return Math.min(1, Math.max(0, Math.round(value / step) * step));
}

/** What a part can stand in line with: every corner and marker but its own. */
export function neighbours(plan: Plan, except: readonly PartRef[]): readonly Corner[] {
  const isOut = (kind: PartRef['kind'], id: string) => except.some((ref) => ref.kind === kind && ref.id === id);
  return [
    ...plan.rooms.filter(({ id }) => !isOut('room', id)).flatMap(cornersOf),
    ...plan.zones.filter(({ id }) => !isOut('zone', id)).flatMap(cornersOf),
    ...plan.markers.filter(({ id }) => !isOut('marker', id)).flatMap(cornersOf),
  ];
}

const ROUND_METRES = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];

/** The longest round length that takes at most a quarter of the width. */
export function scaleBar(widthMetres: number): { readonly metres: number; readonly share: number } {
  const metres = ROUND_METRES.findLast((length) => length <= widthMetres / 4) ?? widthMetres / 4;
  return { metres, share: metres / widthMetres };
}
