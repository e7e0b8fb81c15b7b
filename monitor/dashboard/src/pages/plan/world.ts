import { attention } from '../../data/alarm-store.ts';
import type { Point } from '../../data/api.ts';
import { devices, gateways, lastOf, now, points, stateOf } from '../../data/store.ts';
import type { World } from './look.ts';
import { alarmsAt, type Replay, readingAt } from './replay.ts';

/** The plant as it is, or as it was at a step of the last day. */
export function worldAt(replay: Replay | undefined, at: number | undefined): World {
  const known = {
    points: new Map((points.value ?? []).map((point) => [point.id, point])),
    devices: new Map(devices.value.map((device) => [device.id, device])),
    gateways: gateways.value ?? [],
  };
  if (replay === undefined || at === undefined) {
    return { ...known, alarms: attention.value, lastOf: (point) => lastOf(point.id).value, stateOf, at: now.value };
  }
  const past = replay.past.value;
  return {
    ...known,
    // How a gateway's link was is not kept.
    gateways: [],
    alarms: alarmsAt(replay.alarms.value, at),
    lastOf: (point: Point) => readingAt(past, point.id, at).last,
    stateOf: (point: Point) => readingAt(past, point.id, at).state,
    at,
  };
}
