import type { UnixMs } from '../../core/reading.ts';
import type { Increment, Missing } from './increments.ts';

/** Energy of one window, hour, day or month. */
export interface EnergyBucket {
  readonly at: UnixMs;
  /** Not included. */
  readonly to: UnixMs;
  /** What is known of it; null: nothing is. */
  readonly kwh: number | null;
  /** For how long something is known. */
  readonly knownMs: number;
  /** Of what has happened, for how long nothing is known. Above 0 the energy is at least `kwh`. */
  readonly missingMs: number;
}

export interface MissingSpan {
  readonly from: UnixMs;
  /** Not included. */
  readonly to: UnixMs;
  readonly why: Missing;
}

export interface Placed {
  readonly buckets: readonly EnergyBucket[];
  readonly missing: readonly MissingSpan[];
  /**
   * kWh that were consumed within a silence over several buckets: known as a sum, but not when. In no bucket. A silence that reaches beyond
   * the outer edges is not in it: how much of that was consumed between them is not known.
   */
  readonly unplaced: number;
}

export interface PlaceOptions {
  /** Starts of the buckets, rising, and the end of the last. */
  readonly edges: readonly UnixMs[];
  /** Readings further apart than this do not say when in between energy was used. */
  readonly holdMs: number;
  /** What comes later has not happened yet, and is not missing. Left out: all has. */
  readonly until?: UnixMs;
}

/**
 * Puts increments into buckets. One that crosses an edge is shared by time if it is short; a long one within a bucket is known all the
 * same; a long one over an edge is missing in both. Energy is neither made nor lost: buckets and `unplaced` add up to the increments, as
 * far as these lie within the edges.
 */
export function place(
  increments: readonly Increment[],
  { edges, holdMs, until = Number.POSITIVE_INFINITY }: PlaceOptions,
): Placed {
  const count = Math.max(0, edges.length - 1);
  const kwh = new Float64Array(count);
  const knownMs = new Float64Array(count);
  const silences: Increment[] = [];
  for (const increment of increments) {
    const { from, to, kwh: energy } = increment;
    const [first, last] = [bucketOf(edges, from), bucketOf(edges, Math.max(from, to - 1))];
    const isLong = to - from > holdMs && first !== last;
    if (energy === null || isLong) {
      silences.push(increment);
      continue;
    }
    for (let index = Math.max(0, first); index <= Math.min(count - 1, last); index++) {
      const part = overlap(from, to, edges[index] as number, edges[index + 1] as number);
      // At one instant a counter may still have moved: two readings of one millisecond.
      kwh[index] = (kwh[index] ?? 0) + (to === from ? energy : (energy * part) / (to - from));
      knownMs[index] = (knownMs[index] ?? 0) + part;
    }
  }
  const buckets = Array.from({ length: count }, (_, index) => {
    const span = { from: edges[index] as number, to: edges[index + 1] as number };
    return bucketFrom(span, { kwh: kwh[index] ?? 0, knownMs: knownMs[index] ?? 0, until });
  });
  const missing = silences.map(({ from, to, why = 'silent' }) => ({ from, to, why }));
  return { buckets, missing: joined(missing), unplaced: within(silences, edges) };
}

/** kWh of the silences that begin and end between the outer edges. */
function within(silences: readonly Increment[], edges: readonly UnixMs[]): number {
  const [first = 0, last = first] = [edges[0], edges.at(-1)];
  const own = silences.filter(({ from, to }) => from >= first && to <= last);
  return own.reduce((sum, { kwh }) => sum + (kwh ?? 0), 0);
}

function bucketFrom(
  { from: at, to }: Pick<MissingSpan, 'from' | 'to'>,
  { kwh, knownMs, until }: { readonly kwh: number; readonly knownMs: number; readonly until: UnixMs },
): EnergyBucket {
  const passed = Math.max(0, Math.min(to, until) - at);
  const known = Math.min(to - at, knownMs);
  return { at, to, kwh: known > 0 ? kwh : null, knownMs: known, missingMs: Math.max(0, passed - known) };
}

/** Index of the bucket that holds `at`: -1 before the first, their number after the last. */
function bucketOf(edges: readonly UnixMs[], at: UnixMs): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((edges[middle] as number) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function overlap(from: number, to: number, start: number, end: number): number {
  return Math.max(0, Math.min(to, end) - Math.max(from, start));
}

function joined(spans: readonly MissingSpan[]): MissingSpan[] {
  const all: MissingSpan[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last && last.why === span.why && span.from <= last.to)
      all[all.length - 1] = { ...last, to: Math.max(last.to, span.to) };
    else all.push(span);
  }
  return all;
}

/** Several meters together: a bucket of which one knows nothing is known of the others only, and says for how long one was missing. */
export function addUp(all: readonly Placed[]): readonly EnergyBucket[] {
  const [first] = all;
  return (first?.buckets ?? []).map(({ at, to }, index) => {
    const each = all.map(({ buckets }) => buckets[index]).filter((bucket) => bucket !== undefined);
    const known = each.filter(({ kwh }) => kwh !== null);
    return {
      at,
      to,
      kwh: known.length === 0 ? null : known.reduce((sum, { kwh }) => sum + (kwh ?? 0), 0),
      knownMs: Math.min(...each.map(({ knownMs }) => knownMs)),
      missingMs: Math.max(...each.map(({ missingMs }) => missingMs)),
    };
  });
}
