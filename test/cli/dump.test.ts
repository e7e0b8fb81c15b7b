import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { makeBundle } from '../../cli/dump/bundle.ts';
import { verb } from '../../cli/dump.ts';
import { Ca } from '../../cloud-sync/cloud-hub/ca.ts';
import { systemClock } from '../../core/clock.ts';
import { serveControl } from '../../core/control-socket.ts';
import { quietLog } from '../../core/log.ts';
import { run } from '../support/run-verb.ts';

const SECRETS = {
  comment: 'hunter2-in-a-comment',
  urlPassword: 'hunter2-in-a-url',
  password: 'hunter2 "of the meter"',
  number: '84736251',
  unknownKey: 'hunter2-under-a-typo',
  message: 'hunter2-of-the-scale',
  list: 'hunter2-in-a-list',
  long: `hunter2-${'long'.repeat(40)}`,
  pem: 'MHcCAQEEIhunter2privatekeybase64',
  joinToken: `sluice1.${'f'.repeat(43)}.-.hunter2${'s'.repeat(25)}`,
  apiKey: 'slk_hunter2abcdefghijkl',
  bearer: 'hunter2.bearer.token',
};
const NAMES = [
  ...[
    'kumho-plant-7',
    'Kumho Plant',
    '금호 공장',
    'hub.kumho.example',
    'plc7.kumho.example',
    '10.77.3.20',
    '10.77.3.21',
  ],
  ...[
    'press-9',
    'north-hall',
    'A50285BI',
    'Main press of line 9',
    '000012345678',
    'kumho/own',
    'recipe-temp',
    'fd00:77::9',
  ],
];

const key = ['-----BEGIN EC PRIVATE KEY-----', SECRETS.pem, '-----END EC PRIVATE KEY-----', ''].join('\n');

let home: string;
let config: string;
let stop: () => Promise<void>;
const text = (settings = good()) => `# the password is ${SECRETS.comment}\n${settings}`;

function good(): string {
  return `gateway: kumho-plant-7
site: { en: Kumho Plant, ko: 금호 공장 }
dataDir: ${join(home, 'data')}
hub: { url: "mqtts://hub.kumho.example:8883" }
channels:
  - { name: north-hall, driver: modbus-rtu, port: /dev/serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0 }
  - { name: plc, driver: modbus-tcp, port: "tcp://plc7.kumho.example:502" }
  - { name: far, driver: modbus-tcp, port: "tcp://10.77.3.20:502" }
devices:
  - { name: press-9, title: Main press of line 9, channel: plc, station: "000012345678", profile: kumho/own }
  - { name: meter, channel: far, points: { recipe-temp: { unit: °C, address: { table: holding, register: 40 } } } }
`;
}

/** What the schema refuses, and people write all the same. */
function careless(): string {
  return `${good().replace('mqtts://', `mqtts://admin:${SECRETS.urlPassword}@`)}  - name: scale
    channel: far
    password: ${JSON.stringify(SECRETS.password)}
    writePin: ${SECRETS.number}
    accessTokens: [${SECRETS.list}]
    pasword-of-mine: { value: ${SECRETS.unknownKey} }
    secret: ${SECRETS.long}
    messages: { login: "LOGIN ${SECRETS.message}", tare: { request: "T ${SECRETS.message}" } }
http: { listen: "${SECRETS.apiKey}" }
uplink: { window: "Bearer ${SECRETS.bearer}" }
hardware: |
${key.replace(/^/gm, '  ')}
`;
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'dump-'));
  config = join(home, 'kumho.yaml');
  mkdirSync(join(home, 'data/identity'), { recursive: true });
  for (const file of ['gateway.key', 'gateway.crt', 'ca.crt']) writeFileSync(join(home, 'data/identity', file), key);
  const learnt = { place: 'tcp://10.77.3.20:502 unit 1', refused: [{ table: 'holding', from: 41, to: 41 }] };
  writeFileSync(join(home, 'data/learnt.json'), JSON.stringify({ devices: { 'press-9': learnt } }));
  stop = async () => {};
});
afterEach(async () => {
  await stop();
  rmSync(home, { recursive: true });
});

/** A gateway that says more than it should; with `echoes` also what only the configuration marks as a secret. */
async function running(echoes: boolean): Promise<void> {
  const { number, password, bearer, joinToken, urlPassword } = SECRETS;
  const told = `press-9 at 10.77.3.21 and [fd00:77::9]:502 refused ${echoes ? `${password}, PIN ${number}` : 'it'}, with "token": "${bearer}"`;
  const status = {
    ...{ gateway: 'kumho-plant-7', site: 'Kumho Plant', link: { link: 'offline', fault: told } },
    channels: [
      {
        name: 'plc',
        port: 'tcp://plc7.kumho.example:502',
        driver: 'modbus-tcp',
        exchanges: echoes ? Number(number) : 7,
      },
    ],
    devices: [
      { name: 'press-9', 'press-9': joinToken, apiKey: 'hunter2-short-lived', latencyMs: { p50: 12, p99: 40 } },
    ],
  };
  const metrics = `sluice_device_state{device="press-9",hint="amqp://u:${urlPassword}@h"} 2\nauthorization: Bearer ${bearer}\n${key}`;
  const control = { status: async () => status, metrics: async () => ({ text: metrics }) };
  const abort = new AbortController();
  const serving = serveControl(join(home, 'data/control.sock'), control, quietLog).run(abort.signal);
  while (!existsSync(join(home, 'data/control.sock'))) await systemClock.sleep(10);
  stop = async () => {
    abort.abort();
    await serving;
  };
}

async function dumped(options = ''): Promise<{ bundle: string; said: string }> {
  const file = join(home, 'out.yaml');
  const { code, err } = await run(verb, `-c ${config} -o ${file}${options}`);
  expect(code).toBe(0);
  return { bundle: readFileSync(file, 'utf8'), said: err.join('\n').replaceAll(file, '') };
}

const found = (bundle: string, planted: readonly string[]) =>
  planted.filter((each) => bundle.includes(each) || bundle.includes(JSON.stringify(each).slice(1, -1)));

describe.each([
  ['in order', good],
  ['with mistakes', careless],
  ['that is no YAML', () => `${careless()}\n]: "${SECRETS.unknownKey}" {`],
])('of a site whose configuration is there, %s', (_, settings) => {
  test.each(['running', 'stopped'])('no secret comes out, and with --redact no name: %s', async (state) => {
    writeFileSync(config, text(settings()));
    if (state === 'running') await running(settings !== good);
    const plain = await dumped();
    expect(found(plain.bundle + plain.said, [...Object.values(SECRETS), 'hunter2'])).toEqual([]);
    expect(plain.bundle).toContain('sluice: ');
    const isYaml = settings === good || settings === careless;
    expect(parse(plain.bundle).configuration !== undefined).toBe(isYaml);
    const redacted = await dumped(' --redact');
    expect(found(redacted.bundle + redacted.said, [...Object.values(SECRETS), 'hunter2', ...NAMES, home])).toEqual([]);
    expect(redacted.bundle).toContain('namesReplaced: true');
  });
});

test('names stay without --redact; with it each has one stand-in everywhere', async () => {
  writeFileSync(config, text());
  await running(false);
  const plain = parse((await dumped()).bundle);
  expect(plain.configuration.devices[0]).toMatchObject({ name: 'press-9', channel: 'plc' });
  expect(plain.learnt.devices['press-9'].refused).toEqual([{ table: 'holding', from: 41, to: 41 }]);
  expect(plain.serial.configured[0].access).toContain('is not there');
  const bundle = parse((await dumped(' --redact')).bundle);
  const name = bundle.configuration.devices[0].name;
  expect(name).toMatch(/^device-\d$/);
  expect(bundle.status.devices[0].name).toBe(name);
  expect(Object.keys(bundle.learnt.devices)).toEqual([name]);
  expect(bundle.metrics).toContain(`device="${name}"`);
  expect(bundle.configuration.channels[1].port).toMatch(/^tcp:\/\/host-\d:502$/);
  expect(bundle.configuration.channels[2].port).toMatch(/^tcp:\/\/ip-\d:502$/);
  expect(bundle.check.join()).toMatch(/profile-1/);
});

test('what cannot be had is listed with its reason, and the rest is there', async () => {
  const { bundle, said } = await dumped();
  const { notThere, versions, disk } = parse(bundle);
  const reasons = Object.fromEntries(
    notThere.map(({ part, reason }: { part: string; reason: string }) => [part, reason]),
  );
  expect(reasons.configuration).toMatch(/kumho\.yaml.*file-missing/s);
  expect(reasons.status).toMatch(/not-running/);
  expect(versions.node).toBe(process.version);
  expect(disk ?? reasons.disk).toBeDefined();
  expect(said).toContain('without status: ');
});

test('the log is left out where nobody can tell the names in it', async () => {
  const readLog = async () => `press-9 does not answer, password=${SECRETS.bearer}`;
  const bundleOf = async (settings: string, redactNames: boolean) => {
    writeFileSync(config, settings);
    const defaults = { gateway: join(home, 'data'), hub: home };
    const options = {
      config,
      data: join(home, 'data'),
      defaults,
      redactNames,
      clock: systemClock,
      note: () => {},
      readLog,
    };
    const { parts, failed } = await makeBundle(options);
    return { log: (parts as { log?: string }).log, why: failed.find(({ part }) => part === 'log')?.reason };
  };
  expect(await bundleOf('gateway: ][', true)).toEqual({ log: undefined, why: expect.stringMatching(/left out/) });
  expect(await bundleOf('gateway: ][', false)).toMatchObject({ log: 'press-9 does not answer, password=[secret]' });
  expect((await bundleOf(good(), true)).log).toMatch(/^device-\d does not answer, password=\[secret\]$/);
});

test("a hub's folder: its CA by dates and subject, the key by nothing but its mode", async () => {
  await Ca.open(join(home, 'data'), systemClock);
  writeFileSync(config, `dataDir: ${join(home, 'data')}\nnames: [hub.kumho.example]\n`);
  const { bundle } = await dumped(' --redact');
  const { certificates, check, configuration } = parse(bundle);
  expect(check).toBe('good');
  expect(configuration.names[0]).toMatch(/^host-\d$/);
  expect(certificates.modeOfPrivateFile).toBe('600');
  expect(certificates.found[0].daysLeft).toBeGreaterThan(7000);
  expect(bundle).not.toContain('PRIVATE');
});
