/** As monitor/documents/floor-plan.ts has it; a test sends what is drawn here through that schema. */
export type Corner = readonly [x: number, y: number];

export interface Room {
  readonly id: string;
  readonly name: string;
  readonly outline: readonly Corner[];
}

export interface Zone extends Room {
  readonly devices: readonly string[];
}

export interface Marker {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly name?: string;
  readonly point?: string;
  readonly device?: string;
  readonly gateway?: string;
}

export interface Plan {
  readonly name: string;
  readonly picture?: string;
  /** Width by height. */
  readonly aspect: number;
  readonly widthMetres?: number;
  readonly rooms: readonly Room[];
  readonly zones: readonly Zone[];
  readonly markers: readonly Marker[];
}

export type PartKind = 'room' | 'zone' | 'marker';
export interface PartRef {
  readonly kind: PartKind;
  readonly id: string;
}
export type Target = Pick<Marker, 'point' | 'device' | 'gateway'>;

export function emptyPlan(name: string): Plan {
  return { name, aspect: 1.6, rooms: [], zones: [], markers: [] };
}

export function refOf(ref: PartRef): string {
  return `${ref.kind}:${ref.id}`;
}

/** The first number that is free. */
export function newPartId(kind: string, parts: readonly { readonly id: string }[]): string {
  let number = parts.length + 1;
  while (parts.some(({ id }) => id === `${kind}-${number}`)) number++;
  return `${kind}-${number}`;
}

/** As fine as a plan is looked at, and short in a file. */
export function clean(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;
}

const listOf = { room: 'rooms', zone: 'zones', marker: 'markers' } as const;

export function findPart(plan: Plan, { kind, id }: PartRef): Room | Zone | Marker | undefined {
  return (plan[listOf[kind]] as readonly (Room | Zone | Marker)[]).find((part) => part.id === id);
}

function replace<T extends Room | Zone | Marker>(
  plan: Plan,
  { kind, id }: PartRef,
  into: (part: T) => T | undefined,
): Plan {
  const parts = plan[listOf[kind]] as unknown as readonly T[];
  const next = parts.flatMap((part) => (part.id === id ? (into(part) ?? []) : part));
  return { ...plan, [listOf[kind]]: next };
}

export function removeParts(plan: Plan, refs: readonly PartRef[]): Plan {
  return refs.reduce((left, ref) => replace(left, ref, () => undefined), plan);
}

export function renamePart(plan: Plan, ref: PartRef, name: string): Plan {
  return replace<Room | Zone | Marker>(plan, ref, (part) => {
    const { name: _, ...rest } = part;
    return (name.trim() === '' && ref.kind === 'marker' ? rest : { ...part, name }) as typeof part;
  });
}

export function setZoneDevices(plan: Plan, id: string, devices: readonly string[]): Plan {
  return replace<Zone>(plan, { kind: 'zone', id }, (zone) => ({ ...zone, devices }));
}

export function addMarker(plan: Plan, target: Target, [x, y]: Corner): { readonly plan: Plan; readonly ref: PartRef } {
  const id = newPartId('marker', plan.markers);
  const marker: Marker = { id, x: clean(x), y: clean(y), ...target };
  return { plan: { ...plan, markers: [...plan.markers, marker] }, ref: { kind: 'marker', id } };
}

/** A rectangle from one corner to the other. */
export function addShape(
  plan: Plan,
  kind: 'room' | 'zone',
  name: string,
  [from, to]: readonly [Corner, Corner],
): { readonly plan: Plan; readonly ref: PartRef } {
  const [left, right] = [Math.min(from[0], to[0]), Math.max(from[0], to[0])].map(clean) as [number, number];
  const [top, bottom] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])].map(clean) as [number, number];
  const outline: readonly Corner[] = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
  const id = newPartId(kind, plan[listOf[kind]]);
  const next =
    kind === 'room'
      ? { ...plan, rooms: [...plan.rooms, { id, name, outline }] }
      : { ...plan, zones: [...plan.zones, { id, name, outline, devices: [] }] };
  return { plan: next, ref: { kind, id } };
}

/** All by the same distance, but none of them beyond an edge. */
export function moveParts(plan: Plan, refs: readonly PartRef[], dx: number, dy: number): Plan {
  const corners = refs.flatMap((ref) => cornersOf(findPart(plan, ref)));
  const [x, y] = [
    room(
      corners.map(([at]) => at),
      dx,
    ),
    room(
      corners.map(([, at]) => at),
      dy,
    ),
  ];
  return refs.reduce((moved, ref) => replace<Room | Zone | Marker>(moved, ref, (part) => shifted(part, x, y)), plan);
}

export function cornersOf(part: Room | Zone | Marker | undefined): readonly Corner[] {
  if (part === undefined) return [];
  return 'outline' in part ? part.outline : [[part.x, part.y]];
}

function shifted<T extends Room | Zone | Marker>(part: T, dx: number, dy: number): T {
  if (!('outline' in part)) return { ...part, x: clean(part.x + dx), y: clean(part.y + dy) };
  return { ...part, outline: part.outline.map(([x, y]) => [clean(x + dx), clean(y + dy)] as const) };
}

/** How far of a way there is room for. */
function room(places: readonly number[], way: number): number {
  if (places.length === 0) return 0;
  return Math.min(1 - Math.max(...places), Math.max(-Math.min(...places), way));
}

export function moveCorner(plan: Plan, ref: PartRef, index: number, [x, y]: Corner): Plan {
  return replace<Room>(plan, ref, (shape) => ({
    ...shape,
    outline: shape.outline.map((corner, at) => (at === index ? ([clean(x), clean(y)] as const) : corner)),
  }));
}

/** In the middle of the edge that begins at a corner. */
export function addCorner(plan: Plan, ref: PartRef, index: number): Plan {
  return replace<Room>(plan, ref, (shape) => {
    const from = shape.outline[index];
    const to = shape.outline[(index + 1) % shape.outline.length];
    if (from === undefined || to === undefined) return shape;
    const middle: Corner = [clean((from[0] + to[0]) / 2), clean((from[1] + to[1]) / 2)];
    return { ...shape, outline: shape.outline.toSpliced(index + 1, 0, middle) };
  });
}

const FEWEST_CORNERS = 3;

export function removeCorner(plan: Plan, ref: PartRef, index: number): Plan {
  return replace<Room>(plan, ref, (shape) =>
    shape.outline.length <= FEWEST_CORNERS ? shape : { ...shape, outline: shape.outline.toSpliced(index, 1) },
  );
}

/** Markers in one line: on the first one's column or row. */
export function alignMarkers(plan: Plan, ids: readonly string[], axis: 'x' | 'y'): Plan {
  const first = plan.markers.find(({ id }) => id === ids[0]);
  if (first === undefined) return plan;
  const markers = plan.markers.map((marker) => (ids.includes(marker.id) ? { ...marker, [axis]: first[axis] } : marker));
  return { ...plan, markers };
}
