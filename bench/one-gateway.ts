import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../cli/demo/free-ports.ts';
import { SluiceProcess } from '../test/e2e/sluice-process.ts';

export interface Load {
  /** Each a line of `channels:`. */
  readonly channels: readonly string[];
  /** On each channel. */
  readonly devices: number;
  readonly every: string;
  readonly points: string;
  /** From its first answers until figures are taken; default 3000. */
  readonly warmUpMs?: number;
  /** Of the gateway's process. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Figures {
  /** From the process's start until its first answers. */
  readonly startMs: number;
  /** Exchanges a second, of all channels. */
  readonly rate: number;
  /** Milliseconds of CPU a second. */
  readonly cpuMsPerSecond: number;
  readonly rssMb: number;
}

const SECONDS = 8;
const WARM_UP_MS = 3000;

/** Points over so many holding registers: two a float32, an odd one out a uint16. */
export function pointsOver(registers: number): string {
  const entry = (register: number, type: string) =>
    `      p${register}: { address: { table: holding, register: ${register}, type: ${type} } }`;
  const lines = Array.from({ length: registers >> 1 }, (_, i) => entry(i * 2, 'float32'));
  return [...lines, ...(registers % 2 === 1 ? [entry(registers - 1, 'uint16')] : [])].join('\n');
}

function config(dir: string, http: number, { channels, devices, every, points }: Load): string {
  const device = (line: number, unit: number) => `  - name: device-${line}-${unit}
    channel: line-${line}
    unitId: ${unit}
    every: ${every}
    points:
${points}`;
  const all = channels.flatMap((_, line) => Array.from({ length: devices }, (_, i) => device(line, i + 1)));
  return `gateway: bench
dataDir: ${dir}/data
http: { listen: 127.0.0.1:${http} }
eventBus: false
channels:${channels.length === 0 ? ' []' : ''}
${channels.map((channel, line) => `  - { name: line-${line}, ${channel} }`).join('\n')}
devices:${all.length === 0 ? ' []' : ''}
${all.join('\n')}
`;
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A whole gateway in a process of its own, journal and all, at work on a load. */
export async function gatewayFigures(load: Load): Promise<Figures> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const [http] = (await freePorts(1)) as [number];
  const file = join(dir, 'gateway.yaml');
  writeFileSync(file, config(dir, http, load));
  const started = performance.now();
  const gateway = new SluiceProcess(['gateway', '-c', file], { env: { SLUICE_LOG: 'warn', ...load.env } });
  const metrics = async () => (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
  try {
    for (let text = ''; !isAtWork(text, load); text = await metrics().catch(() => '')) {
      if (gateway.isOver) throw new Error(gateway.lines.join('\n'));
      await sleep(50);
    }
    const startMs = performance.now() - started;
    await sleep(load.warmUpMs ?? WARM_UP_MS);
    const [before, began] = [await metrics(), performance.now()];
    await sleep(SECONDS * 1000);
    const after = await metrics();
    const seconds = (performance.now() - began) / 1000;
    const grown = (name: string) => (sum(after, name) - sum(before, name)) / seconds;
    return {
      startMs,
      rate: grown('sluice_channel_exchanges_total'),
      cpuMsPerSecond: grown('process_cpu_seconds_total') * 1000,
      rssMb: sum(after, 'process_resident_memory_bytes') / 1e6,
    };
  } finally {
    await gateway.kill();
    rmSync(dir, { recursive: true, force: true });
  }
}

function isAtWork(text: string, { channels }: Load): boolean {
  return text !== '' && (channels.length === 0 || sum(text, 'sluice_channel_exchanges_total') > 5);
}

/** Of a metric, over all its labels. */
function sum(text: string, name: string): number {
  const lines = text.matchAll(new RegExp(`^${name}(?:{[^}]*})? ([0-9.e+-]+)$`, 'gm'));
  return [...lines].reduce((total, [, value]) => total + Number(value), 0);
}
