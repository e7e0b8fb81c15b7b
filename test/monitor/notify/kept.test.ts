import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { Fault } from '../../../core/faults.ts';
import { quietLog } from '../../../core/log.ts';
import { SecretFiles } from '../../../monitor/notify/secret-files.ts';
import { SettingsDesk } from '../../../monitor/notify/settings-desk.ts';
import { parseHubSettings } from '../../../monitor/settings.ts';
import { startHub, type TestHub } from '../support/hub.ts';
import { HttpReceiver } from './http-receiver.ts';
import { gatewayOffline, until } from './support.ts';

const SECRET = 'nobody-may-read-this';
const SETTINGS = '/api/v1/notify/settings';

let http: HttpReceiver;
let hub: TestHub;
let stop: AbortController;
let running: Promise<void>;

async function start(yaml?: string): Promise<void> {
  const base = yaml === undefined ? undefined : parseHubSettings(`dataDir: /d\nnotify: ${yaml}`).notify;
  hub = await startHub(base ? { base } : {});
  stop = new AbortController();
  running = hub.context.notify.run(stop.signal);
}

beforeEach(async () => {
  http = await HttpReceiver.start();
});
afterEach(async () => {
  stop.abort();
  await running;
  await hub.stop();
  await http.stop();
});

const admin = () => ({ authorization: `Bearer ${hub.keys.admin}` });
const version = () => hub.context.notifySettings.version;
const post = (path: string, body: object) =>
  hub.post(`${SETTINGS}${path}`, { from: version(), ...body }, admin()).then((answer) => {
    return { status: answer.statusCode, body: answer.json() };
  });
const put = (name: string, settings: object, secrets: Record<string, string> = {}) =>
  post(`/receivers/${name}`, { settings, secrets });
const shown = async () => (await hub.get(SETTINGS, admin())).json();
const hook = (path = 'a') => ({ kind: 'webhook', url: `${http.url}/${path}` });

test('the first receiver that is added is told of alarms, without a restart; one that is removed no more', async () => {
  await start();
  expect(await shown()).toMatchObject({ version: 0, receivers: [], smtp: null, problem: null });
  expect(await put('desk', hook())).toEqual({ status: 200, body: { version: 1 } });
  await gatewayOffline(hub, 'plant-1', true);
  await until(() => http.received.length === 1);
  expect(http.bodies[0]).toMatchObject({ receiver: 'desk', status: 'firing' });

  await put('other', hook('other'));
  await gatewayOffline(hub, 'plant-2', true);
  await until(() => http.received.length === 3);
  expect((await post('/receivers/desk/remove', {})).status).toBe(200);
  await gatewayOffline(hub, 'plant-3', true);
  await until(() => http.received.length === 4);
  expect(http.received[3]?.path).toBe('/other');
  expect(await readdir(hub.folder)).not.toContain('secrets');
});

test('what waits for a receiver goes to its new address; what waits for one that is removed is given up', async () => {
  await start();
  http.answer = (response, { path }) => {
    response.statusCode = path === '/new' ? 200 : 503;
    response.end('ok');
  };
  await put('moves', hook('old'));
  await put('goes', hook('gone'));
  await gatewayOffline(hub, 'plant-1', true);
  const paths = () => http.received.map(({ path }) => path);
  await until(() => paths().includes('/old') && paths().includes('/gone'));
  await put('moves', hook('new'));
  await until(() => paths().includes('/new'), 12_000);
  await post('/receivers/goes/remove', {});
  const log = (await hub.get('/api/v1/notify/log?receiver=goes')).json();
  expect(log.told).toMatchObject([{ state: 'given-up', error: 'there is no such receiver any more' }]);
}, 20_000);

test('a secret goes in and never comes out: no answer, no audit log, no document holds it, and its file is its owner’s', async () => {
  await start();
  const given = await put('desk', hook(), { bearer: SECRET });
  expect(given.status).toBe(200);
  await post('/smtp', {
    ...{ settings: { host: '127.0.0.1', port: 9, user: 'u', from: 'a@b.test' }, secrets: { password: SECRET } },
  });
  const file = join(hub.folder, 'secrets', 'receivers.desk.bearer');
  expect(await readFile(file, 'utf8')).toBe(SECRET);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(hub.folder, 'secrets'))).mode & 0o777).toBe(0o700);
  const answer = await shown();
  expect(answer.receivers).toMatchObject([{ name: 'desk', source: 'page', secrets: ['bearer'] }]);
  expect(answer.smtp).toMatchObject({ secrets: ['password'], settings: { user: 'u' } });
  await hub.post('/api/v1/notify/receivers/desk/test', {}, admin());
  expect(http.received[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
  // Refused acts leave rows too.
  await put('bad', { ...hook(), bearer: SECRET });
  await put('bad', hook(), { nonsense: SECRET });
  const places = [
    JSON.stringify(answer),
    (await hub.get('/api/v1/notify/receivers', admin())).body,
    (await hub.get('/api/v1/audit?limit=100', admin())).body,
    JSON.stringify(await hub.documents.all('notify')),
    (await hub.get('/api/v1/documents/notify/default', admin())).body,
  ];
  expect(places[2]).toContain('notify settings receivers');
  for (const text of places) expect(text).not.toContain(SECRET);
  expect((await hub.get(SETTINGS)).statusCode, 'a viewer').toBe(403);

  await post('/receivers/desk/remove', {});
  expect(await readdir(join(hub.folder, 'secrets'))).toEqual(['smtp.password']);
});

test('a secret stays while its receiver goes to the same place, and must be given anew for another', async () => {
  await start();
  await put('lee', { kind: 'telegram', chat: '1', api: http.url }, { token: SECRET });
  expect((await put('lee', { kind: 'telegram', chat: '2', api: http.url, language: 'ko' })).status).toBe(200);
  expect((await shown()).receivers[0].secrets).toEqual(['token']);
  const elsewhere = await put('lee', { kind: 'telegram', chat: '2', api: 'http://127.0.0.1:1' });
  expect(elsewhere).toMatchObject({ status: 400, body: { detail: expect.stringContaining('receivers.lee.token') } });
});

test('what hub.yaml says stands, and is told as such; both are merged', async () => {
  await start(
    `{ receivers: { old: { kind: webhook, url: "${http.url}/old" } }, escalation: [{ after: 0s, to: [old] }] }`,
  );
  expect((await put('new', hook('new'))).status).toBe(200);
  const { receivers, escalation } = await shown();
  expect(receivers).toMatchObject([
    { name: 'new', source: 'page', settings: { url: `${http.url}/new` } },
    { name: 'old', source: 'hub.yaml' },
  ]);
  expect(JSON.stringify(receivers[1]), 'addresses of hub.yaml stay there').not.toContain('http');
  expect(escalation).toMatchObject({ source: 'hub.yaml', steps: [{ afterMs: 0, to: ['old'] }] });
  const refusals = [
    [await put('old', hook()), 'receiver old stands in hub.yaml'],
    [
      await post('/plan', { roster: {}, escalation: [{ after: '1m', to: ['new'] }] }),
      'the escalation stands in hub.yaml',
    ],
  ] as const;
  for (const [{ status, body }, why] of refusals) {
    expect(status).toBe(400);
    expect(body.detail).toContain(why);
  }
  await gatewayOffline(hub, 'plant-1', true);
  await until(() => http.received.length === 2);
});

test('contradictions are refused with their reason, and nothing is changed', async () => {
  await start();
  await put('desk', hook());
  const cases: readonly (readonly [Promise<{ status: number; body: { detail: string } }>, RegExp])[] = [
    [put('kim', { kind: 'email', to: ['kim@plant.test'] }), /mail needs a server/],
    [put('kim', { kind: 'email', to: ['no address'] }), /receivers\.kim\.to\.0: expected a mail address/],
    [put('kim', { kind: 'slack' }), /receivers\.kim\.url: is missing/],
    [put('kim', { kind: 'slack' }, { url: 'ftp://x' }), /expected http/],
    [put('kim', { kind: 'webhook', urlFile: '/etc/passwd' }), /give it as a secret/],
    [put('kim', { kind: 'webhook', url: '${'.concat('HOME}') }), /variable of the environment/],
    [put('kim', { ...hook(), quietHours: { from: '25:00', to: '07:00' } }), /time of day/],
    [post('/plan', { roster: {}, escalation: [{ after: '0s', to: ['nobody'] }] }), /no receiver or roster `nobody`/],
    [
      post('/plan', {
        roster: { desk: { turns: [{ from: '08:00', to: '20:00', receivers: ['desk'] }] } },
        escalation: [],
      }),
      /a receiver has this name/,
    ],
    [post('/plan', { timezone: 'Asia/Soul', roster: {}, escalation: [] }), /no time zone/],
    [post('/smtp', { settings: { host: 'h', from: 'a@b', ca: '/etc/shadow' } }), /give it as a secret/],
    [
      post('/smtp', { settings: { host: 'h', from: 'a@b', user: 'u', tls: 'none' }, secrets: { password: 'p' } }),
      /in the clear/,
    ],
  ];
  for (const [asked, why] of cases) {
    const { status, body } = await asked;
    expect([status, body.detail]).toEqual([400, expect.stringMatching(why)]);
  }
  await post('/plan', {
    roster: { shift: { turns: [{ from: '08:00', to: '20:00', receivers: ['desk'] }] } },
    escalation: [],
  });
  expect((await post('/receivers/desk/remove', {})).body.detail).toContain('there is no receiver `desk`');
  const old = await hub.post(`${SETTINGS}/receivers/x`, { from: 1, settings: hook() }, admin());
  expect(old.json().code).toBe('document-changed');
  expect(Object.keys((await shown()).receivers)).toHaveLength(1);
});

test('when a change cannot be stored, what holds keeps the secret that goes with it', async () => {
  await start();
  await put('lee', { kind: 'telegram', chat: '1', api: http.url }, { token: SECRET });
  const secrets = new SecretFiles(hub.folder);
  vi.spyOn(hub.documents, 'save').mockRejectedValueOnce(new Fault('archive-write'));
  const desk = await SettingsDesk.open({
    ...{ base: undefined, documents: hub.documents, secrets, environment: {}, timeoutMs: 1000, log: quietLog },
  });
  const change = desk.change({
    ...{ from: desk.version, by: 'kim', at: systemClock.now(), edit: (kept) => kept },
    secrets: { 'receivers.lee.token': 'another', 'smtp.password': 'new' },
  });
  await expect(change).rejects.toMatchObject({ code: 'archive-write' });
  expect(await secrets.all()).toEqual({ 'receivers.lee.token': SECRET });
});

test('after a restart it holds again; without its secret a receiver says so; against hub.yaml it yields, and never stops the hub', async () => {
  await start();
  await put('desk', hook(), { bearer: SECRET });
  await post('/plan', { roster: {}, escalation: [{ after: '0s', to: ['desk'] }] });
  const open = (yaml?: string) =>
    SettingsDesk.open({
      base: yaml === undefined ? undefined : parseHubSettings(`dataDir: /d\nnotify: ${yaml}`).notify,
      ...{
        documents: hub.documents,
        secrets: new SecretFiles(hub.folder),
        environment: {},
        timeoutMs: 1000,
        log: quietLog,
      },
    });
  const again = await open();
  expect([...again.inUse.channels.keys()]).toEqual(['desk']);
  expect(again.inUse.settings.escalation).toHaveLength(1);
  const taken = await open(`{ receivers: { desk: { kind: webhook, url: "${http.url}/file" } } }`);
  expect(taken.problem).toBeUndefined();
  expect(taken.inUse.settings.receivers.desk).toMatchObject({ url: `${http.url}/file` });
  const clash = await open(
    `{ receivers: { a: { kind: webhook, url: "${http.url}/file" } }, roster: { desk: { turns: [{ from: "08:00", to: "20:00", receivers: [a] }] } } }`,
  );
  expect(clash.problem).toContain('a receiver has this name');
  expect([...clash.inUse.channels.keys()]).toEqual(['a']);
  const turns = [{ from: '08:00', to: '20:00', receivers: ['desk'] }];
  await post('/plan', { roster: { shift: { turns } }, escalation: [] });
  const half = await open(`{ receivers: { shift: { kind: webhook, url: "${http.url}/file" } } }`);
  expect(half.problem).toContain('a receiver has this name');
  expect([...half.inUse.channels.keys()], 'too many are told rather than none').toEqual(['desk', 'shift']);
  await rm(join(hub.folder, 'secrets'), { recursive: true });
  const bare = await open();
  const { channels } = bare.inUse;
  const message = { now: systemClock.now() } as never;
  await expect(channels.get('desk')?.send(message, new AbortController().signal, [])).rejects.toThrow('give it anew');
});
