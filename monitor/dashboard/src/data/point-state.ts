const POINT_STATES = ['live', 'late', 'stale', 'bad', 'empty'] as const;
export type PointState = (typeof POINT_STATES)[number];

export interface Rhythm {
  /** Milliseconds between readings; left out for scheduled points. */
  readonly everyMs?: number | undefined;
  /** By exception or by a schedule: a reading at least this often. */
  readonly maxSilenceMs?: number | undefined;
}

/** A commit at the gateway, the way to the hub, a batch of the stream: no reading is younger than this on a screen. */
const JOURNEY_MS = 3000;
const LATE_INTERVALS = 2;
const STALE_INTERVALS = 5;
const SOONEST_STALE_MS = 30_000;

/** The longest time between two readings of a point that is well; undefined if nobody can say. */
export function expectedInterval({ everyMs, maxSilenceMs }: Rhythm): number | undefined {
  return maxSilenceMs ?? everyMs;
}

/** How much a point's last reading can be trusted now. */
export function pointState(
  rhythm: Rhythm,
  last: { readonly at: number; readonly quality: 'good' | 'bad' } | null,
  now: number,
  /** Nothing comes from its gateway. */
  isAway = false,
): PointState {
  if (last === null) return 'empty';
  const age = now - last.at;
  const interval = expectedInterval(rhythm);
  if (interval !== undefined && age > Math.max(STALE_INTERVALS * interval + JOURNEY_MS, SOONEST_STALE_MS)) {
    return 'stale';
  }
  if (last.quality === 'bad') return 'bad';
  const isLate = interval !== undefined && age > LATE_INTERVALS * interval + JOURNEY_MS;
  return isLate || isAway ? 'late' : 'live';
}

export function isAbnormal(state: PointState): boolean {
  return state === 'late' || state === 'stale' || state === 'bad';
}
