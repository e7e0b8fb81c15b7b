import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../cli/demo/free-ports.ts';
import { findEndpoints } from '../test/e2e/site.ts';
import { SluiceProcess } from '../test/e2e/sluice-process.ts';
import type { Bench, Row } from './report.ts';

const SECONDS = 30;
const DEVICES = 100;
/** A hundred float32: two requests a device. */
const POINTS = Array.from(
  { length: 100 },
  (_, i) => `      p${i}: { address: { table: holding, register: ${i * 2}, type: float32 } }`,
).join('\n');

function config(dir: string, http: number, portOf: (device: number) => string): string {
  const names = Array.from({ length: DEVICES }, (_, i) => i);
  return `gateway: bench
dataDir: ${dir}/data
http: { listen: 127.0.0.1:${http} }
eventBus: false
channels:
${names.map((i) => `  - { name: c${i}, driver: modbus-tcp, port: "${portOf(i)}" }`).join('\n')}
devices:
${names.map((i) => `  - name: d${i}\n    channel: c${i}\n    every: 1s\n    points:\n${POINTS}`).join('\n')}
`;
}

/** Takes connections and says nothing: a device that is hung, not gone. */
async function blackHole(): Promise<{ port: string; close: () => void }> {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

interface Figures {
  /** Share of one core. */
  readonly cpu: number;
  readonly rssMb: number;
  /** Of the devices that answer: from when a round was due until it began, 99 of 100 within this bound of the metric's, ms. */
  readonly latenessMs: number;
  readonly readingsPerSecond: number;
}

/** Rounds by the bound of their lateness, of lines `c0` and up that count: cumulative, as a scrape has them. */
function latenesses(text: string, counts: (line: number) => boolean): Map<number, number> {
  const found = new Map<number, number>();
  for (const [, labels = '', value] of text.matchAll(/^sluice_poll_lateness_seconds_bucket{([^}]*)} (\d+)$/gm)) {
    const line = Number(/channel="c(\d+)"/.exec(labels)?.[1]);
    const bound = /le="([^"]*)"/.exec(labels)?.[1];
    if (!counts(line)) continue;
    const ms = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound) * 1000;
    found.set(ms, (found.get(ms) ?? 0) + Number(value));
  }
  return found;
}

/** The least bound that holds 99 of 100 rounds between two scrapes. */
function p99(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  const within = (bound: number) => (after.get(bound) ?? 0) - (before.get(bound) ?? 0);
  const all = within(Number.POSITIVE_INFINITY);
  if (all === 0) throw new Error('no rounds were counted');
  const bounds = [...after.keys()].sort((a, b) => a - b);
  return bounds.find((bound) => within(bound) >= all * 0.99) ?? Number.POSITIVE_INFINITY;
}

/** The whole gateway with `dead` of a hundred devices hung. */
async function figures(dead: number): Promise<Figures> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-fleet-'));
  const [http] = (await freePorts(1)) as [number];
  const file = join(dir, 'gateway.yaml');
  writeFileSync(
    file,
    config(dir, http, () => 'tcp://127.0.0.1:1'),
  );
  const simulator = new SluiceProcess(['simulate', '-c', file, '--json']);
  const endpoints = await simulator.until(findEndpoints, 'the simulator serves');
  const hole = await blackHole();
  const ports = new Map(endpoints.map(({ channel, port }) => [channel, port]));
  writeFileSync(
    file,
    config(dir, http, (i) => (i < dead ? hole.port : (ports.get(`c${i}`) ?? ''))),
  );
  const gateway = new SluiceProcess(['gateway', '-c', file], { env: { SLUICE_LOG: 'warn' } });
  try {
    const metrics = async () => (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
    const figure = (text: string, name: string) =>
      Number(new RegExp(`^${name}(?:{[^}]*})? ([0-9.e+-]+)`, 'm').exec(text)?.[1]);
    while (!((figure(await metrics().catch(() => ''), 'sluice_readings_total') || 0) > DEVICES * 100)) {
      if (gateway.isOver) throw new Error(gateway.lines.join('\n'));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const before = await metrics();
    const began = performance.now();
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    const after = await metrics();
    const seconds = (performance.now() - began) / 1000;
    const grown = (name: string) => (figure(after, name) - figure(before, name)) / seconds;
    const counts = (line: number) => line >= dead;
    return {
      cpu: grown('process_cpu_seconds_total'),
      rssMb: figure(after, 'process_resident_memory_bytes') / 1e6,
      latenessMs: p99(latenesses(before, counts), latenesses(after, counts)),
      readingsPerSecond: grown('sluice_readings_total'),
    };
  } finally {
    await gateway.kill();
    await simulator.kill();
    hole.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

export const bench: Bench = {
  name: 'fleet: 10,000 points at 1 s from 100 devices over Modbus TCP',
  async run(): Promise<Row[]> {
    const [all, some] = [await figures(0), await figures(10)];
    return [
      { what: 'readings', value: all.readingsPerSecond, unit: '/s', goal: { of: 'value', least: 9900 } },
      { what: 'CPU of the gateway', value: all.cpu * 100, unit: '% of a core', goal: { of: 'value', most: 35 } },
      { what: 'memory', value: all.rssMb, unit: 'MB RSS', goal: { of: 'value', most: 160 } },
      {
        what: 'poll lateness, 99 of 100 within',
        value: all.latenessMs,
        unit: 'ms',
        goal: { of: 'value', most: 50 },
      },
      {
        what: 'the same of the other 90 when 10 devices hang',
        value: some.latenessMs,
        unit: 'ms',
        goal: { of: 'value', most: 50 },
      },
    ];
  },
};
