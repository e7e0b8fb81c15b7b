import type { DeviceState } from '../intake.ts';
import type { KubeEntry } from './kube-plant.ts';
import type { KubeState, Stand, TwinValue } from './report-queue.ts';
import { isTwinName, twinText, valueText } from './twin-text.ts';

type Devices = ReadonlyMap<string, DeviceState>;

/** How a Device object stands: what KubeEdge is told of it. A device that is read in part only is unhealthy, whatever it answers. */
export function standOf(entry: KubeEntry, devices: Devices): Stand {
  const { id, device, points, object, problems } = entry;
  const state = device && devices.get(device.name);
  if (device === undefined || state === undefined) return { id, state: 'unhealthy', twins: [] };
  const twins: TwinValue[] = [];
  let isFaulty = problems.length > 0;
  for (const { name, reportToCloud, desired = '' } of object.properties) {
    const point = state.points.get(points.get(name) ?? '');
    if (point === undefined) continue;
    if (point.newest?.quality === 'bad') isFaulty = true;
    // Before its first reading there is nothing to tell.
    if (reportToCloud && isTwinName(name) && point.newest !== undefined)
      twins.push({ property: name, desired: valueText(desired), reported: twinText(point.newest) });
  }
  return { id, state: stateOf(state, isFaulty), twins };
}

/** A device of the gateway's own, as a device of KubeEdge: every point is a property. */
export function ownStandOf(state: DeviceState, id: string): Stand {
  const { points } = state;
  const known = [...points.values()].filter(({ newest }) => newest !== undefined);
  const isFaulty = known.some(({ newest }) => newest?.quality === 'bad');
  return {
    id,
    state: stateOf(state, isFaulty),
    twins: known.map(({ spec: { name }, newest }) => ({ property: name, desired: '', reported: twinText(newest) })),
  };
}

function stateOf({ online }: DeviceState, isFaulty: boolean): KubeState {
  if (online === undefined) return 'unknown';
  if (!online) return 'offline';
  return isFaulty ? 'unhealthy' : 'online';
}
