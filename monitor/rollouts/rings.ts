import { z } from 'zod';

/** `3` gateways, or `10%` of them. What no ring takes is the last one. */
const ringSchema = z.string().regex(/^(?:[1-9]\d{0,4}|(?:[1-9]\d?|100)%)$/, {
  message: 'expected a number of gateways, or a share such as 10%',
});
export const ringsSchema = z.array(ringSchema).max(20);

/** To which ring each of `count` gateways belongs, in their order; rings count from 0. A share is of all, rounded up. */
export function ringsOf(rings: readonly string[], count: number): readonly number[] {
  const ringOf: number[] = [];
  for (const [ring, size] of rings.entries()) {
    const most = size.endsWith('%') ? Math.ceil((count * Number.parseInt(size, 10)) / 100) : Number(size);
    for (let taken = 0; taken < most && ringOf.length < count; taken++) ringOf.push(ring);
  }
  while (ringOf.length < count) ringOf.push(rings.length);
  return ringOf;
}
