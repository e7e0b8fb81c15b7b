import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pickPorts } from './ports.ts';
import { findEndpoints, getJson, type LatestShown, pause } from './site.ts';
import { SluiceProcess, showsStack, sluice } from './sluice-process.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-bad-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

/** It ended with this code, said what to do, and did not crash. */
async function expectRefusal(args: readonly string[], code: number, ...parts: (string | RegExp)[]) {
  const ended = await sluice(...args);
  for (const part of parts) expect(ended.text).toMatch(part);
  expect(ended.code, ended.text).toBe(code);
  expect(showsStack(ended.text), ended.text).toBe(false);
  return ended;
}

const PLC = 'channels:\n  - { name: plc, driver: modbus-tcp, port: "tcp://127.0.0.1:1" }\n';

describe('a wrong configuration', () => {
  const cases: readonly { what: string; yaml: string; says: readonly string[] }[] = [
    { what: 'broken YAML', yaml: 'gateway: a\nchannels:\n  - { name: x\ndevices: [\n', says: ['FILE:4: ', 'FILE:5: '] },
    {
      what: 'unknown keys',
      yaml: 'gateway: a\ndataDirr: /tmp/x\nchannels:\n  - { name: plc, driver: modbus-tcp, port: "tcp://h:1", timout: 1s }\n',
      says: [
        'FILE:4: channels[0].timout: unknown key `timout` — did you mean `timeout`?',
        'FILE:2: dataDirr: unknown key `dataDirr` — did you mean `dataDir`?',
      ],
    },
    {
      what: 'names given twice',
      yaml: `gateway: a\n${PLC}  - { name: plc, driver: modbus-tcp, port: "tcp://h:2" }\ndevices:\n  - { name: d, channel: plc, profile: xy-md02 }\n  - { name: d, channel: plc, profile: xy-md02 }\n`,
      says: ['FILE:4: ', 'two channels named `plc`', 'FILE:7: ', 'two devices named `d`'],
    },
    {
      what: 'a point given twice',
      yaml: `gateway: a\n${PLC}devices:\n  - name: d\n    channel: plc\n    points:\n      p: { address: { table: coil, register: 1 } }\n      p: { address: { table: coil, register: 2 } }\n`,
      says: ['FILE:9: Map keys must be unique'],
    },
    {
      what: 'a register that cannot be',
      yaml: `gateway: a\n${PLC}devices:\n  - name: d\n    channel: plc\n    points:\n      p: { address: { table: holding, register: 70000, type: int16 } }\n`,
      says: ['FILE:8: devices[0].points.p.address.register: ', '65535'],
    },
    {
      what: 'a profile that does not exist',
      yaml: `gateway: a\n${PLC}devices:\n  - { name: d, channel: plc, profile: eastron/sdm12 }\n`,
      says: ['FILE:5: devices[0].profile: there is no profile `eastron/sdm12` — did you mean `eastron/sdm120`?'],
    },
    {
      what: 'a driver and a channel that do not exist',
      yaml: `gateway: a\n${PLC}  - { name: bus, driver: modbus-rut, port: /dev/ttyUSB0 }\ndevices:\n  - { name: d, channel: plcc, profile: xy-md02 }\n`,
      says: ['FILE:4: ', 'no driver `modbus-rut` — did you mean `modbus-rtu`?', 'FILE:6: ', 'no channel `plcc`'],
    },
  ];

  test.each(cases)('$what: where it is, and exit 2', async ({ what, yaml, says }) => {
    const file = write(`${what.replaceAll(' ', '-')}.yaml`, yaml);
    const told = await expectRefusal(['check', '-c', file], 2, /^sluice: The configuration has problems/);
    for (const part of says) expect(told.text).toContain(part.replace('FILE', file));
    const started = await expectRefusal(['gateway', '-c', file], 2);
    expect(started.text).toBe(told.text);
  });

  test('of the hub and of the simulator', async () => {
    const hub = write('hub-typo.yaml', 'dataDir: /tmp/x\nhtttp: { listen: 127.0.0.1:1 }\n');
    await expectRefusal(['hub', '-c', hub], 2, `${hub}:2: htttp: unknown key \`htttp\` — did you mean \`http\`?`);
    const open = write('hub-open.yaml', 'dataDir: /tmp/x\nhttp: { listen: 0.0.0.0:8080 }\n');
    await expectRefusal(['hub', '-c', open], 2, `${open}:2: `, /insecure/);
    await expectRefusal(['simulate', '-c', write('typo.yaml', 'channels: [{ nam: x }]\n')], 2, /did you mean `name`/);
  });

  test('with --json, for programs', async () => {
    const { lines } = await expectRefusal(['check', '--json', '-c', write('json.yaml', 'gatway: a\n')], 2);
    const { code, problems } = JSON.parse(lines.at(-1) ?? '');
    expect(code).toBe('settings-invalid');
    expect(problems).toContainEqual(expect.objectContaining({ line: 1, path: 'gatway' }));
  });
});

describe('a wrong command', () => {
  test.each([
    { args: [], says: /Usage: sluice VERB/ },
    { args: ['chek'], says: /no verb `chek`; did you mean `check`\?/ },
    { args: ['gateway'], says: /-c FILE|--config/ },
    { args: ['check'], says: /-c FILE|--config/ },
    { args: ['gateway', '-c'], says: /argument missing/ },
    { args: ['gateway', '--frob'], says: /Unknown option '--frob'/ },
    { args: ['gateway', '-c', '/nowhere/gateway.yaml'], says: /cannot be read: \/nowhere\/gateway\.yaml/ },
    { args: ['demo', '--port', 'x'], says: /--port x is no port/ },
    { args: ['demo', '--scenario', 'leek'], says: /leek does not exist/ },
    { args: ['export'], says: /export wants --point/ },
    { args: ['token'], says: /token knows: create/ },
    { args: ['journal', 'status', '--data', '/nowhere'], says: /no journal here/ },
    { args: ['export', '--point', 'a/b/c', '--data', '/nowhere'], says: /no archive here/ },
    { args: ['token', 'create', '--data', '/dev/null/x'], says: /data directory cannot be used: \/dev\/null\/x/ },
  ])('sluice $args: exit 2', async ({ args, says }) => {
    await expectRefusal(args, 2, says);
  });

  test.each([
    {
      args: ['read', '--port', '/dev/nope', '--unit', '1', '--table', 'holding', '--register', '1'],
      says: /not exist/,
    },
    { args: ['join', '--hub', 'http://127.0.0.1:1', '--token', 'x', '--id', 'a'], says: /token is wrong/ },
    { args: ['export', '--point', 'a/b/c', '--hub', 'http://127.0.0.1:1', '--key', 'k'], says: /cannot be reached/ },
  ])('sluice $args: fails with exit 1', async ({ args, says }) => {
    await expectRefusal(args, 1, says);
  });
});

describe('what a process finds when it starts', () => {
  let taken: Server;
  let takenPort: number;
  let free: number;
  beforeAll(async () => {
    [takenPort, free] = (await pickPorts(2)) as [number, number];
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(takenPort, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => taken.close(resolve)));

  test.each(['http', 'mqtt'])("the hub's %s port is taken: one line, exit 1", async (which) => {
    const listen = (name: string) => `127.0.0.1:${name === which ? takenPort : free}`;
    const file = write(
      `hub-${which}.yaml`,
      `dataDir: ${join(dir, `hub-${which}`)}\nhttp: { listen: ${listen('http')} }\nmqtt: { listen: ${listen('mqtt')} }\n`,
    );
    const { lines } = await expectRefusal(
      ['hub', '-c', file],
      1,
      `port is in use by another program: 127.0.0.1:${takenPort}`,
    );
    expect(lines.filter((line) => line.startsWith('sluice:'))).toHaveLength(1);
  });

  test('the demo finds its port taken: another one is named', async () => {
    await expectRefusal(['demo', '--port', String(takenPort)], 1, `try --port ${takenPort + 1}`);
  });

  test('a gateway that is to speak to a hub but has no certificate says how to get one', async () => {
    const file = write('new.yaml', `gateway: a\ndataDir: ${join(dir, 'new')}\nhub: { url: mqtts://127.0.0.1:1 }\n`);
    await expectRefusal(['gateway', '-c', file], 1, /sluice join/);
  });

  test('a data directory that cannot be', async () => {
    const file = write('nodir.yaml', 'gateway: a\ndataDir: /dev/null/x\n');
    await expectRefusal(['gateway', '-c', file], 2, /data directory cannot be used: \/dev\/null\/x/);
    await expectRefusal(['hub', '-c', write('nohub.yaml', 'dataDir: /dev/null/x\n')], 2, /cannot be used/);
  });
});

test('a verb that waits for an answer that never comes ends at Ctrl-C', async () => {
  const asked: Socket[] = [];
  const mute = createServer((socket) => asked.push(socket.on('error', () => {})));
  await new Promise<void>((resolve) => mute.listen(join(dir, 'control.sock'), resolve));
  const verb = new SluiceProcess(['journal', 'status', '--data', dir]);
  while (asked.length === 0) await pause(20);
  process.kill(verb.pid, 'SIGINT');
  expect(await verb.exited, 'ended by the signal, by nothing of its own').toBeNull();
  for (const socket of asked) socket.destroy();
  await new Promise((resolve) => mute.close(resolve));
});

/** One gateway with everything wrong that can be wrong while it runs, and one device that is well. */
describe('while the gateway runs', () => {
  const plant = (port: string, bus: string) => `channels:
  - { name: tcp-plc, driver: modbus-tcp, port: ${port}, timeout: 200ms }
  - { name: noise, driver: modbus-tcp, port: ${bus}, timeout: 200ms }
  - { name: gone, driver: modbus-rtu, port: /dev/serial/by-id/nothing-here }
  - { name: refused, driver: modbus-tcp, port: "tcp://127.0.0.1:1" }
devices:
  - { name: well, channel: tcp-plc, unitId: 1, profile: xy-md02, driver: modbus-tcp, every: 100ms }
  - { name: silent, channel: tcp-plc, unitId: 2, profile: xy-md02, driver: modbus-tcp, every: 500ms }
  - { name: noisy, channel: noise, unitId: 3, profile: xy-md02, driver: modbus-tcp, every: 200ms }
  - { name: unplugged, channel: gone, profile: xy-md02, every: 500ms }
  - { name: closed, channel: refused, profile: xy-md02, driver: modbus-tcp, every: 500ms }
`;
  let simulator: SluiceProcess;
  let gateway: SluiceProcess;
  let http: number;
  let bus: Server;
  let file: string;
  const dataDir = () => join(dir, 'gateway');

  beforeAll(async () => {
    const [httpPort, busPort] = (await pickPorts(2)) as [number, number];
    http = httpPort;
    bus = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => bus.listen(busPort, '127.0.0.1', resolve));
    const any = '"tcp://127.0.0.1:1"';
    simulator = new SluiceProcess(['simulate', '--json', '-c', write('plant.yaml', plant(any, any))]);
    const endpoints = await simulator.until(findEndpoints, 'endpoints');
    const [plc, noise] = endpoints.map(({ port }) => JSON.stringify(port)) as [string, string];
    simulator.say('fault silent dead');
    simulator.say('fault noisy garbled');
    simulator.say('nonsense');
    file = write(
      'running.yaml',
      `gateway: bad\ndataDir: ${dataDir()}\nhttp: { listen: 127.0.0.1:${http} }\neventBus: { listen: 127.0.0.1:${busPort} }\njournal: { commitInterval: 100ms }\n${plant(plc, noise)}`,
    );
    gateway = new SluiceProcess(['gateway', '-c', file]);
  });
  afterAll(async () => {
    await gateway?.kill();
    await simulator?.kill();
    await new Promise((resolve) => bus.close(resolve));
  });

  const latest = async () => {
    const list = await getJson<LatestShown[]>(`http://127.0.0.1:${http}/api/v1/latest`);
    return new Map(list.map((each) => [each.point, each]));
  };

  async function until(ready: () => Promise<boolean>, what: string): Promise<void> {
    for (let tries = 0; tries < 200; tries++) {
      if (await ready().catch(() => false)) return;
      await pause(100);
    }
    throw new Error(`never: ${what}\n${gateway.lines.slice(-20).join('\n')}`);
  }

  test.each([
    { device: 'unplugged', what: 'a port that is missing', fault: ['port-missing'] },
    { device: 'closed', what: 'a host that refuses', fault: ['connection-refused'] },
    { device: 'silent', what: 'a slave that never answers', fault: ['no-answer'] },
    { device: 'noisy', what: 'frames of garbage', fault: ['garbled', 'no-answer', 'line-closed'] },
  ])('$what: a fault on its points', async ({ device, fault }) => {
    const isBad = async () => (await latest()).get(`${device}/humidity`)?.quality === 'bad';
    await until(isBad, `${device} has a fault`);
    const reading = (await latest()).get(`${device}/humidity`);
    expect(reading?.value).toBeNull();
    expect(fault).toContain(reading?.fault);
  });

  test('a port that is taken: it goes on without that listener, and says so', async () => {
    await gateway.until((lines) => lines.find((line) => line.includes('port-taken')), 'the event bus is missed');
  });

  test('the others go on, and what was read is kept', async () => {
    await until(async () => (await latest()).get('well/humidity')?.quality === 'good', 'a good value');
    const first = (await latest()).get('well/humidity')?.at ?? 0;
    await until(async () => ((await latest()).get('well/humidity')?.at ?? 0) > first + 1000, 'and another');
    const { code, stdout, text } = await sluice('journal', 'status', '--json', '--data', dataDir());
    expect(code, text).toBe(0);
    expect(JSON.parse(stdout.join('\n')).epochs[0].next).toBeGreaterThan(20);
  });

  test('a second gateway on the same data is refused; the first goes on', async () => {
    await expectRefusal(['gateway', '-c', file], 1, /Another process uses this data directory/);
    expect(gateway.isOver).toBe(false);
    const before = Date.now();
    await until(async () => ((await latest()).get('well/humidity')?.at ?? 0) > before, 'a newer value');
  });

  test('nothing has crashed, and it stops when asked', async () => {
    expect(simulator.text).toMatch(/simulate: The command was called wrongly: nonsense/);
    expect(await gateway.kill()).toBe(0);
    expect(await simulator.kill()).toBe(0);
    for (const { text } of [gateway, simulator]) expect(showsStack(text), text).toBe(false);
  });
});
