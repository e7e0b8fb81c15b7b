import type { PointState } from '../data/point-state.ts';
import type { MarkShape } from './mark.tsx';

export const STATE_MARK: Readonly<Record<PointState, readonly [MarkShape, string] | undefined>> = {
  live: undefined,
  late: ['diamond', 'medium'],
  stale: ['square', 'stale'],
  bad: ['triangle', 'high'],
  empty: ['ring', 'stale'],
};
