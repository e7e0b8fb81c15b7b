import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import type { Outcome } from '../../core/reading.ts';
import { parseSettings } from '../../core/settings.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import { openChannel } from '../../devices/channels/open-channel.ts';
import { channelsSchema, devicesSchema } from '../../devices/plant.ts';
import type { ChannelSpec, DeviceSpec, Plant } from '../../devices/plant-types.ts';
import { polledPoints } from '../../devices/polled-points.ts';
import { findDriver } from '../../devices/registry.ts';
import { resolvePlant } from '../../devices/resolve-plant.ts';
import { livedClock } from '../support/lived-clock.ts';

export const parts = { clock: livedClock, log: quietLog };

const schema = z.strictObject({
  channels: channelsSchema,
  devices: devicesSchema,
  profilesDir: z.string().optional(),
});

export function loadPlant(yaml: string) {
  return resolvePlant(parseSettings(schema, yaml, 'plant.yaml'), { file: 'plant.yaml' });
}

export async function plantOf(yaml: string): Promise<Plant> {
  const { plant, problems } = await loadPlant(yaml);
  if (problems.length > 0) throw new Error(JSON.stringify(problems, null, 2));
  return plant;
}

/** A running channel, and how to stop it. */
export function startChannel(
  spec: ChannelSpec,
  clock: Clock = livedClock,
): { channel: Channel; stop: () => Promise<void> } {
  const channel = openChannel(spec, { ...parts, clock });
  const stopping = new AbortController();
  const done = channel.run(stopping.signal);
  return {
    channel,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}

/** One poll of every point of a device. */
export async function readAll(channel: Channel, device: DeviceSpec): Promise<Map<string, Outcome>> {
  const driver = findDriver(device.driver);
  if (driver === undefined) throw new Error(device.driver);
  const answers = new Map<string, Outcome>();
  for (const request of driver.plan(polledPoints(device), device.limits)) {
    const got = await channel.lease((line) => driver.read(request, line, device), {
      timeoutMs: device.timeoutMs ?? 1000,
      driver: driver.name,
      ...(device.serial === undefined ? {} : { serial: device.serial }),
    });
    for (const [name, outcome] of got) answers.set(name, outcome);
  }
  return answers;
}
