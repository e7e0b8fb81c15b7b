import type { DeviceSpec, PointSpec } from './plant-types.ts';

/** The points that a device is asked for: all but those that are computed. */
export function polledPoints({ points }: Pick<DeviceSpec, 'points'>): readonly PointSpec[] {
  return points.filter(({ formula }) => formula === undefined);
}
