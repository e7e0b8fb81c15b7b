import type { Problem } from '../../core/settings.ts';
import type { Plant, PointSpec } from '../../devices/plant-types.ts';
import { isAlike, isSamePoint } from '../plant-change.ts';
import { whyNoSwitch } from '../settings.ts';

/**
 * Why a configuration of the hub would open the switch on site that locks all writes (`device/point`): whoever stands beside the machine has
 * the last word, also against the hub. `known`: the plants that may say where the switch is, the first that has it counts; where none has, the
 * configuration may bring it.
 */
export function whyOpensLock(lock: string, next: Plant, known: readonly Plant[]): Problem | undefined {
  const before = known.map((plant) => find(plant, lock)).find((found) => found !== undefined);
  const after = find(next, lock);
  const because = (message: string, suggestion?: string): Problem => ({
    ...{ file: 'configuration', line: 1, path: 'devices', message: `\`${lock}\` locks all writes on site: ${message}` },
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  if (after === undefined) return before && because('it cannot be taken away');
  const unfit = whyNoSwitch(after.point);
  if (unfit !== undefined) return because(unfit);
  if (before === undefined || isSame(before, after)) return undefined;
  return because('it, its device and its line stay as they are', 'change `writeLock` in gateway.yaml, at the gateway');
}

interface Found {
  readonly plant: Plant;
  readonly device: Plant['devices'][number];
  readonly point: PointSpec;
}

function find(plant: Plant, lock: string): Found | undefined {
  const [deviceName, name] = lock.split('/');
  const device = plant.devices.find((each) => each.name === deviceName);
  const point = device?.points.find((each) => each.name === name);
  return device && point && { plant, device, point };
}

/** Other points of its device may change, but for one that is computed from them. */
function isSame(before: Found, after: Found): boolean {
  const lineOf = ({ plant, device }: Found) => plant.channels.find(({ name }) => name === device.channel);
  if (!isAlike(lineOf(before), lineOf(after))) return false;
  if (before.point.formula) return isAlike(before.device, after.device);
  return isSamePoint(before.device, after.device, before.point.name);
}
