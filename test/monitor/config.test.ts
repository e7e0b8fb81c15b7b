import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Missing } from '../../cloud-sync/cloud-hub/downlink-store.ts';
import { hashOf, TextParts, textParts } from '../../cloud-sync/protocol/document.ts';
import type { ConfigStand } from '../../cloud-sync/protocol/downlink.ts';
import { isFault } from '../../core/faults.ts';
import { ConfigCheck } from '../../monitor/fleet/config-check.ts';
import { configPhase } from '../../monitor/fleet/config-phase.ts';
import { lineDiff } from '../../monitor/fleet/line-diff.ts';
import { Orders } from '../../monitor/fleet/orders.ts';
import { withDevice } from '../../monitor/fleet/with-device.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { startHub, type TestHub } from './support/hub.ts';

const GATEWAY = 'plant-1';
const SEED = 'channels: []\ndevices: []\n';
const SCHEMA = JSON.stringify({
  schema: {
    type: 'object',
    properties: {
      channels: { type: 'array' },
      devices: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            name: { type: 'string', pattern: '^(a+)+$' },
            unitId: { type: 'integer' },
            channel: {},
            profile: {},
          },
          required: ['name'],
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
  },
  profiles: [{ name: 'eastron/sdm630' }],
  drivers: ['modbus-tcp'],
});

const place = (version: number, text: string) => ({ version, hash: hashOf(text) });
const standOf = (held: readonly [number, string], more: Partial<ConfigStand> = {}): ConfigStand => ({
  ...{ managed: 'hub', held: place(...held), applied: place(...held), state: 'good', schema: hashOf(SCHEMA) },
  ...more,
});

describe('what is wanted of a gateway', () => {
  let hub: TestHub;
  const sent: string[] = [];
  beforeAll(async () => {
    hub = await startHub({ line: { wants: (gateway) => void sent.push(gateway) } });
    await hub.database.write((connection) =>
      connection.run(
        "INSERT INTO certificates (serial, gateway, not_after_ms, issued_ms) VALUES ('1', 'plant-1', 0, 0)",
      ),
    );
  });
  afterAll(() => hub.stop());

  const call = (method: 'GET' | 'PUT' | 'POST', path: string, payload?: object, role: 'admin' | 'operator' = 'admin') =>
    hub.server.inject({
      ...{ method, url: `/api/v1/gateways/${GATEWAY}${path}` },
      headers: { host: 'localhost', authorization: `Bearer ${hub.keys[role]}` },
      ...(payload ? { payload } : {}),
    });
  const put = (from: number, text: string) => call('PUT', '/config', { from, text });
  const give = async (missing: readonly Missing[], texts: Readonly<Record<string, string>>) => {
    for (const { what, version = 0 } of missing)
      await hub.configs.received(GATEWAY, what, {
        version,
        text: texts[`${what}${what === 'schema' ? '' : version}`] ?? '',
      });
  };

  test('the hub asks a gateway for what it lacks, and asks once', async () => {
    const missing = await hub.configs.stands(GATEWAY, standOf([0, SEED]));
    expect(missing).toEqual([{ what: 'config', version: 0 }, { what: 'schema' }]);
    await give(missing, { config0: SEED, schema: SCHEMA });
    expect(await hub.configs.stands(GATEWAY, standOf([0, SEED]))).toEqual([]);
    expect((await call('GET', '/config')).json()).toMatchObject({
      ...{ phase: 'own', managed: 'hub', wanted: null },
      applied: { version: 0, text: SEED },
    });
  });

  test('a document that is not what the gateway said is not kept', async () => {
    await hub.configs.received(GATEWAY, 'config', { version: 0, text: 'devices: [{ name: forged }]' });
    expect((await call('GET', '/config')).json().applied.text).toBe(SEED);
  });

  test('versions rise, the second of two people is told, and the gateway is', async () => {
    const text = 'channels: []\ndevices: [] # one\n';
    expect((await put(0, text)).json()).toMatchObject({ version: 1, savedBy: 'test' });
    expect(sent).toEqual([GATEWAY]);
    const late = await put(0, 'devices: []\n');
    expect([late.statusCode, late.json().code]).toEqual([409, 'document-changed']);
    expect((await call('GET', '/config')).json()).toMatchObject({ phase: 'wanted', wanted: { version: 1, text } });
    expect(await hub.configs.wanted(GATEWAY)).toMatchObject({ version: 1, text });
  });

  test('an earlier one comes back under a new number', async () => {
    await put(1, 'channels: []\ndevices: [] # two\n');
    expect((await call('POST', '/config/rollback', { from: 2, to: 1 })).json()).toMatchObject({ version: 3 });
    const { lines } = (await call('GET', '/config/diff?from=2&to=3')).json();
    expect(lines.map(({ mark, text }: { mark: string; text: string }) => mark + text)).toEqual([
      ' channels: []',
      '-devices: [] # two',
      '+devices: [] # one',
    ]);
  });

  test('a hub that was restored takes over what the gateway holds', async () => {
    const theirs = 'channels: []\ndevices: [] # from the future\n';
    const missing = await hub.configs.stands(GATEWAY, standOf([9, theirs]));
    expect(missing).toEqual([{ what: 'config', version: 9 }]);
    await give(missing, { config9: theirs });
    expect(await hub.configs.wanted(GATEWAY)).toMatchObject({ version: 9, text: theirs });
    expect((await put(9, SEED)).json()).toMatchObject({ version: 10 });
  });

  test('one number for two texts: what people saved last gets another', async () => {
    await hub.configs.stands(GATEWAY, standOf([10, 'devices: [] # somebody else’s ten\n']));
    expect(await hub.configs.wanted(GATEWAY)).toMatchObject({ version: 11, text: SEED });
  });

  test('a gateway whose file owns it is shown and not changed', async () => {
    await hub.configs.stands(GATEWAY, standOf([0, SEED], { managed: 'file' }));
    const refused = await put(11, SEED);
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'config-not-ours']);
    expect((await call('GET', '/config')).json()).toMatchObject({ phase: 'file', managed: 'file' });
    await hub.configs.stands(GATEWAY, standOf([11, SEED]));
  });

  test('roles, unknown gateways, and bodies that are too large', async () => {
    expect((await call('PUT', '/config', { from: 11, text: SEED }, 'operator')).statusCode).toBe(403);
    expect((await call('POST', '/scan', { line: {} }, 'operator')).statusCode).toBe(403);
    const elsewhere = await hub.get('/api/v1/gateways/nobody/config');
    expect(elsewhere.statusCode).toBe(404);
    const large = await put(11, 'x'.repeat(10_000_000));
    expect([large.statusCode, large.json().code]).toEqual([400, 'request-invalid']);
    const wrong = await put(11, `# ${'x'.repeat(1_100_000)}\n${SEED}`);
    expect([wrong.statusCode, wrong.json().problems[0].message]).toEqual([422, 'is larger than 1048576 bytes']);
  });

  test('a device is added; everything else stays as it is written', async () => {
    const line = { name: 'plc', driver: 'modbus-tcp', port: 'tcp://h:1' };
    const device = { name: 'a', channel: 'plc', unitId: 1 };
    expect((await call('POST', '/config/devices', { from: 11, line, device })).json()).toMatchObject({ version: 12 });
    expect((await hub.configs.wanted(GATEWAY))?.text).toContain('- { name: a, channel: plc, unitId: 1 }');
    const twice = await call('POST', '/config/devices', { from: 12, line, device });
    expect([twice.statusCode, twice.json().problems[0].message]).toEqual([422, 'there is a device named `a` already']);
  });
});

describe('the check at the hub', () => {
  const check = new ConfigCheck();
  const problems = (text: string, body = SCHEMA) => check.problems(text, { hash: hashOf(body), body });

  test('names line, place and what was probably meant', () => {
    const text =
      'channels:\n  - { name: plc, driver: modbus-tpc }\ndevices:\n  - { name: aa, chanel: plc, unitId: x, profile: eastron/sdm60 }\n';
    expect(
      problems(text).map(({ line, path, message, suggestion = '' }) => `${line} ${path}: ${message} (${suggestion})`),
    ).toEqual([
      '2 channels[0].driver: there is no driver `modbus-tpc` (did you mean `modbus-tcp`?)',
      '4 devices[0].chanel: unknown key `chanel` (did you mean `channel`?)',
      '4 devices[0].unitId: must be integer ()',
      '4 devices[0].profile: there is no profile `eastron/sdm60` (did you mean `eastron/sdm630`?)',
    ]);
    expect(problems('channels: []\ndevices: [{ name: aa, channel: x }]\n')[0]?.message).toBe('there is no channel `x`');
  });

  test.each([
    [
      'an alias bomb',
      `channels: []\ndevices:\n  - &a [1,1]\n  - &b [*a,*a,*a,*a,*a,*a]\n  - &c [*b,*b,*b,*b,*b]\n  - [*c,*c,*c,*c]\n`,
    ],
    ['a prototype', 'channels: []\ndevices: []\n__proto__: { polluted: true }\n'],
    ['a prototype within', 'channels: []\ndevices: [{ name: aa, __proto__: { polluted: true } }]\n'],
    ['nesting without end', `channels: ${'['.repeat(100_000)}`],
    ['the rest of a gateway.yaml', 'gateway: x\nchannels: []\n'],
    ['a list', '- 1\n'],
    ['nothing', ''],
    ['no YAML', 'a: [\n'],
  ])('%s is refused with a reason', (_, text) => {
    expect(problems(text)).toEqual(
      expect.arrayContaining([expect.objectContaining({ message: expect.stringMatching(/./) })]),
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('an expression of a foreign schema is not run', () => {
    const began = performance.now();
    expect(problems(`channels: []\ndevices: [{ name: ${'a'.repeat(40)}! }]\n`)).toEqual([]);
    // It would take hours.
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test('a schema that is none leaves the judgement to the gateway', () => {
    for (const body of ['', '{}', '{"schema":{"$ref":"http://elsewhere/"},"profiles":[],"drivers":[]}'])
      expect(problems(SEED, body)).toEqual([]);
  });
});

describe('small parts', () => {
  test('a difference', () => {
    const marks = (a: string, b: string) => lineDiff(a, b).map(({ mark, text }) => mark + text);
    expect(marks('a\nb\nc\n', 'a\nx\nc\n')).toEqual([' a', '-b', '+x', ' c']);
    expect(marks('', 'a\n')).toEqual(['+a']);
    expect(marks('a\nb\n', 'b\n')).toEqual(['-a', ' b']);
    expect(lineDiff('a\nb\n', 'b\nc\n')).toEqual([
      { mark: '-', text: 'a', before: 1 },
      { mark: ' ', text: 'b', before: 2, after: 1 },
      { mark: '+', text: 'c', after: 2 },
    ]);
  });

  test('a device more keeps comments, order, and a list that was empty', () => {
    const line = { name: 'l', driver: 'd' };
    expect(withDevice('', line, { name: 'a' })).toBe(
      'channels:\n  - { name: l, driver: d }\ndevices:\n  - { name: a }\n',
    );
    expect(withDevice('# Ours.\nchannels: [{ name: l }] # line\ndevices: []\n', line, { name: 'a' })).toContain(
      '# line',
    );
    expect(() => withDevice('devices: [{ name: a }]\n', undefined, { name: 'a' })).toThrow('already');
  });

  test('texts in parts: whole, or nothing', () => {
    const text = Array.from({ length: 200_000 }, (_, i) => Math.imul(i, 2_654_435_761).toString(36)).join('');
    const parts = textParts(text, 3);
    expect(parts.length).toBeGreaterThan(1);
    const whole = new TextParts(4_000_000);
    expect(parts.map((part) => whole.add(part)).at(-1)).toEqual({ text });
    const small = new TextParts(1000);
    expect(parts.map((part) => small.add(part))).not.toContainEqual({ text });
    const [first, ...rest] = parts;
    expect(new TextParts(4_000_000).add(rest[0] as (typeof parts)[0])).toBeUndefined();
    expect(new TextParts().add({ ...(first as (typeof parts)[0]), parts: 1, hash: 'f'.repeat(64) })).toBeUndefined();
  });

  test.each([
    [0, undefined, 'unknown'],
    [1, undefined, 'wanted'],
    [0, standOf([0, SEED]), 'own'],
    [2, standOf([1, SEED]), 'wanted'],
    [2, standOf([2, SEED], { state: 'new' }), 'sent'],
    [2, standOf([2, SEED], { state: 'trial' }), 'trial'],
    [2, standOf([2, SEED]), 'applied'],
    [2, standOf([2, SEED], { state: 'refused' }), 'refused'],
    [2, standOf([2, SEED], { state: 'returned' }), 'returned'],
    [2, standOf([0, SEED], { managed: 'file' }), 'file'],
  ] as const)('wanted %i: %#', (wanted, stand, phase) => expect(configPhase(wanted, stand)).toBe(phase));

  test('an order is answered by its gateway alone, ends once, and ends with the session', async () => {
    const clock = new FakeClock();
    let isThere = true;
    const orders = new Orders({ clock, isThere: () => isThere });
    const { id, expires } = orders.open('g', 'scan', 'kim', {});
    expect(expires).toBeGreaterThan(clock.now());
    orders.answered('other', { id, state: 'done', body: 'forged' });
    expect(orders.find('g', id).state).toBe('sent');
    orders.answered('g', { id, state: 'running', progress: { done: 1, total: 2 }, body: [1] });
    orders.answered('g', { id, state: 'done' });
    orders.answered('g', { id, state: 'failed' });
    expect(orders.find('g', id)).toMatchObject({ state: 'done', body: [1], progress: { done: 1, total: 2 } });
    const lost = orders.open('g', 'scan', 'kim', {}).id;
    isThere = false;
    expect(orders.find('g', lost)).toMatchObject({ state: 'failed', code: 'gateway-away' });
    const late = orders.open('g', 'scan', 'kim', {}).id;
    isThere = true;
    await clock.advance(31_000);
    expect(orders.find('g', late)).toMatchObject({ state: 'failed', code: 'request-expired' });
    const unknown = () => orders.find('other', id);
    expect(unknown).toThrow(expect.toSatisfy((error: unknown) => isFault(error, 'not-found')));
  });
});
