import type { Clock } from '../../core/clock.ts';
import { Crew } from '../../core/crew.ts';
import type { Log } from '../../core/log.ts';
import type { Service } from '../../core/service.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import { openChannel } from '../../devices/channels/open-channel.ts';
import type { Driver } from '../../devices/driver.ts';
import type { ChannelSpec, DeviceSpec, Plant } from '../../devices/plant-types.ts';
import { findDriver } from '../../devices/registry.ts';
import { devicesChanged } from '../plant-change.ts';
import type { PollSink } from './asker.ts';
import { type CalendarClock, CalendarService } from './calendar-service.ts';
import { ChannelPoller } from './channel-poller.ts';
import { DevicePlan, type Learnt } from './device-plan.ts';
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

interface Line extends RunningChannel {
  plans: readonly DevicePlan[];
  listeners: readonly { readonly device: DeviceSpec; readonly service: Listener }[];
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

/** A line, a poller and what listens, for each channel of the plant; and what of them changes when the plant does. */
export class Polling implements Service {
  readonly name = 'polling';
  readonly what = 'polling';
  readonly #parts: PollingParts;
  readonly #crew = new Crew();
  readonly #calendar: CalendarService;
  /** By device: also of those that are not there now, for they may come back. */
  readonly #learnt: Map<string, Learnt>;
  #lines: Line[] = [];

  constructor(parts: PollingParts) {
    this.#parts = parts;
    this.#learnt = new Map(parts.learnt);
    this.#calendar = new CalendarService(parts.timezone, () => this.#lines.map(({ poller }) => poller), parts.clock);
    this.#open(parts.plant, parts.plant.channels);
    this.#crew.start(this.#calendar);
  }

  get channels(): readonly RunningChannel[] {
    return this.#lines;
  }

  /** Of the line that has owed a step for longest. */
  stalledMs(): number {
    return Math.max(0, ...this.#lines.map(({ poller }) => poller.stalledMs()));
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#crew.run(signal);
  }

  /**
   * Another plant, made with `carryOver`: what is the same object stays at work and misses no slot. `between` is awaited when nothing is
   * asked any more of what goes, and nothing yet of what comes.
   */
  async change(plant: Plant, between: () => Promise<void>): Promise<void> {
    const staying = new Set(plant.channels);
    const [kept, leaving] = [
      this.#lines.filter((l) => staying.has(l.spec)),
      this.#lines.filter((l) => !staying.has(l.spec)),
    ];
    const changes = kept.map((line) => ({
      line,
      ...devicesChanged(
        line.plans.map(({ device }) => device),
        devicesOf(plant, line.spec),
      ),
    }));
    await Promise.all([
      ...leaving.map((line) => this.#close(line)),
      ...changes.map(({ line, gone }) => this.#drop(line, gone)),
    ]);
    // Also if what follows fails: a line that is closed is no longer there, and is opened anew by the change that takes this one back.
    this.#lines = kept;
    await between();
    for (const { line, fresh } of changes) this.#add(line, fresh, this.#parts.clock.ticks());
    const known = new Set(kept.map(({ spec }) => spec));
    this.#open(
      plant,
      plant.channels.filter((spec) => !known.has(spec)),
    );
    this.#inOrder(plant);
  }

  /** As the configuration has them, for screens. */
  #inOrder(plant: Plant): void {
    const place = new Map(plant.channels.map((spec, i) => [spec, i]));
    const devices = new Map(plant.devices.map((device, i) => [device, i]));
    this.#lines.sort((a, b) => (place.get(a.spec) ?? 0) - (place.get(b.spec) ?? 0));
    for (const line of this.#lines)
      line.plans = [...line.plans].sort((a, b) => (devices.get(a.device) ?? 0) - (devices.get(b.device) ?? 0));
  }

  #open(plant: Plant, specs: readonly ChannelSpec[]): void {
    const { clock, log, sink } = this.#parts;
    const start = clock.ticks();
    specs.forEach((spec, index) => {
      const channel = openChannel(spec, { clock, log });
      const { maxInFlight: inFlight, silentShare } = spec;
      const poller = new ChannelPoller({
        channel,
        tasks: [],
        inFlight,
        silentShare,
        sink,
        clock,
        onLearnt: () => this.#noteLearnt(),
      });
      const line: Line = { spec, channel, poller, plans: [], listeners: [] };
      this.#lines.push(line);
      this.#crew.start(channel);
      this.#crew.start(poller);
      this.#add(line, devicesOf(plant, spec), start + (index * SPREAD_MS) / specs.length);
    });
    this.#calendar.follow(
      plant.devices.flatMap(({ points }) =>
        points.flatMap(({ rhythm }) => ('schedule' in rhythm ? [rhythm.schedule] : [])),
      ),
    );
  }

  async #close(line: Line): Promise<void> {
    await this.#crew.stop([line.channel, line.poller, ...line.listeners.map(({ service }) => service)]);
  }

  async #drop(line: Line, devices: ReadonlySet<DeviceSpec>): Promise<void> {
    if (devices.size === 0) return;
    const silenced = line.listeners.filter(({ device }) => devices.has(device));
    await this.#crew.stop(silenced.map(({ service }) => service));
    await line.poller.drop(devices);
    line.listeners = line.listeners.filter((each) => !silenced.includes(each));
    line.plans = line.plans.filter(({ device }) => !devices.has(device));
  }

  #add(line: Line, devices: readonly DeviceSpec[], startTicks: number): void {
    const { clock, sink } = this.#parts;
    const { channel, spec, poller } = line;
    const plans = devices.map((device) => planOf(device, spec, this.#learnt.get(device.name), clock));
    const tasks = plans.flatMap((plan) => planTasks(plan, startTicks));
    poller.add(tasks.filter(({ isAsked }) => isAsked));
    const listeners = tasks
      .filter(({ isAsked, points }) => !isAsked && points.length > 0)
      .map((task) => ({ device: task.device, service: new Listener(channel, task, sink, clock) }));
    for (const { service } of listeners) this.#crew.start(service);
    line.plans = [...line.plans, ...plans];
    line.listeners = [...line.listeners, ...listeners];
  }

  #noteLearnt(): void {
    const { log, store } = this.#parts;
    for (const plan of this.#lines.flatMap(({ plans }) => plans)) {
      if (plan.learnt) this.#learnt.set(plan.device.name, plan.learnt);
      else this.#learnt.delete(plan.device.name);
    }
    const devices = [...this.#learnt.keys()];
    if (devices.length > 0) log.info({ devices }, 'devices refuse what their profiles say');
    else log.info('all devices now answer what their profiles say');
    void store.save(new Map(this.#learnt));
  }
}

function devicesOf({ devices }: Plant, { name }: ChannelSpec): DeviceSpec[] {
  return devices.filter(({ channel }) => channel === name);
}

function planOf(device: DeviceSpec, { port }: ChannelSpec, learnt: Learnt | undefined, clock: Clock): DevicePlan {
  const place = `${port} unit ${device.unitId} ${device.driver}`;
  return new DevicePlan(device, driverOf(device), place, learnt, clock.ticks());
}

function driverOf({ name, driver }: DeviceSpec): Driver {
  const found = findDriver(driver);
  if (found === undefined) throw new TypeError(`device ${name}: settings let an unknown driver pass: ${driver}`);
  return found;
}
