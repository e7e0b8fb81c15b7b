export interface Placed<T> {
  readonly item: T;
  /** Of its middle, in pixels. */
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly width: number;
  readonly height: number;
}

/** Those whose labels would lie on one another, together; none that is left does. */
export function cluster<T>(placed: readonly Placed<T>[], label: Box, stage: Box): readonly Placed<readonly T[]>[] {
  let groups = placed.map(({ item, x, y }) => ({ items: [item] as readonly T[], ...inside({ x, y }, label, stage) }));
  for (let joined = true; joined; ) {
    joined = false;
    const left: typeof groups = [];
    for (const group of groups) {
      const near = left.findIndex(
        (other) => Math.abs(other.x - group.x) < label.width && Math.abs(other.y - group.y) < label.height,
      );
      if (near < 0) left.push(group);
      else {
        left[near] = together(left[near] as (typeof groups)[number], group);
        joined = true;
      }
    }
    groups = left;
  }
  return groups.map(({ items, x, y }) => ({ item: items, x, y }));
}

interface Group<T> {
  readonly items: readonly T[];
  readonly x: number;
  readonly y: number;
}

/** Between them, nearer to where more are. */
function together<T>(one: Group<T>, other: Group<T>): Group<T> {
  const [a, b] = [one.items.length, other.items.length];
  const mean = (here: number, there: number) => (here * a + there * b) / (a + b);
  return { items: [...one.items, ...other.items], x: mean(one.x, other.x), y: mean(one.y, other.y) };
}

/** No label sticks out of the plan. */
function inside(at: { x: number; y: number }, label: Box, stage: Box): { x: number; y: number } {
  const clamp = (value: number, half: number, whole: number) =>
    Math.min(Math.max(value, half), Math.max(half, whole - half));
  return { x: clamp(at.x, label.width / 2, stage.width), y: clamp(at.y, label.height / 2, stage.height) };
}

export interface Rect extends Box {
  readonly left: number;
  readonly top: number;
}

/** The first of the corners of a shape where its name covers nothing; undefined if there is none. */
export function nameSpot(bounds: Rect, name: Box, taken: readonly Rect[]): Rect | undefined {
  const gap = 6;
  if (name.width + 2 * gap > bounds.width || name.height + 2 * gap > bounds.height) return undefined;
  const lefts = [bounds.left + gap, bounds.left + bounds.width - name.width - gap];
  const tops = [bounds.top + gap, bounds.top + bounds.height - name.height - gap];
  return tops
    .flatMap((top) => lefts.map((left): Rect => ({ left, top, ...name })))
    .find((spot) => !taken.some((other) => overlap(spot, other)));
}

export function overlap(one: Rect, other: Rect): boolean {
  return (
    one.left < other.left + other.width &&
    other.left < one.left + one.width &&
    one.top < other.top + other.height &&
    other.top < one.top + one.height
  );
}

/** Wide enough for a text of a size in pixels, without measuring it: letters of East Asia are as wide as they are high. */
export function textWidth(text: string, px: number): number {
  let width = 0;
  for (const letter of text) width += (letter.codePointAt(0) ?? 0) > 0x2e7f ? px : px * 0.62;
  return Math.ceil(width);
}
