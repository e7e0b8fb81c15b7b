import mqtt from 'mqtt';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodeBroker } from '../../partners/kubeedge/event-bus.ts';
import { BOILER, KubeSite, ownPlant, SETPOINT, TEMPERATURE, until } from './kube-site.ts';

let site: KubeSite;
let broker: NodeBroker;
beforeEach(async () => {
  site = await KubeSite.build();
  site.slave.registers.set(0, 215).set(1, 40);
  await site.edgeCore.start();
  broker = await NodeBroker.start(site.edgeCore.twin);
});
afterEach(async () => {
  await site.strike();
  await broker.stop();
});

const twin = (key: string) => site.edgeCore.twin.twins.get(key);
const startOwn = (more = ', every: 1s') =>
  site.start({
    dmi: false,
    more: ownPlant(site),
    kubeedge: `broker: { url: "${broker.url}", ownDevices: plant${more} }`,
  });
const others = async () => (await site.status()).kubeedge.others;
const quiet = () => new Promise((resolve) => setTimeout(resolve, 1500));

/** Another program on the node. */
async function program<T>(work: (client: mqtt.MqttClient) => Promise<T>): Promise<T> {
  const client = await mqtt.connectAsync(broker.url);
  try {
    return await work(client);
  } finally {
    await client.endAsync(true);
  }
}

test('what was wanted while the gateway was away is asked for, and written once', async () => {
  site.edgeCore.twin.join('plant/mine');
  site.edgeCore.twin.expected.set('plant/mine', { target: '77', level: '5' });
  // No report of ours makes EdgeCore say it.
  site.edgeCore.twin.delta = () => ({});
  await startOwn(', allowWrites: true, every: 1s');
  await until(() => twin('plant/mine/target')?.value === '77');
  expect(await others()).toEqual([{ id: 'plant/mine', code: 'value-unfit', detail: 'level: cannot be written' }]);
  site.slave.registers.set(1, 60);
  await until(() => twin('plant/mine/target')?.value === '60');
  await site.stop();
  await startOwn(', allowWrites: true, every: 1s');
  await until(() => broker.published.filter(({ topic }) => topic.endsWith('/mine/twin/get')).length === 2);
  await quiet();
  expect(site.slave.writes).toEqual([{ register: 1, value: 77 }]);
});

test('a device of the gateway that EdgeCore does not know is shown, and told at once when it is', async () => {
  site.edgeCore.twin.expected.set('plant/mine', { target: '66' });
  await startOwn(', allowWrites: true, every: 500s');
  const refused = { id: 'plant/mine', code: 'kube-refused', detail: '404 the device is not found' };
  expect(await until(others)).toEqual([refused]);
  site.edgeCore.twin.delta = () => ({});
  site.edgeCore.twin.join('plant/mine');
  await until(async () => (await others()) === undefined && site.edgeCore.twin.states.get('plant/mine') === 'online');
  // Asked once more, too.
  await until(() => site.slave.writes.length === 1);
});

test('an answer that names no device is shown', async () => {
  await startOwn();
  await until(async () => (await site.status()).kubeedge.broker === 'connected');
  site.edgeCore.twin.join('plant/mine');
  await until(() => twin('plant/mine/level') !== undefined);
  await program((client) => client.publishAsync('$hw/events/device/plant/x/twin/update', '{"twin":', { qos: 1 }));
  const unread = { id: '', code: 'kube-refused', detail: '400 Unmarshal update request body failed' };
  expect(await until(others)).toEqual([unread]);
});

test('what is wanted of a Device object over the broker is not written: its own words count', async () => {
  site.edgeCore.seed(
    { ...site.device('boiler-1', [TEMPERATURE, SETPOINT]), namespace: 'plant' },
    {
      ...BOILER,
      namespace: 'plant',
    },
  );
  const kubeedge = `broker: { url: "${broker.url}", ownDevices: plant, allowWrites: true }`;
  await site.start({ kubeedge });
  await until(() => twin('plant/boiler-1/setpoint')?.value === '40');
  for (const id of ['plant/boiler-1', 'plant/plant.boiler-1'])
    broker.publish(`$hw/events/device/${id}/twin/update/delta`, { delta: { setpoint: '77' } });
  await quiet();
  expect(site.slave.writes).toEqual([]);
});

test('a user topic: a command like any other, answered there; what is retained or makes no sense is refused', async () => {
  await startOwn(', allowWrites: true, every: 1s');
  await until(async () => (await site.status()).kubeedge.broker === 'connected');
  const answers: string[] = [];
  await program(async (client) => {
    client.on('message', (topic, payload) => answers.push(`${topic.split('/')[4]} ${payload}`));
    await client.subscribeAsync('sluice/user/edge-1/+/+/set/result');
    const say = (point: string, text: string, retain = false) =>
      client.publishAsync(`sluice/user/edge-1/mine/${point}/set`, text, { qos: 1, retain });
    await say('target', '{"value":55,"id":"from-cloud-1"}');
    await until(() => answers.length === 1);
    await say('target', '{"value":55,"id":"from-cloud-1"}');
    await say('target', '140');
    await say('level', '1');
    await say('target', 'warm');
    await until(() => answers.length === 5);
  });
  expect(answers[0]).toMatch(/^target .*"state":"done"/);
  expect(answers.slice(1).filter((text) => text.includes('refused'))).toHaveLength(3);
  expect(site.slave.writes).toEqual([{ register: 1, value: 55 }]);
  await site.stop();
  await program((client) => client.publishAsync('sluice/user/edge-1/mine/target/set', '70', { qos: 1, retain: true }));
  await startOwn(', allowWrites: true, every: 1s');
  await until(() => broker.published.some(({ payload }) => payload.includes('a retained message')));
  expect(site.slave.writes).toHaveLength(1);
});

test('a user topic is not listened to where nothing may be written', async () => {
  await startOwn();
  await until(async () => (await site.status()).kubeedge.broker === 'connected');
  await program((client) => client.publishAsync('sluice/user/edge-1/mine/target/set', '55', { qos: 1 }));
  await quiet();
  expect(site.slave.writes).toEqual([]);
});
