import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import modbusSerial from 'modbus-serial';
import { freePorts } from '../cli/demo/free-ports.ts';
import { findEndpoints } from '../test/e2e/site.ts';
import { SluiceProcess } from '../test/e2e/sluice-process.ts';
import { type Bench, median, type Row } from './report.ts';

const SECONDS = 8;
/** A request of 125 registers: 60 float32 and 5 uint16. */
const POINTS = [
  ...Array.from(
    { length: 60 },
    (_, i) => `      f${i}: { address: { table: holding, register: ${i * 2}, type: float32 } }`,
  ),
  ...Array.from(
    { length: 5 },
    (_, i) => `      u${i}: { address: { table: holding, register: ${120 + i}, type: uint16 } }`,
  ),
].join('\n');

interface Load {
  readonly channel: (port: string) => string;
  readonly devices: number;
  readonly every: string;
  readonly points?: string;
}

function config(dir: string, http: number, port: string, { channel, devices, every, points = POINTS }: Load): string {
  const device = (unit: number) => `  - name: device-${unit}
    channel: line
    unitId: ${unit}
    every: ${every}
    points:
${points}`;
  return `gateway: bench
dataDir: ${dir}/data
http: { listen: 127.0.0.1:${http} }
eventBus: false
channels:
  - ${channel(port)}
devices:${devices === 0 ? ' []' : ''}
${Array.from({ length: devices }, (_, i) => device(i + 1)).join('\n')}
`;
}

/** Stands in a configuration until the simulator has said where it serves. */
const NOWHERE = 'tcp://127.0.0.1:1';

function tcpChannel(port: string): string {
  return `{ name: line, driver: modbus-tcp, port: "${port}" }`;
}

function rtuChannel(port: string, baud: number): string {
  const at = port === NOWHERE ? '/dev/null/line' : port;
  return `{ name: line, driver: modbus-rtu, port: "${at}", baudRate: ${baud}, parity: even, timeout: 1s }`;
}

interface Figures {
  /** Exchanges a second. */
  readonly rate: number;
  /** Milliseconds of CPU a second. */
  readonly cpuMsPerSecond: number;
  readonly rssMb: number;
}

/** A real gateway against a real simulator, each in a process of its own. */
async function gatewayFigures(load: Load): Promise<Figures> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const [http] = (await freePorts(1)) as [number];
  const file = join(dir, 'gateway.yaml');
  writeFileSync(file, config(dir, http, NOWHERE, load));
  const simulator = new SluiceProcess(['simulate', '-c', file, '--json', '--pty', dir]);
  const [endpoint] = await simulator.until(findEndpoints, 'the simulator serves');
  const port = endpoint?.port ?? '';
  writeFileSync(file, config(dir, http, port, load));
  const gateway = new SluiceProcess(['gateway', '-c', file], { env: { SLUICE_LOG: 'warn' } });
  try {
    const metrics = async () => (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
    const figure = (text: string, name: string) =>
      Number(new RegExp(`^${name}(?:{[^}]*})? ([0-9.e+-]+)`, 'm').exec(text)?.[1]);
    let before = '';
    while (!(figure(before, 'sluice_channel_exchanges_total') > 5 || (load.devices === 0 && before !== ''))) {
      if (gateway.isOver) throw new Error(gateway.lines.join('\n'));
      await new Promise((resolve) => setTimeout(resolve, 200));
      before = await metrics().catch(() => '');
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
    before = await metrics();
    const began = performance.now();
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    const after = await metrics();
    const seconds = (performance.now() - began) / 1000;
    const grown = (name: string) => figure(after, name) - figure(before, name);
    const exchanges = grown('sluice_channel_exchanges_total');
    return {
      rate: exchanges / seconds,
      cpuMsPerSecond: (grown('process_cpu_seconds_total') * 1000) / seconds,
      rssMb: figure(after, 'process_resident_memory_bytes') / 1e6,
    };
  } finally {
    await gateway.kill();
    await simulator.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The baseline: modbus-serial alone, reading and throwing away, against the same simulator. */
async function bareLoop(): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const file = join(dir, 'gateway.yaml');
  writeFileSync(file, config(dir, 1, NOWHERE, { channel: tcpChannel, devices: 1, every: '1s' }));
  const simulator = new SluiceProcess(['simulate', '-c', file, '--json']);
  const [endpoint] = await simulator.until(findEndpoints, 'the simulator serves');
  const port = Number(endpoint?.port.split(':').at(-1));
  try {
    const client = new modbusSerial.default();
    await client.connectTCP('127.0.0.1', { port });
    client.setID(1);
    for (let i = 0; i < 500; i++) await client.readHoldingRegisters(0, 125);
    const began = performance.now();
    let count = 0;
    for (; performance.now() - began < SECONDS * 1000; count++) await client.readHoldingRegisters(0, 125);
    const rate = count / ((performance.now() - began) / 1000);
    await new Promise<void>((resolve) => client.close(() => resolve()));
    return rate;
  } finally {
    await simulator.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function tcpRows(): Promise<Row[]> {
  const bare: number[] = [];
  const ours: Figures[] = [];
  for (let round = 0; round < 3; round++) {
    bare.push(await bareLoop());
    ours.push(await gatewayFigures({ channel: tcpChannel, devices: 20, every: '1ms' }));
  }
  const rate = median(ours.map((each) => each.rate));
  return [
    {
      what: 'Modbus TCP, 125 registers, one at a time, all of the gateway',
      value: rate,
      unit: 'requests/s',
      baseline: { what: 'a bare modbus-serial loop', value: median(bare) },
      goal: { of: 'ratio', least: 0.6 },
    },
    { what: '  which is', value: rate * 65, unit: 'readings/s' },
  ];
}

/** Milliseconds of one exchange: 8 bytes out, the silence by which the device knows their end, 1 ms of its thought, the reply, our silence. */
function lawfulMs(baud: number, registers: number): number {
  const character = 11_000 / baud;
  const silence = baud > 19_200 ? 1.75 : 3.5 * character;
  return (8 + 5 + registers * 2) * character + 1 + 2 * silence;
}

async function rtuRows(): Promise<Row[]> {
  const rows: Row[] = [];
  const idle = await gatewayFigures({ channel: tcpChannel, devices: 0, every: '1s' });
  rows.push({ what: 'an idle gateway: CPU', value: idle.cpuMsPerSecond, unit: 'ms a second' });
  for (const baud of [9600, 19_200, 115_200]) {
    const { rate, cpuMsPerSecond } = await gatewayFigures({
      channel: (port) => rtuChannel(port, baud),
      devices: 4,
      every: '10ms',
    });
    rows.push(
      {
        what: `Modbus RTU, ${baud} baud, 125 registers, paced pty`,
        value: rate,
        unit: 'exchanges/s',
        baseline: { what: 'the lawful rate', value: 1000 / lawfulMs(baud, 125) },
        goal: { of: 'ratio', least: 0.95 },
      },
      {
        what: `  CPU of the whole gateway for it, journal and all, above idle`,
        value: (cpuMsPerSecond - idle.cpuMsPerSecond) / rate,
        unit: 'ms',
      },
    );
  }
  return rows;
}

async function memoryRow(): Promise<Row> {
  const points = Array.from(
    { length: 1000 },
    (_, i) => `      p${i}: { address: { table: holding, register: ${i * 2}, type: float32 } }`,
  ).join('\n');
  const { rssMb } = await gatewayFigures({ channel: tcpChannel, devices: 1, every: '1s', points });
  return {
    what: 'memory of a gateway with 1,000 points at 1 s',
    value: rssMb,
    unit: 'MB RSS',
    goal: { of: 'value', most: 110 },
  };
}

export const bench: Bench = {
  name: 'polling: rate, CPU and memory',
  run: async () => [...(await tcpRows()), ...(await rtuRows()), await memoryRow()],
};
