import { blockCodewords, DATA } from './qr-codewords.ts';

/** Rows of modules; true is dark. */
export type QrMatrix = readonly (readonly boolean[])[];
type Grid = (boolean | undefined)[][];

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];
/** Centres of the small squares, versions 1 to 9. */
const ALIGNMENT = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46]];

/** A QR code of at most 180 bytes, correction level M [ISO/IEC 18004]; undefined: the text is too long. */
export function qrMatrix(text: string, mask?: number): QrMatrix | undefined {
  const bytes = [...new TextEncoder().encode(text)];
  const version = DATA.findIndex((size) => bytes.length <= size - 2) + 1;
  if (version === 0) return undefined;
  const codewords = blockCodewords(bytes, version);
  const masks = mask === undefined ? MASKS.map((_, index) => index) : [mask];
  const made = masks.map((each) => draw(version, codewords, each));
  const scores = made.map(penalty);
  return made[scores.indexOf(Math.min(...scores))];
}

/** All dark modules as one path. */
export function qrPath(matrix: QrMatrix): string {
  return matrix.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
}

function draw(version: number, codewords: readonly number[], mask: number): QrMatrix {
  const size = 17 + 4 * version;
  const grid: Grid = Array.from({ length: size }, () => new Array<boolean | undefined>(size).fill(undefined));
  const set = (x: number, y: number, dark: boolean) => {
    const row = grid[y];
    if (row && x >= 0 && x < size) row[x] = dark;
  };
  drawPatterns(version, size, set);
  drawFormat(size, mask, set);
  if (version >= 7) drawVersion(size, version, set);
  const bits = codewords.flatMap((word) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => ((word >> bit) & 1) === 1));
  let next = 0;
  for (const [x, y] of path(size)) {
    if (grid[y]?.[x] !== undefined) continue;
    const isFlipped = MASKS[mask]?.(x, y) ?? false;
    set(x, y, (bits[next++] ?? false) !== isFlipped);
  }
  return grid as QrMatrix;
}

type Set = (x: number, y: number, dark: boolean) => void;

function drawPatterns(version: number, size: number, set: Set): void {
  for (let at = 0; at < size; at++) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  square(3, 3, 4, set);
  square(size - 4, 3, 4, set);
  square(3, size - 4, 4, set);
  const centres = ALIGNMENT[version - 1] ?? [];
  const last = centres.at(-1);
  for (const x of centres) {
    for (const y of centres) {
      const isCorner = (x === 6 && (y === 6 || y === last)) || (y === 6 && x === last);
      if (!isCorner) square(x, y, 2, set);
    }
  }
}

/** Rings around a centre: a finder has one more, which is light. */
function square(cx: number, cy: number, radius: number, set: Set): void {
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      const ring = Math.max(Math.abs(dx), Math.abs(dy));
      set(cx + dx, cy + dy, radius === 4 ? ring !== 2 && ring !== 4 : ring !== 1);
    }
  }
}

/** Level M is 00. */
function drawFormat(size: number, mask: number, set: Set): void {
  const bits = ((mask << 10) | remainder(mask, 0x537, 10)) ^ 0x5412;
  const bit = (at: number) => ((bits >> at) & 1) === 1;
  for (let at = 0; at < 15; at++) {
    set(8, at < 6 ? at : at < 8 ? at + 1 : size - 15 + at, bit(at));
    set(at < 8 ? size - 1 - at : at < 9 ? 7 : 14 - at, 8, bit(at));
  }
  set(8, size - 8, true);
}

function drawVersion(size: number, version: number, set: Set): void {
  const bits = (version << 12) | remainder(version, 0x1f25, 12);
  for (let at = 0; at < 18; at++) {
    const dark = ((bits >> at) & 1) === 1;
    const [a, b] = [size - 11 + (at % 3), Math.floor(at / 3)];
    set(a, b, dark);
    set(b, a, dark);
  }
}

function remainder(value: number, polynomial: number, degree: number): number {
  let rest = value;
  for (let at = 0; at < degree; at++) rest = (rest << 1) ^ ((rest >> (degree - 1)) * polynomial);
  return rest;
}

/** Two columns at a time, up and down, from the right; the column of the timing is left out. */
function* path(size: number): Generator<readonly [x: number, y: number]> {
  let isUp = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let at = 0; at < size; at++) {
      const y = isUp ? size - 1 - at : at;
      yield [right, y];
      yield [right - 1, y];
    }
    isUp = !isUp;
  }
}

/** The lower, the easier to read. */
function penalty(matrix: QrMatrix): number {
  const columns = matrix.map((_, x) => matrix.map((row) => row[x] === true));
  const lines = [...matrix, ...columns].map((line) => line.map((dark) => (dark ? '1' : '0')).join(''));
  let sum = 0;
  for (const line of lines) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2;
    for (const _ of line.matchAll(/(?=10111010000|00001011101)/g)) sum += 40;
  }
  for (let y = 1; y < matrix.length; y++) {
    for (let x = 1; x < matrix.length; x++) {
      const here = matrix[y]?.[x];
      if (here === matrix[y]?.[x - 1] && here === matrix[y - 1]?.[x] && here === matrix[y - 1]?.[x - 1]) sum += 3;
    }
  }
  const dark = matrix.flat().filter(Boolean).length / matrix.length ** 2;
  return sum + Math.floor(Math.abs(dark - 0.5) * 20) * 10;
}
