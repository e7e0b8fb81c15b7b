import { describe, expect, test } from 'vitest';
import type { Value } from '../../core/reading.ts';
import { problemLine } from '../../core/settings.ts';
import type { PointSpec } from '../../devices/plant-types.ts';
import { checkProfile } from '../../devices/profile-check.ts';
import { ProfileLibrary } from '../../devices/profile-library.ts';
import { findDriver } from '../../devices/registry.ts';
import { englishOf } from '../../devices/resolve-point.ts';
import { startSimulator } from '../../devices/simulator/simulator.ts';
import { parts, plantOf, readAll, startChannel } from './support.ts';

const library = await ProfileLibrary.open();

test('the library has what the contract names, and at least one model of each family', () => {
  expect(library.names).toEqual(expect.arrayContaining(['eastron/sdm120', 'megatec/q1', 'nmea/weather', 'xy-md02']));
  const families = [
    ...['eastron/sdm120', 'eastron/sdm630', 'schneider/pm5110', 'schneider/iem3000', 'carlo-gavazzi/em340'],
    ...['socomec/countis-e', 'abb/b23', 'janitza/b23', 'siemens/pac2200', 'chint/dtsu666', 'peacefair/pzem-016'],
    ...['sunspec/inverter-103', 'xy-md02', 'generic/pta8c04', 'rle/ld5000', 'apc/symmetra-px', 'huawei/ups2000'],
    ...['tripp-lite/modbuscard', 'eaton/93pm', 'mean-well/drs', 'abb/acs355', 'danfoss/fc51', 'danfoss/vacon-10'],
    ...['carel/ir33', 'vertiv/liebert-c10', 'vertiv/liebert-dcd'],
  ];
  expect(families).toHaveLength(26);
  expect(library.names).toEqual(expect.arrayContaining(families));
  expect(library.names.length).toBeGreaterThanOrEqual(40);
});

describe.each(library.names)('profile %s', (name) => {
  test('is valid; titles, units, alarms and vectors are right', async () => {
    const loaded = await library.find(name);
    if (loaded === undefined) throw new Error(name);
    expect(checkProfile(loaded).map(problemLine)).toEqual([]);
    const { vectors, alarms, title } = loaded.value;
    expect(vectors.length).toBeGreaterThan(0);
    expect(title).toMatchObject({ en: expect.any(String), ko: expect.any(String) });
    for (const { text, action } of alarms) {
      expect(text).toMatchObject({ en: expect.any(String), ko: expect.any(String) });
      expect(action).toMatchObject({ en: expect.any(String), ko: expect.any(String) });
    }
  });

  test('wakes somebody where a failure is what it is there to tell', async () => {
    const { class: kind, alarms } = (await library.find(name))?.value ?? {};
    if (['ups', 'leak', 'drive'].includes(kind ?? '')) expect(alarms?.length).toBeGreaterThan(0);
  });

  test('is not known by registers that all read 0, as those of many other devices do', async () => {
    const { identify = [], driver } = (await library.find(name))?.value ?? {};
    if (identify.length === 0 || !driver?.startsWith('modbus')) return;
    expect(identify.some(({ equals, min, max }) => (equals ?? 0) !== 0 || (min ?? -1) > 0 || (max ?? 1) < 0)).toBe(
      true,
    );
  });

  test('reads back what its simulated device holds, through the real channel and driver', async () => {
    const driver = (await library.find(name))?.value.driver ?? '';
    const plant = await plantOf(`
channels: [{ name: line, driver: ${driver}, ${lineOf(driver)} }]
devices: [{ name: d, channel: line, unitId: 5, profile: ${name} }]`);
    const frozen = { ...parts, clock: { ...parts.clock, now: () => 1_795_000_000_000 } };
    const simulator = await startSimulator(plant, frozen);
    const [channelSpec] = plant.channels;
    const [device] = plant.devices;
    if (channelSpec === undefined || device === undefined) throw new Error('no device');
    const { channel, stop } = startChannel({ ...channelSpec, port: simulator.endpoints[0]?.port ?? '' });
    const speaks = findDriver(device.driver)?.plan(device.points, device.limits).length === 0;
    const answers = speaks ? await listenOnce(channel, device) : await readAll(channel, device);
    expect([...answers.keys()].sort()).toEqual(device.points.map((point) => point.name).sort());
    for (const point of simulator.devices[0]?.points ?? []) {
      const outcome = answers.get(point.spec.name);
      expect(outcome, point.spec.name).toMatchObject({ quality: 'good' });
      if (outcome?.quality === 'good') expectNear(point.spec, outcome.value, point.read().value);
      if (typeof outcome?.['value' as never] === 'number') expect(englishOf(point.spec.title)).not.toBe('');
    }
    await stop();
    await simulator.stop();
  });
});

/** What a line of this protocol must say. */
function lineOf(driver: string): string {
  if (driver === 'modbus-tcp') return 'port: "tcp://127.0.0.1:502"';
  return `port: /dev/x, baudRate: ${driver === 'iec62056' ? 9600 : 115_200}`;
}

/** A line of text shows fewer digits than the simulator computes with, and a register that counts tens of watts too. */
function expectNear({ name, address }: PointSpec, read: Value, held: Value): void {
  if (typeof read !== 'number' || typeof held !== 'number') return;
  const { scale = 1 } = address as { scale?: number };
  expect(Math.abs(read - held), `${name}: ${read} for ${held}`).toBeLessThanOrEqual(
    Math.max(0.6, 0.5 * scale, Math.abs(held) * 1e-6),
  );
}

async function listenOnce(
  channel: ReturnType<typeof startChannel>['channel'],
  device: Parameters<typeof readAll>[1],
): Promise<Awaited<ReturnType<typeof readAll>>> {
  const stopping = new AbortController();
  const all: Awaited<ReturnType<typeof readAll>> = new Map();
  const heard = findDriver(device.driver)?.listen?.(device.points, channel.listen(stopping.signal)) ?? [];
  for await (const answers of heard) {
    for (const [name, outcome] of answers) all.set(name, outcome);
    if (all.size === device.points.length) break;
  }
  stopping.abort();
  return all;
}
