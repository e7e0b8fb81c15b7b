import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FLOOR_TIME } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { good } from '../../core/reading.ts';
import { runAll } from '../../core/service.ts';
import { parseSettings } from '../../core/settings.ts';
import type { DeviceSpec, Plant } from '../../devices/plant-types.ts';
import { ProfileLibrary } from '../../devices/profile-library.ts';
import { resolvePlant } from '../../devices/resolve-plant.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { EdgeClock } from '../../gateway/edge-clock.ts';
import { Intake } from '../../gateway/intake.ts';
import { carryOver } from '../../gateway/plant-change.ts';
import { LearntStore } from '../../gateway/poll/learnt-store.ts';
import { Polling } from '../../gateway/poll/polling.ts';
import { gatewaySchema } from '../../gateway/settings.ts';
import { ruleOf } from '../core/rules/support.ts';
import { channelAt, later, tcpAnswer } from '../devices/far-end.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { livedClock } from '../support/lived-clock.ts';
import { plantOf, point } from '../support/plant.ts';
import { deviceWith } from '../support/poll-line.ts';
import { useChannels } from '../support/use-channels.ts';

const { far } = useChannels();

async function resolved(text: string): Promise<Plant> {
  const { plant, problems } = await resolvePlant(parseSettings(gatewaySchema, `gateway: g\n${text}`, 'g.yaml'));
  expect(problems).toEqual([]);
  return plant;
}

describe('what stays as it is', () => {
  test('a device of any profile, read twice from the same text, is the same', async () => {
    const { names } = await ProfileLibrary.open();
    expect(names.length).toBeGreaterThan(50);
    for (const profile of names) {
      const text = `channels: [{ name: a, driver: modbus-rtu, port: /dev/x }]\ndevices: [{ name: d, channel: a, profile: ${profile}, station: '1' }]`;
      const read = () => resolvePlant(parseSettings(gatewaySchema, `gateway: g\n${text}`, 'g.yaml'));
      const [{ plant: before }, { plant: after }] = [await read(), await read()];
      expect(after.devices[0], profile).not.toBe(before.devices[0]);
      if (before.devices[0]) expect(carryOver(before, after).devices[0], profile).toBe(before.devices[0]);
    }
  });

  test('one that differs in a formula, an alarm or a rhythm does not', async () => {
    const of = (formula: string, above: number, every: string) =>
      resolved(`channels: [{ name: a, driver: modbus-tcp, port: 'tcp://h:1' }]
devices:
  - name: d
    channel: a
    every: ${every}
    points: { x: { address: { table: holding, register: 1, type: int16 } }, y: { formula: ${formula} } }
    alarms: [{ point: x, above: ${above}, text: t, action: a }]`);
    const before = await of('x + 1', 5, '1s');
    expect(carryOver(before, await of('x + 1', 5, '1s')).devices[0]).toBe(before.devices[0]);
    for (const other of [await of('x + 2', 5, '1s'), await of('x + 1', 6, '1s'), await of('x + 1', 5, '2s')])
      expect(carryOver(before, other).devices[0]).not.toBe(before.devices[0]);
  });
});

test('reconfiguring one device of 100: the others miss no slot', { timeout: 30_000 }, async () => {
  const EVERY_MS = 250;
  const asked = new Map<string, number[]>();
  const ends = await Promise.all(
    ['a', 'b'].map((line) =>
      far((socket) =>
        socket.on('data', (bytes: Buffer) => {
          for (let at = 0; at + 12 <= bytes.length; at += 12) {
            const key = `${line} ${bytes[at + 6]}`;
            asked.set(key, [...(asked.get(key) ?? []), livedClock.ticks()]);
            socket.write(tcpAnswer(Buffer.from(bytes.subarray(at, at + 12))));
          }
        }),
      ),
    ),
  );
  const channels = ['a', 'b'].map((name, i) =>
    channelAt(ends[i]?.port ?? '', { name, driver: 'modbus-tcp', timeoutMs: 1000 }),
  );
  const devices = channels.flatMap(({ name }) =>
    Array.from({ length: 50 }, (_, i) => ({
      ...deviceWith(i + 1, [0], EVERY_MS),
      name: `${name}${i + 1}`,
      channel: name,
    })),
  );
  const heard = new Set<string>();
  const sink = { answers: ({ name }: DeviceSpec) => void heard.add(name), fault: () => {}, away: () => {} };
  const polling = new Polling({
    ...{ plant: { channels, devices }, timezone: 'UTC', sink, learnt: new Map(), log: quietLog },
    clock: new EdgeClock(livedClock, FLOOR_TIME),
    store: new LearntStore(mkdtempSync(join(tmpdir(), 'sluice-change-')), quietLog),
  });
  const stopping = new AbortController();
  const running = runAll([polling], stopping.signal, { clock: livedClock, log: quietLog });
  await expect.poll(() => heard.size, { timeout: 5000 }).toBe(100);
  await later(500);
  asked.clear();
  const before = polling.channels.map(({ poller }) => poller.skipped);
  let plant: Plant = { channels, devices };
  for (let round = 0; round < 8; round++) {
    const next = plant.devices.map((device) => (device.name === 'a7' ? deviceOf(device, round) : device));
    plant = carryOver(plant, { channels: channels.map((spec) => ({ ...spec })), devices: next });
    await polling.change(plant, async () => later(20));
    await later(EVERY_MS);
  }
  stopping.abort();
  await running;
  expect(polling.channels.map(({ poller }) => poller.skipped)).toEqual(before);
  // Its requests came from another register each time.
  expect(asked.get('a 7')?.length).toBeGreaterThan(4);
  const gaps = [...asked]
    .filter(([key]) => key !== 'a 7')
    .map(([, at]) => Math.max(...at.slice(1).map((t, i) => t - (at[i] as number))));
  expect(gaps).toHaveLength(99);
  expect(Math.max(...gaps)).toBeLessThan(2 * EVERY_MS);
});

function deviceOf({ name, channel, unitId }: DeviceSpec, round: number): DeviceSpec {
  return { ...deviceWith(unitId, [round + 1], 250), name, channel };
}

test('a line that is new is opened, one that is gone is closed, and nothing of it is asked any more', async () => {
  const [one, other] = await Promise.all(
    [0, 1].map(() => far((socket) => socket.on('data', (bytes: Buffer) => socket.write(tcpAnswer(bytes))))),
  );
  const heard: string[] = [];
  const sink = { answers: ({ name }: DeviceSpec) => void heard.push(name), fault: () => {}, away: () => {} };
  const line = (name: string, port: string) => channelAt(port, { name, driver: 'modbus-tcp' });
  const device = (name: string, channel: string) => ({ ...deviceWith(1, [0], 30), name, channel });
  const before: Plant = { channels: [line('a', one?.port ?? '')], devices: [device('d', 'a')] };
  const polling = new Polling({
    ...{ plant: before, timezone: 'UTC', sink, learnt: new Map(), log: quietLog },
    clock: new EdgeClock(livedClock, FLOOR_TIME),
    store: new LearntStore(mkdtempSync(join(tmpdir(), 'sluice-change-')), quietLog),
  });
  const stopping = new AbortController();
  const running = runAll([polling], stopping.signal, { clock: livedClock, log: quietLog });
  await expect.poll(() => heard).toContain('d');
  await polling.change(
    carryOver(before, { channels: [line('b', other?.port ?? '')], devices: [device('e', 'b')] }),
    async () => {
      heard.length = 0;
    },
  );
  await expect.poll(() => heard).toContain('e');
  await expect.poll(() => one?.open()).toBe(0);
  expect(heard).not.toContain('d');
  expect(polling.channels.map(({ spec }) => spec.name)).toEqual(['b']);
  stopping.abort();
  await running;
});

test('a change that fails halfway is taken back whole', async () => {
  const ends = await Promise.all(
    [0, 1].map(() => far((socket) => socket.on('data', (bytes: Buffer) => socket.write(tcpAnswer(bytes))))),
  );
  const heard = new Set<string>();
  const sink = { answers: ({ name }: DeviceSpec) => void heard.add(name), fault: () => {}, away: () => {} };
  const channels = ends.map(({ port }, i) => channelAt(port, { name: `l${i}`, driver: 'modbus-tcp' }));
  const devices = channels.map(({ name }) => ({ ...deviceWith(1, [0], 30), name: `on-${name}`, channel: name }));
  const before: Plant = { channels, devices };
  const polling = new Polling({
    ...{ plant: before, timezone: 'UTC', sink, learnt: new Map(), log: quietLog },
    clock: new EdgeClock(livedClock, FLOOR_TIME),
    store: new LearntStore(mkdtempSync(join(tmpdir(), 'sluice-change-')), quietLog),
  });
  const stopping = new AbortController();
  const running = runAll([polling], stopping.signal, { clock: livedClock, log: quietLog });
  await expect.poll(() => heard.size).toBe(2);
  const next = carryOver(before, {
    channels: channels.slice(1),
    devices: [{ ...deviceWith(1, [5], 30), name: 'on-l1', channel: 'l1' }],
  });
  const failed = polling.change(next, () => Promise.reject(new Error('the disk is full')));
  await expect(failed).rejects.toThrow('the disk is full');
  heard.clear();
  await later(100);
  expect(heard.size).toBe(0);
  await polling.change(carryOver(before, before), async () => {});
  await expect.poll(() => [...heard].sort()).toEqual(['on-l0', 'on-l1']);
  stopping.abort();
  await running;
});

describe('what is known goes on', () => {
  const clock = new FakeClock();
  const rule = ruleOf({ kind: 'above', limit: 5, deadband: 0 }, { id: 'high', point: 't', onDelayMs: 0 });
  const site = { site: 's', timezone: 'UTC' };

  function begin(plant: Plant) {
    const told: string[] = [];
    const event = (given: { event: string; rule?: string; active?: boolean }) =>
      void (given.event === 'alarm' && told.push(`${given.rule} ${given.active}`));
    const catalogue = nextCatalogue(null, plant, site);
    const intake = new Intake(plant, catalogue, { reading() {}, event }, clock);
    const change = (next: Plant) => {
      const carried = carryOver(plant, next);
      intake.change(carried, nextCatalogue(catalogue, carried, site));
    };
    return { intake, told, change, device: plant.devices[0] as DeviceSpec };
  }

  test('values of points that stay, and an alarm whose rule stays', () => {
    const { intake, told, change, device } = begin(plantOf([point('t'), point('s')], { rules: [rule] }));
    intake.answers(
      device,
      new Map([
        ['t', good(9)],
        ['s', good(1)],
      ]),
    );
    expect(told).toEqual(['high true']);
    const next = plantOf([point('t'), point('s', { unit: 'K' }), point('u')], { rules: [rule] });
    change(next);
    const points = intake.devices.get('boiler')?.points;
    expect(points?.get('t')?.newest).toEqual(good(9));
    // Another unit: what was read before means something else.
    expect(points?.get('s')?.newest).toBeUndefined();
    expect(told).toEqual(['high true']);
    intake.answers(next.devices[0] as DeviceSpec, new Map([['t', good(2)]]));
    expect(told).toEqual(['high true', 'high false']);
  });

  test('an alarm whose rule or device is gone ends', () => {
    const { intake, told, change, device } = begin(plantOf([point('t')], { rules: [rule] }));
    intake.answers(device, new Map([['t', good(9)]]));
    change(plantOf([point('t')]));
    expect(told).toEqual(['high true', 'high false']);
    const other = begin(plantOf([point('t')], { rules: [rule] }));
    other.intake.answers(other.device, new Map([['t', good(9)]]));
    other.change({ channels: [], devices: [] });
    expect(other.told).toEqual(['high true', 'high false']);
    expect(other.intake.devices.size).toBe(0);
  });

  test('another unit id is another device: nothing read before is shown for it', () => {
    const { intake, change, device } = begin(plantOf([point('t')]));
    intake.answers(device, new Map([['t', good(9)]]));
    change(plantOf([point('t')], { unitId: 2 }));
    expect(intake.devices.get('boiler')).toMatchObject({ online: undefined });
    expect(intake.devices.get('boiler')?.points.get('t')?.newest).toBeUndefined();
  });
});
