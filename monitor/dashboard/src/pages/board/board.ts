import { freePlace, type Place, put } from './grid.ts';

/** As monitor/documents/board.ts has it; a test sends what is made here through that schema. */
export const RANGES = ['15m', '1h', '24h', '7d'] as const;
export type Range = (typeof RANGES)[number];

interface Base extends Place {
  readonly id: string;
  readonly title?: string;
}

export type BoardTile = Base &
  (
    | { readonly kind: 'value'; readonly point: string }
    | { readonly kind: 'state'; readonly point: string }
    | { readonly kind: 'gauge'; readonly point: string; readonly from: number; readonly to: number }
    | { readonly kind: 'trend'; readonly points: readonly string[]; readonly range: Range }
    | { readonly kind: 'table'; readonly points: readonly string[] }
    | { readonly kind: 'alarms'; readonly gateway?: string }
    | { readonly kind: 'picture'; readonly picture: string }
    | { readonly kind: 'text'; readonly text: string }
  );

export type TileKind = BoardTile['kind'];
export const TILE_KINDS: readonly TileKind[] = [
  'value',
  'state',
  'gauge',
  'trend',
  'table',
  'alarms',
  'picture',
  'text',
];

export interface Board {
  readonly name: string;
  readonly tiles: readonly BoardTile[];
}

/** Width and height that suits a kind. */
const SIZES: Readonly<Record<TileKind, readonly [number, number]>> = {
  value: [3, 3],
  state: [3, 3],
  gauge: [3, 3],
  trend: [6, 5],
  table: [5, 5],
  alarms: [4, 5],
  picture: [4, 4],
  text: [4, 3],
};
export const MOST_TREND_POINTS = 8;
export const MOST_TABLE_POINTS = 100;

export function emptyBoard(name: string): Board {
  return { name, tiles: [] };
}

export function newTileId(tiles: readonly BoardTile[]): string {
  let number = tiles.length + 1;
  while (tiles.some(({ id }) => id === `tile-${number}`)) number++;
  return `tile-${number}`;
}

export type Content = { readonly [K in TileKind]: Omit<Extract<BoardTile, { kind: K }>, keyof Base> }[TileKind];

export function addTile(board: Board, content: Content): { readonly board: Board; readonly id: string } {
  const id = newTileId(board.tiles);
  const [width, height] = SIZES[content.kind];
  const tile = { id, ...freePlace(board.tiles, width, height), ...content } as BoardTile;
  return { board: { ...board, tiles: [...board.tiles, tile] }, id };
}

export function removeTile(board: Board, id: string): Board {
  return { ...board, tiles: board.tiles.filter((tile) => tile.id !== id) };
}

export function putTile(board: Board, id: string, place: Place): Board {
  const tiles = put(board.tiles, id, place);
  return tiles === board.tiles ? board : { ...board, tiles };
}

export function setTile(board: Board, tile: BoardTile): Board {
  return { ...board, tiles: board.tiles.map((each) => (each.id === tile.id ? tile : each)) };
}

export function titled(tile: BoardTile, title: string): BoardTile {
  const { title: _, ...rest } = tile;
  return (title.trim() === '' ? rest : { ...rest, title }) as BoardTile;
}
