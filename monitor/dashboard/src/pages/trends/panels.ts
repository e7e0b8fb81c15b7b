import type { Point } from '../../data/api.ts';
import { isState } from '../../data/trend-answer.ts';

/** Points that share an axis. */
export interface Panel {
  readonly key: string;
  readonly unit: string;
  readonly states: boolean;
  readonly points: readonly Point[];
}

/** One panel per unit, in the order in which the units were chosen. What has no unit, or is a state, stands alone. */
export function panelsOf(points: readonly Point[]): readonly Panel[] {
  const panels = new Map<string, Panel>();
  for (const point of points) {
    const states = isState(point);
    const unit = point.unit ?? '';
    const key = states || unit === '' ? point.id : unit;
    const held = panels.get(key)?.points ?? [];
    panels.set(key, { key, unit, states, points: [...held, point] });
  }
  return [...panels.values()];
}

const ALONE_PX = 340;
const SHARED_PX = 220;
const STATE_PX = 110;

export function heightOf({ states }: Panel, panels: number): number {
  if (states) return STATE_PX;
  return panels === 1 ? ALONE_PX : SHARED_PX;
}
