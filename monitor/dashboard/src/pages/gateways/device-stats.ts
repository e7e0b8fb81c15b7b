import type { Last, Point } from '../../data/api.ts';
import type { PointState } from '../../data/point-state.ts';

/** What the hub can say of a device without asking its gateway. */
export interface DeviceStats {
  readonly all: number;
  readonly live: number;
  /** Late, stale or bad. */
  readonly doubtful: number;
  readonly newest: number | null;
  /** The fault that most of its bad points carry. */
  readonly fault?: string;
}

export interface PointNow {
  readonly point: Point;
  readonly state: PointState;
  readonly last: Last | null;
}

export function deviceStats(own: readonly PointNow[]): DeviceStats {
  const counts = new Map<string, number>();
  let newest: number | null = null;
  for (const { last, state } of own) {
    if (last !== null && (newest === null || last.at > newest)) newest = last.at;
    if (state === 'bad' && last?.fault !== undefined) counts.set(last.fault, (counts.get(last.fault) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return {
    all: own.length,
    live: own.filter(({ state }) => state === 'live').length,
    doubtful: own.filter(({ state }) => state !== 'live' && state !== 'empty').length,
    newest,
    ...(most === undefined ? {} : { fault: most[0] }),
  };
}

export type DeviceState = 'well' | 'doubtful' | 'silent' | 'empty';

/** silent: it has points, and none of them has a value one could use. */
export function deviceState({ all, live, doubtful }: DeviceStats): DeviceState {
  if (doubtful > 0) return live === 0 ? 'silent' : 'doubtful';
  return all > 0 && live === 0 ? 'empty' : 'well';
}
