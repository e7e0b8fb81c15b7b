import { computed } from '@preact/signals';
import { attention } from '../../data/alarm-store.ts';
import type { Point } from '../../data/api.ts';
import { devices, gateways, lastOf, now, points, stateOf } from '../../data/store.ts';
import type { World } from './look.ts';
import { alarmsAt, type Replay, readingAt } from './replay.ts';

/** Made anew when the catalogue changes, not with each reading. */
const catalogue = computed(() => {
  const all = points.value ?? [];
  const byDevice = new Map<string, Point[]>();
  for (const point of all) {
    const id = `${point.gateway}/${point.device}`;
    const held = byDevice.get(id);
    if (held) held.push(point);
    else byDevice.set(id, [point]);
  }
  return {
    points: new Map(all.map((point) => [point.id, point])),
    byDevice,
    devices: new Map(devices.value.map((device) => [device.id, device])),
  };
});

/** The plant as it is, or as it was at a step of the last day. */
export function worldAt(replay: Replay | undefined, at: number | undefined): World {
  const known = { ...catalogue.value, gateways: gateways.value ?? [] };
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
