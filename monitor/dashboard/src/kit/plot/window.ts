/** What a chart shows: a stretch of time, Unix milliseconds. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

const SHORTEST_MS = 2000;
const LONGEST_MS = 3 * 366 * 86_400_000;

/** Larger factors show less. What lies at `at` stays under the cursor. */
export function zoomAt({ from, to }: Window, at: number, factor: number): Window {
  const length = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (to - from) / factor));
  const share = (at - from) / (to - from);
  return { from: at - share * length, to: at + (1 - share) * length };
}

/** Moves by a share of what is seen; above 0 towards later. */
export function panBy({ from, to }: Window, share: number): Window {
  const by = (to - from) * share;
  return { from: from + by, to: to + by };
}

/** Two fingers held two instants; the same instants are under them where they have moved to (shares of the width). */
export function pinched(
  start: Window,
  held: readonly [number, number],
  now: readonly [number, number],
): Window | undefined {
  const apart = now[1] - now[0];
  const before = held[1] - held[0];
  if (Math.abs(apart) < 0.01 || Math.abs(before) < 0.01 || apart * before < 0) return undefined;
  const length = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, ((start.to - start.from) * before) / apart));
  const at = start.from + held[0] * (start.to - start.from);
  const from = at - now[0] * length;
  return { from, to: from + length };
}

/** What was dragged over; undefined if that was a slip of the hand. */
export function boxed(a: number, b: number): Window | undefined {
  const [from, to] = a < b ? [a, b] : [b, a];
  return to - from < SHORTEST_MS ? undefined : { from, to };
}
