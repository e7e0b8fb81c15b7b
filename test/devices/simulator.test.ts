import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import modbusSerial from 'modbus-serial';
import { afterEach, describe, expect, test } from 'vitest';
import { Fault } from '../../core/faults.ts';
import { good } from '../../core/reading.ts';
import type { DriverPoint } from '../../devices/driver.ts';
import type { Plant } from '../../devices/plant-types.ts';
import { findDriver } from '../../devices/registry.ts';
import { ORACLE_STRIDE, oracleValue, readOracle } from '../../devices/simulator/oracle.ts';
import { type SimulatorOptions, startSimulator } from '../../devices/simulator/simulator.ts';
import type { TextAddress } from '../../devices/text/address.ts';
import { textLine } from '../../devices/text/driver.ts';
import { describeWith } from '../support/tools.ts';
import { parts, plantOf, readAll, startChannel } from './support.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const PLANT = `
channels:
  - { name: bus, driver: modbus-rtu, port: /dev/x, baudRate: 115200, timeout: 300ms }
  - { name: plc, driver: modbus-tcp, port: "tcp://127.0.0.1:502", timeout: 300ms }
devices:
  - { name: meter, channel: bus, unitId: 1, profile: eastron/sdm120 }
  - { name: room, channel: bus, unitId: 2, profile: xy-md02 }
  - name: boiler
    channel: plc
    unitId: 3
    points:
      setpoint: { unit: °C, address: { table: holding, register: 41, type: int16, scale: 0.1 }, writable: true, min: 20, max: 80 }
      wide:     { address: { table: holding, register: 50, type: float32, byteOrder: CDAB }, writable: true }
      pump:     { address: { table: coil, register: 9 }, writable: true }
      valve:    { address: { table: coil, register: 12, writeWith: multiple }, writable: true }
      running:  { address: { table: discrete, register: 0 } }
      count:    { address: { table: input, register: 7, type: uint32 } }
      total:    { address: { table: input, register: 9, type: float64 } }
`;

async function serve(options: Partial<SimulatorOptions> = {}) {
  const plant = await plantOf(PLANT);
  const simulator = await startSimulator(plant, { ...parts, ...options });
  cleanups.push(simulator.stop);
  const portOf = (name: string) => simulator.endpoints.find(({ channel }) => channel === name)?.port ?? '';
  return { plant, simulator, portOf, open: (device: string) => openTo(plant, device, portOf) };
}

function openTo(plant: Plant, name: string, portOf: (channel: string) => string) {
  const device = plant.devices.find((spec) => spec.name === name);
  const spec = plant.channels.find((given) => given.name === device?.channel);
  if (device === undefined || spec === undefined) throw new Error(name);
  const { channel, stop } = startChannel({ ...spec, port: portOf(spec.name) });
  cleanups.push(stop);
  return { device, channel, read: () => readAll(channel, { ...device, timeoutMs: spec.timeoutMs }) };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no fault',
    (error: unknown) => (error instanceof Fault ? error.code : Promise.reject(error)),
  );

describe('faults on demand', () => {
  test.each([
    ['dead', 'no-answer'],
    ['slow', 'no-answer'],
    ['garbled', 'garbled'],
    ['busy', 'device-busy'],
  ] as const)('%s: one device suffers, its neighbour on the line does not, and it heals', async (fault, code) => {
    const { simulator, open } = await serve();
    const { channel, device, read } = open('meter');
    const neighbour = () => readAll(channel, { ...device, unitId: 2, points: roomPoints });
    const roomPoints = simulator.devices[1]?.spec.points ?? [];
    simulator.setFault('meter', fault);
    expect(await codeOf(read())).toBe(code);
    expect([...(await neighbour()).values()].map(({ quality }) => quality)).toEqual(['good', 'good']);
    simulator.setFault('meter', undefined);
    expect((await read()).get('voltage')).toMatchObject({ quality: 'good' });
  });

  test('a device that does not exist is said so', async () => {
    const { simulator } = await serve();
    expect(() => simulator.setFault('metre', 'dead')).toThrowError(expect.objectContaining({ code: 'not-found' }));
  });
});

test('what is written is kept, by every writing function code', async () => {
  const { open } = await serve();
  const { device, channel, read } = open('boiler');
  const driver = findDriver('modbus-tcp');
  const write = (name: string, value: number | boolean) => {
    const point = device.points.find((spec) => spec.name === name) as DriverPoint;
    return channel.lease(async (line) => driver?.write?.(point, value, line, device), { urgency: 'write' });
  };
  await write('setpoint', 55.5);
  await write('wide', 1.25);
  await write('pump', true);
  await write('valve', true);
  const answers = await read();
  expect(answers.get('setpoint')).toEqual(good(55.5));
  expect(answers.get('wide')).toEqual(good(1.25));
  expect(answers.get('pump')).toEqual(good(true));
  expect(answers.get('valve')).toEqual(good(true));
  await write('pump', false);
  expect((await read()).get('pump')).toEqual(good(false));
});

test('a client that is not ours reads it', async () => {
  const { portOf } = await serve();
  const client = new modbusSerial.default();
  await client.connectTCP('127.0.0.1', { port: Number(new URL(portOf('plc')).port) });
  client.setTimeout(1000);
  client.setID(3);
  const { data } = await client.readHoldingRegisters(41, 1);
  expect(data[0]).toBeGreaterThanOrEqual(200);
  expect(data[0]).toBeLessThanOrEqual(800);
  await expect(client.readHoldingRegisters(1000, 1)).rejects.toMatchObject({ modbusCode: 2 });
  await expect(client.writeRegister(7, 1)).rejects.toMatchObject({ modbusCode: 2 });
  client.setID(99);
  await expect(client.readHoldingRegisters(41, 1)).rejects.toMatchObject({ modbusCode: 11 });
  await new Promise<void>((resolve) => client.close(() => resolve()));
});

test('oracle: each reading names its point and its number, once', async () => {
  const served: number[] = [];
  const { open, plant } = await serve({ values: 'oracle', onServe: ({ value }) => served.push(Number(value)) });
  const { read } = open('boiler');
  const index = plant.devices.flatMap((device) => device.points).findIndex((point) => point.name === 'count');
  const got: unknown[] = [];
  for (let i = 0; i < 3; i++) got.push((await read()).get('count'));
  expect(got).toEqual([1, 2, 3].map((n) => good(index * ORACLE_STRIDE + n)));
  expect(served).toContain(index * ORACLE_STRIDE + 3);
  expect(readOracle(index * ORACLE_STRIDE + 3)).toEqual({ index, n: 3 });
  expect(oracleValue('float32', 159, 99_999)).toBeLessThan(2 ** 24);
});

describeWith('socat', 'on pseudo-terminals', () => {
  test('a meter answers and a weather station talks, at the speed of their lines', async () => {
    const plant = await plantOf(`
channels:
  - { name: bus, driver: modbus-rtu, port: /dev/x, baudRate: 9600, timeout: 500ms }
  - { name: mast, driver: text-line, port: /dev/y, baudRate: 9600 }
devices:
  - { name: meter, channel: bus, unitId: 1, profile: eastron/sdm120 }
  - { name: weather, channel: mast, profile: nmea/weather }
`);
    const ptyDir = mkdtempSync(join(tmpdir(), 'sluice-pty-'));
    const simulator = await startSimulator(plant, { ...parts, ptyDir });
    cleanups.push(simulator.stop);
    expect(simulator.endpoints).toEqual([
      { channel: 'bus', port: join(ptyDir, 'bus') },
      { channel: 'mast', port: join(ptyDir, 'mast') },
    ]);
    const portOf = (name: string) => join(ptyDir, name);
    const meter = openTo(plant, 'meter', portOf);
    await meter.channel.lease(async () => {});
    const start = performance.now();
    expect((await meter.read()).size).toBe(10);
    // Three requests and their replies are 119 characters of 1.04 ms.
    expect(performance.now() - start).toBeGreaterThan(119 * 1.04);

    const { device, channel } = openTo(plant, 'weather', portOf);
    const stopping = new AbortController();
    const names = new Set<string>();
    for await (const answers of textLine.listen?.(
      device.points as readonly DriverPoint<TextAddress>[],
      channel.listen(stopping.signal),
    ) ?? []) {
      for (const [name, outcome] of answers) if (outcome.quality === 'good') names.add(name);
      if (names.size === device.points.length) break;
    }
    stopping.abort();
    expect(names.size).toBe(6);
  });
});
