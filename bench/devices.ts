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
import type { ChannelSpec, DeviceSpec, Plant } from '../devices/plant-types.ts';
import { findDriver } from '../devices/registry.ts';
import { farLine, lawfulMs, RTU_LINES } from './far-line.ts';
import { meters } from './meters.ts';
import type { Bench, Row } from './report.ts';

const SECONDS = 10;
const FAST_BAUD = 921_600;

function plantOf(driver: string, port: string, baudRate: number, registers: number): Plant {
  const channel: ChannelSpec = {
    name: 'line',
    driver,
    port,
    serial: { baudRate, dataBits: 8, parity: 'even', stopBits: 1 },
    timeoutMs: 1000,
    maxInFlight: 1,
    silentShare: 0.1,
  };
  return { channels: [channel], devices: meters(1, registers, driver) };
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
  // At three exchanges a second it would be minutes until the code is compiled: what is measured is a gateway that has run for a while.
  const fast = await farLine(FAST_BAUD, 1, registers);
  await ours(plantOf('modbus-rtu', fast.port, FAST_BAUD, registers), fast.port);
  await fast.stop();
  const line = await farLine(baudRate, 1, registers);
  const own = await ours(plantOf('modbus-rtu', line.port, baudRate, registers), line.port);
  const { seen, broken } = await line.stop();
  return [
    {
      what: `Modbus RTU, ${baudRate} baud, ${registers} registers`,
      value: own.perSecond,
      unit: 'exchanges/s',
      baseline: { what: 'the lawful rate', value: 1000 / lawfulMs(baudRate, registers) },
      goal: { of: 'ratio', least: 0.98 },
    },
    { what: '  CPU of an exchange', value: own.cpuMs, unit: 'ms', goal: { of: 'value', most: 1 } },
    { what: `  silences shorter than lawful, of ${seen}`, value: broken, unit: '', goal: { of: 'value', most: 0 } },
  ];
}

export const bench: Bench = {
  name: 'devices: channel, driver and decoding alone',
  async run() {
    const rows = await tcpRows();
    for (const [baudRate, registers] of RTU_LINES) rows.push(...(await rtuRows(baudRate, registers)));
    return rows;
  },
};
