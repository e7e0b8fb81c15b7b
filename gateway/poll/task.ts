import type { Driver } from '../../devices/driver.ts';
import type { DeviceSpec, PointSpec } from '../../devices/plant-types.ts';
import { polledPoints } from '../../devices/polled-points.ts';
import { Rhythm } from './rhythm.ts';

/** The points of one device that share a rhythm, planned once into requests. */
export interface PollTask {
  readonly device: DeviceSpec;
  readonly driver: Driver;
  readonly points: readonly PointSpec[];
  readonly requests: readonly unknown[];
  /** Left out for calendar jobs. */
  readonly rhythm?: Rhythm;
  readonly schedule?: string;
}

/** One task for each rhythm of the device. Fixed rhythms begin at `startTicks`. */
export function planTasks(device: DeviceSpec, driver: Driver, startTicks: number): PollTask[] {
  const groups = new Map<string, PointSpec[]>();
  for (const point of polledPoints(device)) {
    const key = JSON.stringify(point.rhythm);
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()].map((points) => {
    const { rhythm } = points[0] as PointSpec;
    return {
      device,
      driver,
      points,
      requests: driver.plan(points, device.limits),
      ...('everyMs' in rhythm ? { rhythm: new Rhythm(rhythm.everyMs, startTicks) } : { schedule: rhythm.schedule }),
    };
  });
}
