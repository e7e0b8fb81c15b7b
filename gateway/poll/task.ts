import type { Driver } from '../../devices/driver.ts';
import type { DeviceSpec, PointSpec } from '../../devices/plant-types.ts';
import { polledPoints } from '../../devices/polled-points.ts';
import type { DevicePlan } from './device-plan.ts';
import { OnceRhythm } from './once.ts';
import { Rhythm } from './rhythm.ts';

/** The points of one device that share a rhythm, and the requests that bring them. */
export class PollTask {
  readonly plan: DevicePlan;
  readonly points: readonly PointSpec[];
  /** Left out for calendar jobs. */
  readonly rhythm: Rhythm | undefined;
  /** The rhythm, where the points are read once. */
  readonly once: OnceRhythm | undefined;
  readonly schedule: string | undefined;
  #requests: readonly unknown[] | undefined;
  #planned = 0;

  constructor(plan: DevicePlan, points: readonly PointSpec[], startTicks: number) {
    const { rhythm } = points[0] as PointSpec;
    this.plan = plan;
    this.points = points;
    this.once =
      'once' in rhythm
        ? new OnceRhythm(
            points.map(({ name }) => name),
            startTicks,
          )
        : undefined;
    this.rhythm = 'everyMs' in rhythm ? new Rhythm(rhythm.everyMs, startTicks) : this.once;
    this.schedule = 'schedule' in rhythm ? rhythm.schedule : undefined;
  }

  get device(): DeviceSpec {
    return this.plan.device;
  }

  get driver(): Driver {
    return this.plan.driver;
  }

  /** Planned once, and again when the device has turned out to refuse something. */
  get requests(): readonly unknown[] {
    if (this.#requests === undefined || this.#planned !== this.plan.version) {
      this.#requests = this.plan.requestsFor(this.points);
      this.#planned = this.plan.version;
    }
    return this.#requests;
  }

  /** Is it asked, or does it talk by itself? */
  get isAsked(): boolean {
    return this.driver.plan(this.points, this.device.limits).length > 0;
  }
}

/** One task for each rhythm of the device. Fixed rhythms begin at `startTicks`. */
export function planTasks(plan: DevicePlan, startTicks: number): PollTask[] {
  const groups = new Map<string, PointSpec[]>();
  for (const point of polledPoints(plan.device)) {
    const key = JSON.stringify(point.rhythm);
    groups.set(key, [...(groups.get(key) ?? []), point]);
  }
  return [...groups.values()].map((points) => new PollTask(plan, points, startTicks));
}
