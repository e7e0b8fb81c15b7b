import type { Driver } from '../../devices/driver.ts';
import type { DeviceSpec, PointSpec } from '../../devices/plant-types.ts';
import { polledPoints } from '../../devices/polled-points.ts';
import { OnceRhythm } from './once.ts';
import { Rhythm } from './rhythm.ts';

/** The points of one device that share a rhythm, planned once into requests. */
export interface PollTask {
  readonly device: DeviceSpec;
  readonly driver: Driver;
  readonly points: readonly PointSpec[];
  readonly requests: readonly unknown[];
  /** Left out for calendar jobs. */
  readonly rhythm?: Rhythm;
  /** The rhythm, where the points are read once. */
  readonly once?: OnceRhythm;
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
    return {
      device,
      driver,
      points,
      requests: driver.plan(points, device.limits),
      ...whenOf(points, startTicks),
    };
  });
}

function whenOf(points: readonly PointSpec[], startTicks: number): Pick<PollTask, 'rhythm' | 'once' | 'schedule'> {
  const { rhythm } = points[0] as PointSpec;
  if ('everyMs' in rhythm) return { rhythm: new Rhythm(rhythm.everyMs, startTicks) };
  if ('schedule' in rhythm) return { schedule: rhythm.schedule };
  const names = points.map(({ name }) => name);
  const once = new OnceRhythm(names, startTicks);
  return { rhythm: once, once };
}
