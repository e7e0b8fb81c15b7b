import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeDataDir } from '../core/data-dir.ts';
import { Fault } from '../core/faults.ts';
import { parseDuration } from '../core/units.ts';
import { runDemo } from './demo/run-demo.ts';
import { SCENARIOS, type Scenario } from './demo/scenarios.ts';
import { textOption } from './options.ts';
import type { Arguments, Io, Verb } from './verb.ts';

export const verb: Verb = {
  name: 'demo',
  summary: 'a simulated plant, a gateway and a hub, to look at',
  usage: `Usage: sluice demo [--port N] [--scenario NAME] [--data DIR] [--for 60s]

      --port N          the page's port on 127.0.0.1 (default 8080)
      --scenario NAME   ${SCENARIOS.join(', ')} (default normal)
      --data DIR        keep the data there (default: a folder that goes with the demo)
      --for TIME        stop after this long, such as 60s

Simulated devices that speak real Modbus TCP, Modbus RTU and serial text; a real gateway and a real hub, enrolled as
yours would be. Everything stays on this machine. Keys: o cuts the link, d silences a meter, q ends it.

Example: sluice demo --port 8090 --scenario link-down`,
  options: {
    port: { type: 'string' },
    scenario: { type: 'string' },
    data: { type: 'string' },
    for: { type: 'string' },
  },
  stopsSoftly: true,
  async run(args, io) {
    const port = toPort(textOption(args.values, 'port') ?? '8080');
    const scenario = toScenario(textOption(args.values, 'scenario') ?? 'normal');
    await ensureFree(port);
    const given = textOption(args.values, 'data');
    const dataDir = given === undefined ? mkdtempSync(join(tmpdir(), 'sluice-demo-')) : resolve(given);
    await makeDataDir(dataDir);
    await writeFile(join(dataDir, 'README'), 'Written by `sluice demo`. Can be deleted.\n');
    const { signal, cancel } = stopSignal(args, io);
    try {
      return await runDemo({ port, scenario, dataDir, signal }, io);
    } finally {
      cancel();
      if (given === undefined) rmSync(dataDir, { recursive: true, force: true });
    }
  },
};

function toPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Fault('usage', `--port ${text} is no port`);
  return port;
}

function toScenario(name: string): Scenario {
  const scenario = SCENARIOS.find((each) => each === name);
  if (scenario !== undefined) return scenario;
  throw new Fault('usage', `--scenario ${name} does not exist; there are: ${SCENARIOS.join(', ')}`);
}

function stopSignal(args: Arguments, io: Io): { signal: AbortSignal; cancel: () => void } {
  const text = textOption(args.values, 'for');
  if (text === undefined) return { signal: io.signal, cancel: () => {} };
  const ms = parseDuration(text);
  if (ms === undefined) throw new Fault('usage', `--for ${text} is no duration; write 60s or 5m`);
  // Not AbortSignal.timeout: Node 20 may collect one that only AbortSignal.any holds; it then never comes.
  const stop = new AbortController();
  const cancel = io.clock.after(ms, () => stop.abort());
  return { signal: AbortSignal.any([io.signal, stop.signal]), cancel };
}

/** Better to say so now than after everything else has started. */
async function ensureFree(port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((free, taken) => {
    probe.once('error', (cause) =>
      taken(new Fault('port-taken', `127.0.0.1:${port}; try --port ${port + 1}`, { cause })),
    );
    probe.listen(port, '127.0.0.1', () => probe.close(() => free()));
  });
}
