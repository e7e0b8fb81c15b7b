import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Service } from '../../core/service.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import { openChannel } from '../../devices/channels/open-channel.ts';
import type { Driver } from '../../devices/driver.ts';
import type { ChannelSpec, DeviceSpec, Plant } from '../../devices/plant-types.ts';
import { findDriver } from '../../devices/registry.ts';
import type { PollSink } from './asker.ts';
import { type CalendarClock, CalendarService } from './calendar-service.ts';
import { ChannelPoller } from './channel-poller.ts';
import { DevicePlan } from './device-plan.ts';
import type { LearntByDevice, LearntStore } from './learnt-store.ts';
import { Listener } from './listener.ts';
import { planTasks } from './task.ts';

/** A line of the plant at work. */
export interface RunningChannel {
  readonly spec: ChannelSpec;
  readonly channel: Channel;
  readonly poller: ChannelPoller;
  readonly plans: readonly DevicePlan[];
}

export interface PollingParts {
  readonly plant: Plant;
  readonly timezone: string;
  readonly sink: PollSink;
  readonly learnt: LearntByDevice;
  readonly store: LearntStore;
  readonly clock: Clock & CalendarClock;
  readonly log: Log;
}

/** Lines begin one after the other within this time: a hundred that are due in the same millisecond would be late by turns, for ever. */
const SPREAD_MS = 1000;

/** A line, a poller and what listens, for each channel of the plant. */
export function composePolling(parts: PollingParts): { channels: RunningChannel[]; services: Service[] } {
  const { plant, timezone, sink, store, clock, log } = parts;
  const services: Service[] = [];
  const plans: DevicePlan[] = [];
  const onLearnt = () => {
    const told = plans.flatMap((plan) => (plan.learnt ? [[plan.device.name, plan.learnt] as const] : []));
    const devices = told.map(([name]) => name);
    if (devices.length > 0) log.info({ devices }, 'devices refuse what their profiles say');
    else log.info('all devices now answer what their profiles say');
    void store.save(new Map(told));
  };
  const start = clock.ticks();
  const channels = plant.channels.map((spec, index): RunningChannel => {
    const channel = openChannel(spec, { clock, log });
    const own = plant.devices
      .filter((device) => device.channel === spec.name)
      .map((device) => planOf(device, spec, parts));
    plans.push(...own);
    const tasks = own.flatMap((plan) => planTasks(plan, start + (index * SPREAD_MS) / plant.channels.length));
    const { maxInFlight: inFlight, silentShare } = spec;
    const poller = new ChannelPoller({ channel, tasks, inFlight, silentShare, sink, clock, onLearnt });
    const listening = tasks.filter(({ isAsked, points }) => !isAsked && points.length > 0);
    services.push(channel, poller, ...listening.map((task) => new Listener(channel, task, sink, clock)));
    return { spec, channel, poller, plans: own };
  });
  const schedules = plant.devices.flatMap(({ points }) =>
    points.flatMap(({ rhythm }) => ('schedule' in rhythm ? [rhythm.schedule] : [])),
  );
  const pollers = channels.map(({ poller }) => poller);
  if (schedules.length > 0) services.push(new CalendarService(timezone, schedules, pollers, clock));
  return { channels, services };
}

function planOf(device: DeviceSpec, { port }: ChannelSpec, { learnt, clock }: PollingParts): DevicePlan {
  const place = `${port} unit ${device.unitId} ${device.driver}`;
  return new DevicePlan(device, driverOf(device), place, learnt.get(device.name), clock.ticks());
}

function driverOf({ name, driver }: DeviceSpec): Driver {
  const found = findDriver(driver);
  if (found === undefined) throw new TypeError(`device ${name}: settings let an unknown driver pass: ${driver}`);
  return found;
}
