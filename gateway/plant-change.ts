import { isDeepStrictEqual } from 'node:util';
import type { ChannelSpec, DeviceSpec, Plant } from '../devices/plant-types.ts';

/**
 * The plant to come, with everything that stays as it is taken over from the plant at work: a channel or device that is the same object
 * in both has not changed, and nobody touches it.
 */
export function carryOver(before: Plant, after: Plant): Plant {
  const channels = new Map(before.channels.map((spec) => [spec.name, spec]));
  const devices = new Map(before.devices.map((spec) => [spec.name, spec]));
  return {
    channels: after.channels.map((spec) => sameChannel(channels.get(spec.name), spec) ?? spec),
    devices: after.devices.map((spec) => sameDevice(devices.get(spec.name), spec) ?? spec),
  };
}

function sameChannel(before: ChannelSpec | undefined, after: ChannelSpec): ChannelSpec | undefined {
  return isAlike(before, after) ? before : undefined;
}

function sameDevice(before: DeviceSpec | undefined, after: DeviceSpec): DeviceSpec | undefined {
  return isAlike(before, after) ? before : undefined;
}

/** Do they say the same? What a formula computes is what its text says, which stands beside it. */
export function isAlike(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(withoutFunctions(one), withoutFunctions(other));
}

function withoutFunctions(value: unknown): unknown {
  if (typeof value === 'function') return undefined;
  if (Array.isArray(value)) return value.map(withoutFunctions);
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutFunctions(inner)]));
}

/** Is it asked as before, at the same place? Then what is known of it may still hold. */
export function isSamePlace(before: DeviceSpec, after: DeviceSpec): boolean {
  const placeOf = ({ channel, driver, unitId, station, serial }: DeviceSpec) => [
    channel,
    driver,
    unitId,
    station,
    serial,
  ];
  return isDeepStrictEqual(placeOf(before), placeOf(after));
}

/** Is it the same point, read at the same place? */
export function isSamePoint(before: DeviceSpec, after: DeviceSpec, name: string): boolean {
  const pointOf = ({ points }: DeviceSpec) => points.find((each) => each.name === name);
  return isSamePlace(before, after) && isAlike(pointOf(before), pointOf(after));
}

/** What of a line's devices comes and goes. */
export function devicesChanged(
  before: readonly DeviceSpec[],
  after: readonly DeviceSpec[],
): { readonly gone: ReadonlySet<DeviceSpec>; readonly fresh: readonly DeviceSpec[] } {
  const [old, coming] = [new Set(before), new Set(after)];
  return {
    gone: new Set(before.filter((device) => !coming.has(device))),
    fresh: after.filter((device) => !old.has(device)),
  };
}
