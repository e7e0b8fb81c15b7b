import mqtt from 'mqtt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { EventBus } from '../../gateway/event-bus.ts';
import { Intake } from '../../gateway/intake.ts';
import type { WriteOrder } from '../../gateway/writes/write-order.ts';
import { ownPort, untilOpen } from '../support/own-port.ts';
import { plantOf, point } from '../support/plant.ts';

let stop: () => Promise<void>;
let client: mqtt.MqttClient;
let orders: WriteOrder[];
let results: string[];

beforeEach(async () => {
  const port = await ownPort();
  orders = [];
  results = [];
  const plant = plantOf([point('t', { writable: true })]);
  const keeper = { reading: () => {}, event: () => {} };
  const catalogue = nextCatalogue(null, plant, { site: 's', timezone: 'Etc/UTC' });
  const writes = {
    take: async (order: WriteOrder) => {
      orders.push(order);
      return { state: 'done' as const, readBack: order.value };
    },
  };
  const abort = new AbortController();
  const settings = { listen: { host: '127.0.0.1', port }, allowWrites: true };
  const bus = new EventBus(new Intake(plant, catalogue, keeper, systemClock), settings, writes, {
    ...{ clock: systemClock, log: quietLog },
  });
  const done = bus.run(abort.signal);
  await untilOpen(port);
  client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'line-3', reconnectPeriod: 0 });
  client.on('error', () => {});
  client.on('message', (_, payload) => results.push(payload.toString()));
  await client.subscribeAsync('sluice/boiler/t/set/result');
  stop = async () => {
    client.end(true);
    abort.abort();
    await done;
  };
});
afterEach(() => stop());

const answers = (count: number) => expect.poll(() => results.map((each) => JSON.parse(each))).toHaveLength(count);

test('a value alone, or with what a command can say, goes the way of all writes and is answered', async () => {
  await client.publishAsync('sluice/boiler/t/set', '55.5');
  await client.publishAsync('sluice/boiler/t/set', '{"value":1,"confirm":1,"expect":0,"id":"shift-0001"}');
  await answers(2);
  expect(orders).toMatchObject([
    { via: 'bus', by: 'event bus: line-3', point: 'boiler/t', value: 55.5 },
    { id: 'bus-shift-0001', value: 1, confirm: 1, expect: 0 },
  ]);
  expect(JSON.parse(results[1] ?? '')).toEqual({ id: 'shift-0001', state: 'done', readBack: 1 });
});

test.each(['', '{', '{"valu":1}', '[1]', 'null'])('%j is refused', async (payload) => {
  await client.publishAsync('sluice/boiler/t/set', payload);
  await answers(1);
  expect(JSON.parse(results[0] ?? '')).toEqual({ state: 'refused', code: 'request-invalid' });
  expect(orders).toEqual([]);
});

test.each([
  ['sluice/boiler/t/set', true],
  ['sluice/boiler/t', false],
  ['sluice/boiler/t/set/result', false],
])('%s, kept %s, is not allowed: the broker ends the connection', async (topic, retain) => {
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  client.publish(topic, '1', { retain });
  await closed;
  expect(orders).toEqual([]);
});
