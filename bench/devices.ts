/**
 * Poll rate of channel, driver and decoding, against a bare loop of modbus-serial on the same simulated device; and RTU on a paced
 * pseudo-terminal against what the line's speed allows.
 */
import { fork } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import modbusSerial from 'modbus-serial';
import { systemClock } from '../core/clock.ts';
import { quietLog } from '../core/log.ts';
import { openChannel } from '../devices/channels/open-channel.ts';
import { serialTiming } from '../devices/channels/serial-timing.ts';
import { STANDARD_LIMITS } from '../devices/limits.ts';
import { modbusAddress } from '../devices/modbus/address.ts';
import type { ChannelSpec, DeviceSpec, Plant, PointSpec } from '../devices/plant-types.ts';
import { findDriver } from '../devices/registry.ts';
import type { Bench, Row } from './report.ts';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 3);

function point(register: number, type: 'float32' | 'uint16'): PointSpec {
  const address = modbusAddress.parse({ table: 'holding', register, type });
  const rest = { title: {}, kind: 'number', rhythm: { everyMs: 1000 }, writable: false } as const;
  return { name: `p${register}`, address, type, ...rest };
}

/** Two registers a float32; an odd one out is a uint16. */
function pointsOver(registers: number): PointSpec[] {
  const points = Array.from({ length: registers >> 1 }, (_, i) => point(i * 2, 'float32'));
  return registers % 2 === 1 ? [...points, point(registers - 1, 'uint16')] : points;
}

function plantOf(driver: string, port: string, baudRate: number, registers: number): Plant {
  const channel: ChannelSpec = {
    name: 'line',
    driver,
    port,
    serial: { baudRate, dataBits: 8, parity: 'none', stopBits: 1 },
    timeoutMs: 1000,
    maxInFlight: 1,
    silentShare: 0.1,
  };
  const device: DeviceSpec = {
    name: 'meter',
    title: {},
    class: 'power-meter',
    channel: 'line',
    driver,
    unitId: 1,
    limits: STANDARD_LIMITS,
    points: pointsOver(registers),
    rules: [],
  };
  return { channels: [channel], devices: [device] };
}

async function withServer<T>(plant: Plant, work: (port: string) => Promise<T>): Promise<T> {
  const server = fork(fileURLToPath(new URL('./plant-server.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
  try {
    const endpoints = await new Promise<{ port: string }[]>((resolve) => {
      server.once('message', (message) => resolve(message as { port: string }[]));
      server.send({ plant, ptyDir: mkdtempSync(join(tmpdir(), 'sluice-bench-')) });
    });
    return await work(endpoints[0]?.port ?? '');
  } finally {
    server.disconnect();
  }
}

interface Rate {
  readonly perSecond: number;
  readonly cpuMs: number;
}

async function measure(once: () => Promise<unknown>, worth = 1): Promise<Rate> {
  for (let i = 0; i < 20; i++) await once();
  const cpu = process.cpuUsage();
  const start = performance.now();
  let count = 0;
  for (; performance.now() - start < SECONDS * 1000; count += worth) await once();
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (count * 1000) / (performance.now() - start), cpuMs: (user + system) / 1000 / count };
}

async function ours(plant: Plant, port: string, maxInFlight = 1): Promise<Rate> {
  const [channelSpec, device] = [plant.channels[0] as ChannelSpec, plant.devices[0] as DeviceSpec];
  const channel = openChannel({ ...channelSpec, port, maxInFlight }, { clock: systemClock, log: quietLog });
  const stopping = new AbortController();
  const done = channel.run(stopping.signal);
  const driver = findDriver(device.driver);
  if (driver === undefined) throw new Error(device.driver);
  const [request] = driver.plan(device.points, device.limits);
  const read = () => channel.lease((line) => driver.read(request, line, device));
  const rate = await measure(() => Promise.all(Array.from({ length: maxInFlight }, read)), maxInFlight);
  stopping.abort();
  await done;
  return rate;
}

async function bare(port: string): Promise<Rate> {
  const client = new modbusSerial.default();
  const { hostname, port: number } = new URL(port);
  await client.connectTCP(hostname, { port: Number(number) });
  client.setID(1);
  client.setTimeout(1000);
  const rate = await measure(() => client.readHoldingRegisters(0, 125));
  client.close(() => {});
  return rate;
}

async function tcpRows(): Promise<Row[]> {
  const plant = plantOf('modbus-tcp', 'tcp://127.0.0.1:502', 9600, 125);
  return withServer(plant, async (port) => {
    const [base, own, eight] = [await bare(port), await ours(plant, port), await ours(plant, port, 8)];
    const baseline = { what: 'modbus-serial alone', value: base.perSecond };
    return [
      { what: 'Modbus TCP, 125 registers: lease, driver, decode', value: own.perSecond, unit: 'requests/s', baseline },
      { what: '  CPU of a request', value: own.cpuMs * 1000, unit: 'us' },
      { what: '  eight in flight', value: eight.perSecond, unit: 'requests/s', baseline },
    ];
  });
}

async function rtuRows(baudRate: number, registers: number): Promise<Row[]> {
  const plant = plantOf('modbus-rtu', '/dev/pts/x', baudRate, registers);
  const { charMs, silenceMs } = serialTiming((plant.channels[0] as ChannelSpec).serial);
  // Request, the device's silence and 1 ms of its thought, reply, our silence.
  const lawfulMs = (8 + 5 + registers * 2) * charMs + 2 * silenceMs + 1;
  const own = await withServer(plant, (port) => ours(plant, port));
  return [
    {
      what: `Modbus RTU, ${baudRate} baud, ${registers} registers`,
      value: own.perSecond,
      unit: 'exchanges/s',
      baseline: { what: 'the lawful rate', value: 1000 / lawfulMs },
      goal: { of: 'ratio', least: 0.95 },
    },
    { what: '  CPU of an exchange', value: own.cpuMs, unit: 'ms', goal: { of: 'value', most: 2 } },
  ];
}

export const bench: Bench = {
  name: 'devices: channel, driver and decoding alone',
  async run() {
    const rows = await tcpRows();
    for (const baudRate of [9600, 19_200, 115_200]) rows.push(...(await rtuRows(baudRate, 125)));
    return rows;
  },
};
