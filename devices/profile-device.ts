import type { Loaded, Path } from '../core/settings.ts';
import type { ChannelGiven, DeviceGiven } from './plant.ts';
import type { DeviceSpec } from './plant-types.ts';
import type { Profile } from './profile-schema.ts';
import { findDriver } from './registry.ts';
import { resolveDevice, unknownDriver } from './resolve-device.ts';

export type Tell = (path: Path, message: string, suggestion?: string) => void;

/** The device that a profile describes, alone on a line. */
export function profileDevice(loaded: Loaded<Profile>, report: Tell): DeviceSpec | undefined {
  const { driver: name } = loaded.value;
  const channelDriver = findDriver(name);
  if (channelDriver === undefined) {
    report(['driver'], unknownDriver(name));
    return undefined;
  }
  const channel = { name: 'line', driver: name, port: '/dev/line' } as ChannelGiven;
  const given: DeviceGiven = {
    ...{ name: 'device', channel: 'line', unitId: 1, messages: {}, points: {}, alarms: [], withoutAlarms: [] },
  };
  return resolveDevice(given, { channel, channelDriver, profile: loaded, report, reportProfile: report });
}
