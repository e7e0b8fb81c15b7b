import type { Window } from '../../kit/plot/window.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** What people read in a sheet. More rows than this are made of steps. */
const MOST_ROWS = 100_000;
const STEPS: readonly (readonly [ms: number, name: string])[] = [
  [MINUTE_MS, '1m'],
  [15 * MINUTE_MS, '15m'],
  [HOUR_MS, '1h'],
  [DAY_MS, '1d'],
];

/** The step of a file; undefined: every reading. */
export function exportStep({ from, to }: Window, intervalMs: number): string | undefined {
  if ((to - from) / intervalMs <= MOST_ROWS) return undefined;
  return (STEPS.find(([ms]) => (to - from) / ms <= MOST_ROWS) ?? STEPS.at(-1))?.[1];
}

/** A file of what is seen: a column per point. */
export function exportPath(points: readonly string[], { from, to }: Window, step: string | undefined, format: string) {
  const query = new URLSearchParams({
    point: points.join(','),
    from: String(Math.floor(from)),
    to: String(Math.ceil(to)),
    format,
    layout: 'wide',
    ...(step === undefined ? {} : { step, agg: 'avg,min,max' }),
    ...(format === 'csv' ? { bom: 'true' } : {}),
  });
  return `/api/v1/export?${query}`;
}
