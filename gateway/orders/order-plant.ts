import { stringify } from 'yaml';
import { SettingsFault } from '../../core/settings.ts';
import type { ChannelSpec, DeviceSpec } from '../../devices/plant-types.ts';
import { readConfig } from '../meta/config-text.ts';
import type { PlantRules } from '../settings.ts';

/** A line and devices that are not configured, checked like those that are. Throws SettingsFault. */
export async function plantOf(
  line: unknown,
  devices: readonly unknown[],
  rules: PlantRules,
): Promise<{ readonly spec: ChannelSpec; readonly devices: readonly DeviceSpec[] }> {
  const read = await readConfig(stringify({ channels: [line], devices }), rules);
  if ('problems' in read) throw new SettingsFault(read.problems);
  const [spec] = read.plant.channels;
  if (spec === undefined) throw new SettingsFault([{ file: '', line: 1, path: 'line', message: 'is missing' }]);
  return { spec, devices: read.plant.devices };
}
