import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import type { Outcome } from '../../core/reading.ts';
import type { Channel, LeaseOptions } from '../../devices/channels/channel.ts';
import type { Line } from '../../devices/driver.ts';
import { findDriver } from '../../devices/registry.ts';
import { startSimulator } from '../../devices/simulator/simulator.ts';
import { ChannelPoller } from '../../gateway/poll/channel-poller.ts';
import { DevicePlan } from '../../gateway/poll/device-plan.ts';
import { planTasks } from '../../gateway/poll/task.ts';
import { describeWith } from '../support/tools.ts';
import { loadPlant, parts, plantOf, startChannel } from './support.ts';

/** Six devices of five protocols; two have a speed or a parity of their own. */
const SHARED = `
channels: [{ name: bus, driver: modbus-rtu, port: /dev/x, baudRate: 19200, timeout: 1500ms, settle: 30ms }]
devices:
  - { name: room, channel: bus, unitId: 2, profile: xy-md02, every: 500ms }
  - { name: feeder, channel: bus, station: "000000000161", profile: dlt645/single-phase, every: 2s }
  - { name: heat, channel: bus, unitId: 5, profile: kamstrup/multical-601, serial: { parity: even }, every: 2s }
  - { name: air, channel: bus, station: "54000834", profile: elvaco/cma11, serial: { parity: even }, every: 2s }
  - { name: house, channel: bus, profile: landis-gyr/e350, serial: { baudRate: 9600 }, every: 2s }
  - { name: scale, channel: bus, profile: mettler/sics, every: 2s }`;

describeWith('socat', 'one line', () => {
  test('carries five protocols at three settings: the poller gets every point of all of them, and no fault', {
    timeout: 60_000,
  }, async () => {
    const plant = await plantOf(SHARED);
    const ptyDir = mkdtempSync(join(tmpdir(), 'sluice-pty-'));
    const simulator = await startSimulator(plant, { ...parts, ptyDir });
    const [spec] = plant.channels;
    if (spec === undefined) throw new Error('no channel');
    const { channel, stop } = startChannel({ ...spec, port: simulator.endpoints[0]?.port ?? '' });
    await channel.lease(async () => {});
    const newest = new Map<string, Outcome>();
    const faults: string[] = [];
    const tasks = plant.devices.flatMap((device) => {
      const driver = findDriver(device.driver);
      if (driver === undefined) throw new Error(device.driver);
      return planTasks(new DevicePlan(device, driver, 'here', undefined, systemClock.ticks()), systemClock.ticks());
    });
    const sink = {
      answers: ({ name }: { name: string }, answers: ReadonlyMap<string, Outcome>) => {
        for (const [point, outcome] of answers) newest.set(`${name}/${point}`, outcome);
      },
      fault: ({ name }: { name: string }, points: readonly string[], fault: string) =>
        void faults.push(`${name}/${points[0]} ${fault}`),
      away: () => {},
    };
    const stopping = new AbortController();
    // What each protocol finds the line set to.
    const seen = new Map<string | undefined, string>();
    const watched: Channel = Object.create(channel, {
      lease: {
        value: (work: (line: Line) => Promise<unknown>, options: LeaseOptions) =>
          channel.lease((line) => {
            seen.set(options.driver, `${line.serial.baudRate} ${line.serial.parity}`);
            return work(line);
          }, options),
      },
    });
    const done = new ChannelPoller({
      ...{ channel: watched, tasks, inFlight: 1, silentShare: spec.silentShare },
      ...{ sink, clock: systemClock, onLearnt: () => {} },
    }).run(stopping.signal);
    const all = plant.devices.flatMap((device) => device.points.map((point) => `${device.name}/${point.name}`));
    await expect
      .poll(() => all.filter((point) => newest.get(point)?.quality !== 'good'), { timeout: 40_000 })
      .toEqual([]);
    expect(faults).toEqual([]);
    expect(Object.fromEntries(seen)).toEqual({
      'modbus-rtu': '19200 none',
      dlt645: '19200 none',
      mbus: '19200 even',
      iec62056: '9600 none',
      'text-line': '19200 none',
    });
    stopping.abort();
    await done;
    await stop();
    await simulator.stop();
  });
});

test('a meter that answers to any address must be alone of its kind on its line', async () => {
  const yaml = (one: string, two: string) => `
channels: [{ name: bus, driver: dlt645, port: /dev/x }]
devices:
  - { name: one, channel: bus, ${one} profile: dlt645/single-phase }
  - { name: two, channel: bus, ${two} profile: dlt645/single-phase }`;
  const messages = async (...given: [string, string]) =>
    (await loadPlant(yaml(...given))).problems.map(({ message }) => message);
  expect(await messages('', 'station: "000000000001",')).toEqual(['is missing: dlt645 has several devices on `bus`']);
  expect(await messages('', '')).toHaveLength(2);
  expect(await messages('station: "000000000002",', 'station: "000000000001",')).toEqual([]);
});
