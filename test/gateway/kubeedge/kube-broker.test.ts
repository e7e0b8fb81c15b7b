import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Ca } from '../../../cloud-sync/cloud-hub/ca.ts';
import { systemClock } from '../../../core/clock.ts';
import { type Log, quietLog } from '../../../core/log.ts';
import { brokerAccess } from '../../../gateway/kubeedge/broker-access.ts';
import { KubeBroker } from '../../../gateway/kubeedge/kube-broker.ts';
import type { KubeEntry } from '../../../gateway/kubeedge/kube-plant.ts';
import { MqttPush } from '../../../gateway/kubeedge/push.ts';
import { Refusals } from '../../../gateway/kubeedge/refusals.ts';
import { kubeedgeSchema } from '../../../gateway/kubeedge/settings.ts';
import { DeviceTwin } from '../../partners/kubeedge/device-twin.ts';
import { NodeBroker } from '../../partners/kubeedge/event-bus.ts';
import { fastClock } from '../../support/fast-clock.ts';
import { until } from './kube-site.ts';

let node: NodeBroker;
let stop: AbortController;
let running: Promise<void>;
const twin = new DeviceTwin();
beforeEach(async () => {
  [node, stop] = [await NodeBroker.start(twin), new AbortController()];
});
afterEach(async () => {
  stop.abort();
  await running;
  await node.stop();
});

/** A broker that hangs is found out twenty times sooner. */
const clock = fastClock(20);

test('what a broker that hangs did not acknowledge is not sent again, long overtaken', async () => {
  const settings = { url: node.url, twins: true, every: 1000, ownDevices: false as const, allowWrites: false };
  const broker = new KubeBroker(settings, { clock, log: quietLog });
  running = broker.run(stop.signal);
  await until(() => broker.isOpen());
  await broker.publish('x/1', 'taken');
  node.isDeaf = true;
  for (let i = 2; i < 6; i++)
    await expect(broker.publish(`x/${i}`, 'old')).rejects.toMatchObject({ code: 'edge-broker' });
  node.cut();
  node.isDeaf = false;
  await until(() => !broker.isOpen());
  await until(() => broker.isOpen());
  await broker.publish('x/9', 'new');
  const heard = () => node.published.map(({ topic }) => topic).filter((topic) => topic.startsWith('x/'));
  await until(() => heard().includes('x/9'));
  expect(heard()).toEqual(['x/1', 'x/9']);
}, 30_000);

const SETTINGS = { twins: true, every: 1000, ownDevices: false as const, allowWrites: false };

/** What is said of it, without the time. */
function hearing(): { readonly log: Log; readonly said: string[] } {
  const said: string[] = [];
  const say = (...all: unknown[]) => void said.push(JSON.stringify(all));
  return { log: { ...quietLog, info: say, warn: say, error: say, debug: say } as unknown as Log, said };
}

test('who may not in is told why, and comes in with the password of a file; it is in no log and no fault', async () => {
  node.password = 's3cret';
  const { log, said } = hearing();
  const url = node.url.replace('mqtt://', 'mqtt://plant:wr0ng@');
  const broker = new KubeBroker({ ...SETTINGS, url }, { clock, log });
  running = broker.run(stop.signal);
  await until(() => broker.fault?.includes('uthor'));
  await expect(broker.publish('x', '1')).rejects.toThrow(`127.0.0.1:${node.port}`);
  await expect(broker.publish('x', '1')).rejects.not.toThrow('wr0ng');
  expect(said.join()).toContain(`127.0.0.1:${node.port}`);
  expect(said.join()).not.toContain('wr0ng');
  stop.abort();
  await running;
  stop = new AbortController();
  const folder = mkdtempSync(join(tmpdir(), 'node-broker-'));
  writeFileSync(join(folder, 'password'), 's3cret\n', { mode: 0o600 });
  chmodSync(join(folder, 'password'), 0o644);
  const given = { user: 'plant', passwordFile: join(folder, 'password') };
  await expect(brokerAccess(given), 'others may read it').rejects.toMatchObject({ code: 'key-exposed' });
  chmodSync(join(folder, 'password'), 0o600);
  const access = await brokerAccess(given);
  const welcome = new KubeBroker({ ...SETTINGS, url: node.url }, { clock, log, access });
  running = welcome.run(stop.signal);
  await until(() => welcome.isOpen());
  expect(welcome.fault).toBeUndefined();
  rmSync(folder, { recursive: true });
});

test('a broker with a certificate of the plant’s own', async () => {
  running = Promise.resolve();
  const folder = mkdtempSync(join(tmpdir(), 'node-broker-'));
  const ca = await Ca.open(folder, systemClock);
  const secured = await NodeBroker.start(twin, 0, await ca.issueServer([]));
  writeFileSync(join(folder, 'plant.pem'), ca.trusted);
  const access = await brokerAccess({ ca: join(folder, 'plant.pem') });
  const url = `mqtts://127.0.0.1:${secured.port}`;
  const stranger = new KubeBroker({ ...SETTINGS, url }, { clock, log: quietLog });
  const broker = new KubeBroker({ ...SETTINGS, url }, { clock, log: quietLog, access });
  running = Promise.all([stranger.run(stop.signal), broker.run(stop.signal)]).then(() => {});
  await until(() => broker.isOpen());
  await until(() => stranger.fault?.includes('certificate'));
  stop.abort();
  await running;
  await secured.stop();
  await expect(brokerAccess({ ca: join(folder, 'none.pem') })).rejects.toMatchObject({ code: 'file-missing' });
  rmSync(folder, { recursive: true });
});

test('a subscription that the broker refuses is a fault, although it is there', async () => {
  node.denied = /result$/;
  const broker = new KubeBroker({ ...SETTINGS, url: node.url }, { clock, log: quietLog });
  running = broker.run(stop.signal);
  await until(() => broker.isOpen() && broker.fault);
  expect(broker.fault).toContain('/twin/update/result');
});

test('over DMI no device is without a namespace', () => {
  running = Promise.resolve();
  const settings = (more: object) =>
    kubeedgeSchema.safeParse({ enabled: true, broker: { url: 'mqtt://127.0.0.1:1883', ownDevices: '', ...more } });
  const { error } = settings({ twins: false });
  expect(error?.issues).toMatchObject([{ path: ['broker', 'ownDevices'] }]);
  expect(settings({}).success).toBe(true);
  expect(settings({ twins: false, ownDevices: 'plant' }).success).toBe(true);
});

test.each([
  [{ url: 'mqtt://u:p@127.0.0.1:1883' }, 'passwordFile'],
  [{ url: 'mqtt://127.0.0.1:1883', ca: '/x' }, 'mqtts'],
  [{ url: 'mqtt://127.0.0.1:99999' }, 'no host and port'],
  [{ url: 'mqtt://[::1' }, 'no host and port'],
  [{ url: 'mqtts://127.0.0.1:8883', cert: '/x' }, 'key'],
  [{ url: 'mqtts://127.0.0.1:8883', passwordFile: '/x' }, 'user'],
])('settings of a broker: %j', (broker, word) => {
  running = Promise.resolve();
  const { error } = kubeedgeSchema.safeParse({ enabled: true, broker });
  expect(error?.issues.map(({ message }) => message).join()).toContain(word);
});

/** A reading that is pushed there five times a second. */
function pushing(address: string, topic = 'plant/t') {
  const push = { address, topic, qos: 1, retained: false };
  const entry = {
    ...{ id: 'default/a', device: { name: 'a' }, points: new Map([['t', 't']]) },
    object: { properties: [{ name: 't', push, reportCycle: 200 }] },
  } as unknown as KubeEntry;
  const point = { newest: { quality: 'good', value: 1 }, newestAt: 5, spec: {} };
  const devices = new Map([['a', { points: new Map([['t', point]]) }]]) as never;
  return { point, service: new MqttPush({ entries: () => [entry], devices: () => devices, clock, log: quietLog }) };
}

test('whatever address an object names, and whatever topic, it ends nothing and is said', async () => {
  running = Promise.resolve();
  const plain = fc.string().filter((text) => !text.includes('@'));
  const user = fc.oneof(
    fc.constantFrom('', 'plant:50%off@', 'u:%e9@', '@', `${'u'.repeat(70_000)}@`),
    plain.map((text) => `${text}@`),
  );
  const host = fc.constantFrom('127.0.0.1', '[::1]', '[::1', '', '127.0.0.1 ', '%', '[', '127.0.0.1\0');
  const port = fc.oneof(
    fc.constantFrom(':0', ':1', ':65536', ':99999', ':x', ':-1'),
    plain.map((text) => `:${text}`),
  );
  const scheme = fc.constantFrom('tcp://', 'mqtt://', 'mqtts://', '', 'ws://', 'tcp:/');
  const topic = fc.oneof(fc.string(), fc.constantFrom('t', '\0', 'x'.repeat(70_000)));
  const given = fc.tuple(fc.tuple(scheme, user, host, port), topic);
  await fc.assert(
    fc.asyncProperty(given, async ([parts, to]) => {
      const { service } = pushing(parts.join(''), to);
      const once = new AbortController();
      const ended = service.run(once.signal);
      await Promise.race([ended, until(() => service.problems.size > 0)]);
      once.abort();
      await ended;
      expect(service.problems.get('default/a')).toContain('not pushed');
    }),
    { numRuns: 100 },
  );
}, 30_000);

test('a topic that no packet holds is not published', async () => {
  const { service } = pushing(node.url, 'x'.repeat(70_000));
  running = service.run(stop.signal);
  await until(() => service.problems.get('default/a')?.endsWith('nothing is published on such a topic'));
});

test('of each property that is pushed one message is under way, whatever the broker does', async () => {
  const { point, service } = pushing(node.url);
  running = service.run(stop.signal);
  await until(() => service.counts.sent > 0);
  node.isDeaf = true;
  const heard = node.published.length;
  await until(() => service.counts.failed > 20);
  point.newest.value = 2;
  node.cut();
  node.isDeaf = false;
  await until(() => node.published.length > heard);
  expect(node.published.slice(heard).map(({ payload }) => JSON.parse(payload).value)).not.toContain(1);
}, 30_000);

test('refusals of devices beyond number are not all kept, and those that are over go', () => {
  running = Promise.resolve();
  const refusals = new Refusals();
  for (let i = 0; i < 5000; i++)
    refusals.heard(`default/d${i}`, 'twin/update/result', { code: 404, reason: 'x', at: i });
  expect(refusals.list(5000).size).toBe(1000);
  expect(refusals.list(5000).has('default/d4999')).toBe(true);
  expect(refusals.heard('default/d4999', 'twin/update/result', { code: 404, reason: 'x', at: 6000 })).toBe(false);
  // A state that is taken says nothing of a twin that is not.
  refusals.heard('default/d4999', 'state/update/result', undefined);
  expect([...refusals.list(1_805_500).keys()]).toEqual(['default/d4999']);
});
