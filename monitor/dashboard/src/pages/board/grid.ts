export const COLUMNS = 12;
export const MOST_ROWS = 200;
const MOST_HEIGHT = 20;

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Placed extends Place {
  readonly id: string;
}

export function overlaps(one: Place, other: Place): boolean {
  const beside = one.x + one.width <= other.x || other.x + other.width <= one.x;
  const below = one.y + one.height <= other.y || other.y + other.height <= one.y;
  return !beside && !below;
}

/** Within the grid, whatever was asked for. */
export function fitted({ x, y, width, height }: Place): Place {
  const wide = within(Math.round(width), 1, COLUMNS);
  const high = within(Math.round(height), 1, MOST_HEIGHT);
  return {
    x: within(Math.round(x), 0, COLUMNS - wide),
    y: within(Math.round(y), 0, MOST_ROWS),
    width: wide,
    height: high,
  };
}

function within(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** Where a new tile stands: the first place that is free, row by row. */
export function freePlace(tiles: readonly Place[], width: number, height: number): Place {
  for (let y = 0; ; y++) {
    for (let x = 0; x + width <= COLUMNS; x++) {
      const place = { x, y, width, height };
      if (!tiles.some((tile) => overlaps(tile, place))) return place;
    }
  }
}

/** One tile goes where it is wanted; whatever it would cover makes way downwards, in the order in which it stood. */
export function put<T extends Placed>(tiles: readonly T[], id: string, wanted: Place): readonly T[] {
  const moved = tiles.find((tile) => tile.id === id);
  if (moved === undefined) return tiles;
  const settled: T[] = [{ ...moved, ...fitted(wanted) }];
  const others = tiles.filter((tile) => tile.id !== id).sort((a, b) => a.y - b.y || a.x - b.x);
  for (const tile of others) {
    let y = tile.y;
    for (;;) {
      const cover = settled.find((other) => overlaps(other, { ...tile, y }));
      if (cover === undefined) break;
      y = cover.y + cover.height;
    }
    settled.push({ ...tile, y });
  }
  // There is no room left below: then nothing moves.
  if (settled.some(({ y }) => y > MOST_ROWS)) return tiles;
  const byId = new Map(settled.map((tile) => [tile.id, tile]));
  return tiles.map((tile) => byId.get(tile.id) ?? tile);
}

export function rowsOf(tiles: readonly Place[]): number {
  return Math.max(0, ...tiles.map(({ y, height }) => y + height));
}

/** As they are read: on a phone they stand below each other in this order. */
export function inReadingOrder<T extends Place>(tiles: readonly T[]): readonly T[] {
  return [...tiles].sort((a, b) => a.y - b.y || a.x - b.x);
}
