/** Bytes of data by version, 1 to 9, at correction level M. */
export const DATA = [16, 28, 44, 64, 86, 108, 124, 154, 182];
/** Bytes of correction in each block. */
const CORRECTION = [10, 16, 26, 18, 24, 16, 18, 22, 22];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5];

/** Length, bytes, padding and correction, in the order in which they are drawn. */
export function blockCodewords(bytes: readonly number[], version: number): readonly number[] {
  const size = DATA[version - 1] ?? 0;
  const data = toData(bytes, size);
  const count = BLOCKS[version - 1] ?? 1;
  const short = Math.floor(size / count);
  const shorts = count - (size % count);
  const blocks: number[][] = [];
  for (let at = 0; at < size; ) {
    const length = blocks.length < shorts ? short : short + 1;
    blocks.push(data.slice(at, at + length));
    at += length;
  }
  const corrections = blocks.map((block) => correctionOf(block, CORRECTION[version - 1] ?? 0));
  return [...interleave(blocks), ...interleave(corrections)];
}

/** Mode 4 (bytes), the length in 8 bits: all of it half a byte out of step. */
function toData(bytes: readonly number[], size: number): number[] {
  const halves = [4, bytes.length >> 4, bytes.length & 15, ...bytes.flatMap((byte) => [byte >> 4, byte & 15]), 0];
  const data: number[] = [];
  for (let at = 0; at < halves.length; at += 2) data.push(((halves[at] ?? 0) << 4) | (halves[at + 1] ?? 0));
  for (let pad = 0xec; data.length < size; pad ^= 0xec ^ 0x11) data.push(pad);
  return data;
}

function interleave(blocks: readonly (readonly number[])[]): number[] {
  const longest = Math.max(...blocks.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => blocks.flatMap((block) => block.slice(at, at + 1))).flat();
}

/** Reed-Solomon over GF(256) with 0x11d. */
function correctionOf(data: readonly number[], length: number): number[] {
  let generator = [1];
  for (let at = 0, root = 1; at < length; at++, root = multiply(root, 2)) {
    const times = [...generator, 0];
    generator = times.map((each, index) => each ^ multiply(generator[index - 1] ?? 0, root));
  }
  const rest: number[] = new Array(length).fill(0);
  for (const byte of data) {
    const factor = byte ^ (rest.shift() ?? 0);
    rest.push(0);
    for (let at = 0; at < length; at++) rest[at] = (rest[at] ?? 0) ^ multiply(generator[at + 1] ?? 0, factor);
  }
  return rest;
}

function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
}
