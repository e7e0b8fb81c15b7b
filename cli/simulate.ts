import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { z } from 'zod';
import { Fault, isFault } from '../core/faults.ts';
import { createLog } from '../core/log.ts';
import type { Value } from '../core/reading.ts';
import { aborted } from '../core/service.ts';
import { loadSettings, SettingsFault } from '../core/settings.ts';
import { channelsSchema, devicesSchema } from '../devices/plant.ts';
import { resolvePlant } from '../devices/resolve-plant.ts';
import { SIM_FAULTS } from '../devices/simulator/sim-device.ts';
import { type Simulator, startSimulator } from '../devices/simulator/simulator.ts';
import { choiceOption, neededText, textOption, wholeOption } from './options.ts';
import type { Io, Verb } from './verb.ts';

/** The rest of a gateway's configuration is `sluice check`'s business. */
const schema = z.looseObject({
  channels: channelsSchema,
  devices: devicesSchema,
  profilesDir: z.string().optional(),
});

export const verb: Verb = {
  name: 'simulate',
  summary: 'serve every device of a configuration, as its profile describes',
  usage: `Usage: sluice simulate -c gateway.yaml [--listen HOST] [--seed N] [--fault DEVICE=KIND]

  -c, --config FILE         a gateway's configuration; only channels and devices matter
      --listen HOST         address to listen on (default 127.0.0.1)
      --seed N              another seed, other values (default 1)
      --fault DEVICE=KIND   make a device misbehave: ${SIM_FAULTS.join(', ')}; may be given several times
      --pty DIR             where pseudo-terminals for serial channels go (default: a folder that goes with it);
                            they need socat, without it serial channels are served as tcp://
      --values KIND         plausible (default), or oracle: each value names its point and its reading
      --json                print the endpoints as JSON

tcp:// channels keep their port number where it is above 1023 and free. A point's \`typical\` says about what it shows.
While it runs it takes lines on its input: \`fault DEVICE KIND\`, and \`fault DEVICE none\` to heal it;
\`set DEVICE POINT VALUE\`, and \`set DEVICE POINT none\` to let it move again.

Example: sluice simulate -c gateway.yaml --fault main-meter=dead`,
  options: {
    config: { type: 'string', short: 'c' },
    listen: { type: 'string' },
    seed: { type: 'string' },
    fault: { type: 'string', multiple: true },
    pty: { type: 'string' },
    values: { type: 'string' },
    json: { type: 'boolean' },
  },
  stopsSoftly: true,

  async run({ values }, io) {
    const file = neededText(values, 'config');
    const { plant, problems } = await resolvePlant(await loadSettings(schema, file), { file });
    if (problems.length > 0) throw new SettingsFault(problems);
    if (plant.channels.length === 0) throw new Fault('usage', `${file} has no channels to serve`);
    const given = textOption(values, 'pty');
    const ptyDir = given ?? (await mkdtemp(join(tmpdir(), 'sluice-pty-')));
    const simulator = await startSimulator(plant, {
      clock: io.clock,
      log: await createLog('simulate'),
      listen: textOption(values, 'listen') ?? '127.0.0.1',
      seed: wholeOption(values, 'seed', { least: 0, most: 2 ** 31, preset: 1 }),
      ptyDir,
      values: choiceOption(values, 'values', ['plausible', 'oracle'] as const, 'plausible'),
      samePorts: true,
    });
    try {
      applyFaults(simulator, values.fault);
      if (values.json === true) io.out(JSON.stringify(simulator.endpoints));
      else for (const { channel, port } of simulator.endpoints) io.out(`channel ${channel}: port ${port}`);
      const input = takeOrders(simulator, io);
      await aborted(io.signal);
      input.close();
      if (values.json !== true) tellSilences(simulator, io);
    } finally {
      await simulator.stop();
      if (given === undefined) await rm(ptyDir, { recursive: true, force: true });
    }
    return 0;
  },
};

/** What a master must keep to between two requests, and whether it did: for whoever tests one. */
function tellSilences({ witnesses }: Simulator, io: Io): void {
  for (const [channel, witness] of witnesses) {
    const { seen, broken, lawfulMs, shortestMs } = witness.report();
    if (shortestMs === undefined) continue;
    const told = `shortest silence ${shortestMs.toFixed(2)} ms, ${lawfulMs.toFixed(2)} ms are lawful`;
    io.out(`channel ${channel}: ${told}; ${broken} of ${seen} too short`);
  }
}

/** Faults and values on demand, a line each. A wrong line is told and changes nothing. */
function takeOrders(simulator: Simulator, io: Io): Interface {
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => {
    try {
      obey(simulator, line);
    } catch (error) {
      if (!isFault(error)) throw error;
      io.err(`simulate: ${error.message}`);
    }
  });
  return input;
}

/** @throws Fault usage, not-found */
export function obey(simulator: Pick<Simulator, 'setFault' | 'setValue'>, line: string): void {
  const [word, device = '', ...rest] = line.trim().split(/\s+/);
  if (word === 'fault') {
    const fault = SIM_FAULTS.find((known) => known === rest[0]);
    if (fault === undefined && rest[0] !== 'none') throw new Fault('usage', line);
    simulator.setFault(device, fault);
    return;
  }
  const [point, text] = rest;
  if (word !== 'set' || point === undefined || text === undefined) throw new Fault('usage', line);
  simulator.setValue(device, point, text === 'none' ? undefined : valueFrom(text));
}

function valueFrom(text: string): Value {
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}

function applyFaults(simulator: Simulator, given: unknown): void {
  for (const text of Array.isArray(given) ? given : []) {
    const [device = '', kind] = String(text).split('=');
    const fault = SIM_FAULTS.find((known) => known === kind);
    if (fault === undefined)
      throw new Fault('usage', `--fault wants DEVICE=KIND, KIND one of ${SIM_FAULTS.join(', ')}`);
    simulator.setFault(device, fault);
  }
}
