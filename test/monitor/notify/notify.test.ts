import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
  const began = Date.now();
  await gatewayOffline(world.hub, 'plant-1', true);
  await until(() => receiver.received.length === 1);
  expect(Date.now() - began).toBeLessThan(1000);
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
