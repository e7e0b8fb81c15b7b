/** Orders of a 32-bit value's bytes on the wire; A is the most significant. */
export const BYTE_ORDERS = ['ABCD', 'BADC', 'CDAB', 'DCBA'] as const;
export type ByteOrder = (typeof BYTE_ORDERS)[number];

/** What the four orders mean for 64 bits: the same swaps of bytes and of words. */
const WIDE: Readonly<Record<ByteOrder, string>> = {
  ABCD: 'ABCDEFGH',
  BADC: 'BADCFEHG',
  CDAB: 'GHEFCDAB',
  DCBA: 'HGFEDCBA',
};

export function isByteOrder(text: string): boolean {
  return (BYTE_ORDERS as readonly string[]).includes(text) || isWideOrder(text);
}

/** Any permutation of ABCDEFGH. */
export function isWideOrder(text: string): boolean {
  return text.length === 8 && [...text].sort().join('') === 'ABCDEFGH';
}

/** For each byte on the wire, its place in the big-endian value; undefined if the order is big-endian anyway. */
export function permutation(order: string, size: 2 | 4 | 8): readonly number[] | undefined {
  const letters = size === 8 ? (WIDE[order as ByteOrder] ?? order) : size === 4 ? order : swapped(order) ? 'BA' : 'AB';
  const places = [...letters].map((letter) => letter.charCodeAt(0) - 65);
  return places.every((place, i) => place === i) ? undefined : places;
}

/** Are the two bytes of each register swapped? */
export function swapped(order: string): boolean {
  return order === 'BADC' || order === 'DCBA';
}
