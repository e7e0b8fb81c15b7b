import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { quietLog } from '../../../core/log.ts';
import { toTerms } from '../../../monitor/alarms/terms.ts';
import { heartbeat } from '../../../monitor/notify/heartbeat.ts';
import { HttpReceiver } from './http-receiver.ts';
import { gatewayOffline, startNotifying, until } from './support.ts';

let receiver: HttpReceiver;
let world: Awaited<ReturnType<typeof startNotifying>> | undefined;
beforeEach(async () => {
  receiver = await HttpReceiver.start();
});
afterEach(async () => {
  await world?.stop();
  world = undefined;
  await receiver.stop();
});

const webhook = (more = '') => `{ receivers: { soc: { kind: webhook, url: "${receiver.url}/hook" ${more} } } }`;

test('an alarm reaches a webhook at once, signed, with what is wrong and what to do; its end follows', async () => {
  world = await startNotifying(webhook(`, secret: "${'$'}{HOOK}", language: ko`), { HOOK: 'whsec_c2VjcmV0' });
  await gatewayOffline(world.hub, 'plant-1', true);
  await until(() => receiver.received.length === 1);
  const [first] = receiver.received;
  const id = String(first?.headers['webhook-id']);
  const signature = createHmac('sha256', 'secret')
    .update(`${id}.${first?.headers['webhook-timestamp']}.${first?.text}`)
    .digest('base64');
  expect(first?.headers).toMatchObject({ 'x-sluice-delivery': id, 'webhook-signature': `v1,${signature}` });
  expect(receiver.bodies[0]).toMatchObject({
    ...{ version: '4', status: 'firing', receiver: 'soc', truncatedAlerts: 0, externalURL: 'http://hub.test:8080' },
    groupKey: '{}:{gateway="plant-1"}',
    groupLabels: { gateway: 'plant-1' },
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'gateway/offline', gateway: 'plant-1', priority: 'high', severity: 'error' },
        annotations: { description: expect.stringMatching(/^\[높음\] plant-1 .* · \d\d:\d\d 발생 · 조치: /) },
        endsAt: '0001-01-01T00:00:00Z',
      },
    ],
  });

  await gatewayOffline(world.hub, 'plant-1', false);
  await until(() => receiver.received.length === 2);
  const [raised, cleared] = receiver.bodies;
  expect(cleared).toMatchObject({ status: 'resolved', alerts: [{ status: 'resolved' }] });
  expect(cleared.alerts[0].fingerprint).toBe(raised.alerts[0].fingerprint);
  await until(() => world?.notify.senders.get('soc')?.waiting === 0);
  // By no digest, and at the first try.
  const { told } = (await world.hub.get('/api/v1/notify/log')).json();
  expect(told).toMatchObject(Array(2).fill({ reason: 'alarm', attempts: 1 }));
});

test('an outbox that was halted goes on where it stopped, and repeats nothing', async () => {
  world = await startNotifying(webhook());
  await gatewayOffline(world.hub, 'plant-1', true);
  await until(() => receiver.received.length === 1);
  await until(() => world?.notify.senders.get('soc')?.waiting === 0);
  await world.halt();
  await gatewayOffline(world.hub, 'plant-2', true);
  const stop = new AbortController();
  const running = world.notify.run(stop.signal);
  await until(() => receiver.received.length === 2);
  await new Promise((resolve) => setTimeout(resolve, 300));
  stop.abort();
  await running;
  expect(receiver.bodies.map(({ commonLabels }) => commonLabels.gateway)).toEqual(['plant-1', 'plant-2']);
});

test('where notifications are new, what was raised in the last minutes is told: a crash before the first step loses nothing', async () => {
  world = await startNotifying(webhook(), {}, { prepare: (hub) => gatewayOffline(hub, 'plant-1', true) });
  await until(() => receiver.received.length === 1);
  expect(receiver.bodies[0].commonLabels.gateway).toBe('plant-1');
});

test('a burst of three thousand alarms is a few messages, and none is left out', { timeout: 60_000 }, async () => {
  const digests = webhook().replace('{ receivers', '{ digestEvery: 10s, receivers');
  world = await startNotifying(digests);
  const { desk } = world.hub;
  const began = Date.now();
  for (let second = 0; second < 6; second++) {
    const all = Array.from({ length: 500 }, (_, i) => ({
      name: { gateway: `plant-${i % 10}`, device: `d${second}`, rule: `r${i}`, point: '' },
      ...{
        at: Date.now(),
        raise: { terms: toTerms({ priority: 'medium', text: { en: 'Hot' }, action: { en: 'Look' } }) },
      },
    }));
    await desk.take(all);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, (second + 1) * 1000 - (Date.now() - began))));
  }
  const ended = Date.now();
  const counted = () =>
    receiver.bodies.reduce((sum, { alerts, truncatedAlerts }) => sum + alerts.length + truncatedAlerts, 0);
  await until(() => counted() >= 3000, 30_000);
  expect(counted()).toBe(3000);
  // The first of each gateway that is no flood yet, and two or three digests.
  expect(receiver.received.length).toBeLessThan(20);
  expect(receiver.received[0]?.at, 'the first comes with no digest').toBeLessThan(ended);
});

test('housekeeping removes what is older than is kept, and nothing that is on its way', async () => {
  receiver.answer = (response) => response.writeHead(500).end();
  world = await startNotifying(webhook());
  await gatewayOffline(world.hub, 'plant-1', true);
  await until(() => world?.notify.senders.get('soc')?.lastFailed !== undefined);
  const { notify, hub } = world;
  const job = notify.job();
  const year = Date.now() + 366 * 86_400_000;
  expect(await job.run(year, new AbortController().signal)).toBe(0);
  receiver.answer = (response) => response.end();
  await until(() => notify.senders.get('soc')?.waiting === 0);
  expect(await job.run(Date.now(), new AbortController().signal)).toBe(0);
  expect(await job.run(year, new AbortController().signal)).toBe(2);
  expect((await hub.get('/api/v1/notify/log')).json()).toEqual({ told: [] });
});

test('the heart beats while people would be told, and stands still when they would not', async () => {
  let isAlive = true;
  let asked = 0;
  const settings = { url: '${'.concat('PULSE}'), every: 50 };
  const environment = { PULSE: `${receiver.url}/ping/1` };
  const ask = () => {
    asked++;
    return isAlive;
  };
  const service = await heartbeat({ settings, environment, isAlive: ask, clock: systemClock, log: quietLog });
  const stop = new AbortController();
  const running = service.run(stop.signal).catch(() => {});
  await until(() => receiver.received.length >= 2);
  expect(receiver.received[0]?.path).toBe('/ping/1');
  isAlive = false;
  const held = asked;
  // A beat that was under way has come by then.
  await until(() => asked > held);
  const before = receiver.received.length;
  await until(() => asked > held + 3);
  expect(receiver.received).toHaveLength(before);
  stop.abort();
  await running;
});
