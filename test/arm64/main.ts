import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSection } from '../../bench/performance-page.ts';
import { type Row, rowText } from '../../bench/report.ts';
import { NODE_VERSION } from '../../deploy/package/arch.ts';
import { assemble } from '../../deploy/package/assemble.ts';
import { Site } from '../e2e/site.ts';
import { emulatedNode } from '../support/arm64.ts';
import { must } from '../support/chroot.ts';
import { hasTool } from '../support/tools.ts';

/**
 * `npm run arm64 [-- --write]`: the gateway as it is packaged for a Raspberry Pi, under an arm64 Node with Debian's arm64 libraries, emulated
 * by qemu-user; the hub and the devices run natively. Serial line, journal, sync, a cut link, a power cut. Needs `npm run build`,
 * debootstrap, qemu-user-static and socat.
 */

const PLANT = `channels:
  - { name: bus-a, driver: modbus-rtu, port: $PORT_bus-a, baudRate: 19200, parity: even, timeout: 2s }
  - { name: mast, driver: text-line, port: $PORT_mast, baudRate: 4800 }
devices:
  - { name: meter, channel: bus-a, unitId: 1, profile: eastron/sdm120, every: 1s }
  - { name: weather, channel: mast, profile: nmea/weather, every: 1s }
`;

const PATIENCE_MS = 120_000;
const OUTAGE_MS = 10_000;

for (const tool of ['debootstrap', 'qemu-aarch64-static', 'socat']) {
  if (!hasTool(tool)) {
    console.error(`${tool} is missing: apt-get install debootstrap qemu-user-static socat`);
    process.exit(1);
  }
}

const work = mkdtempSync(join(tmpdir(), 'sluice-arm64-'));
try {
  step(`Debian's libraries and Node ${NODE_VERSION} for arm64`);
  const emulated = emulatedNode(work);
  step('the package for arm64');
  const folder = join(work, 'package');
  assemble({ arch: 'arm64', folder, gatewayOnly: true, withNode: false, tell: (line) => step(`  ${line}`) });
  const main = join(folder, 'dist/cli/main.js');
  console.log(
    `  ${must(emulated[0] as string, ...emulated.slice(1), '-p', 'process.arch + " " + process.version').trim()}`,
  );
  const rows = await play(emulated, main);
  for (const row of rows) console.log(rowText(row));
  if (process.argv.includes('--write'))
    writeSection('arm64', `Node v${NODE_VERSION} for arm64, emulated by qemu-user on ${process.arch}.`, rows);
} finally {
  rmSync(work, { recursive: true, force: true });
}

async function play(emulated: readonly string[], main: string): Promise<Row[]> {
  step('hub, devices and gateway');
  // The harness puts its own Node first; it is dropped for the emulated one.
  const instead = ['sh', '-c', `shift; exec ${emulated.join(' ')} "$@"`, 'sh'];
  const began = performance.now();
  const site = await Site.start({ plant: PLANT, gatewayMain: () => main, gatewayPrefix: instead });
  try {
    const startedAt = performance.now();
    const polled = async () => /sluice_channel_exchanges_total\{[^}]*bus-a[^}]*\} [1-9]/.test(await metrics(site));
    await site.until(polled, 'the first poll', PATIENCE_MS);
    const firstPollMs = performance.now() - startedAt;
    const well = async () =>
      [...(await site.latest()).values()].filter(({ quality }) => quality === 'good').length >= 16;
    await site.until(well, 'all points at the hub, read over pseudo-terminals', PATIENCE_MS);
    step(`all points are at the hub after ${Math.round((performance.now() - began) / 1000)} s`);

    step('the link is cut, then the gateway is killed, then both come back');
    site.link.cut();
    await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
    await site.gateway.kill('SIGKILL');
    site.startGateway();
    const again = performance.now();
    await site.until(polled, 'the first poll after the kill', PATIENCE_MS);
    const secondPollMs = performance.now() - again;
    site.link.restore();
    const rssMb = rssOf(site.gateway.pid) / 1e6;
    const owed = await site.drain(PATIENCE_MS);
    const records = [...owed.values()].reduce((sum, next) => sum + next, 0);
    const { gaps } = await site.json<{ gaps: readonly unknown[] }>('/api/v1/gaps');
    if (gaps.length > 0) throw new Error(`lost: ${JSON.stringify(gaps)}`);
    step(`${records} records journalled, all at the hub, none declared lost`);

    step('the journal is verified by the emulated gateway');
    await site.gateway.kill();
    must(emulated[0] as string, ...emulated.slice(1), main, 'journal', 'verify', '--data', site.gatewayDir);
    return [
      { what: 'start to first poll over a serial line, emulated', value: firstPollMs / 1000, unit: 's' },
      { what: 'the same after a kill, with a journal to open, emulated', value: secondPollMs / 1000, unit: 's' },
      { what: 'memory with the emulator in it', value: rssMb, unit: 'MB' },
      { what: 'records journalled over a cut link and a kill, at the hub', value: records, unit: '' },
      { what: 'of them lost', value: gaps.length, unit: '', goal: { of: 'value', most: 0 } },
    ];
  } finally {
    await site.stop();
  }
}

async function metrics(site: Site): Promise<string> {
  return (await fetch(`${site.gatewayUrl}/metrics`, { signal: AbortSignal.timeout(5000) })).text();
}

function rssOf(pid: number): number {
  return 1024 * Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

function step(text: string): void {
  console.log(`· ${text}`);
}
