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

test('twins and states go over the broker, and no call is spent on them', async () => {
  site.edgeCore.seed(site.device('boiler-1', [TEMPERATURE, { ...SETPOINT, desired: '40' }]), BOILER);
  await site.start({ kubeedge: `broker: { url: "${broker.url}", every: 1s }` });
  await until(() => twin('default/boiler-1/temperature')?.value === '21.5');
  expect(twin('default/boiler-1/setpoint')).toMatchObject({ value: '40', desired: '40' });
  await until(() => site.edgeCore.twin.states.get('default/boiler-1') === 'online');
  site.slave.registers.set(0, 300);
  await until(() => twin('default/boiler-1/temperature')?.value === '30');
  expect(site.edgeCore.calls).toEqual({ MapperRegister: 2 });
  const data = broker.published.filter(({ topic }) => topic === '$ke/events/device/default/boiler-1/data/update');
  expect(JSON.parse(data.at(-1)?.payload ?? '{}').data).toMatchObject({ temperature: { value: '30' } });
});

test('an EdgeCore that starts anew behind a broker that stayed is told everything again', async () => {
  site.edgeCore.seed(site.device('boiler-1', [TEMPERATURE]), BOILER);
  await site.start({ kubeedge: `broker: { url: "${broker.url}", every: 1s }` });
  await until(() => twin('default/boiler-1/temperature')?.value === '21.5');
  broker.isAlone = true;
  const heard = broker.published.length;
  site.slave.registers.set(0, 300);
  const isTold = () => broker.published.slice(heard).some(({ topic }) => topic.endsWith('/twin/update'));
  await until(isTold);
  site.edgeCore.stop();
  await until(async () => (await site.status()).kubeedge.mapper !== 'registered');
  broker.isAlone = false;
  await site.edgeCore.restart();
  await until(() => twin('default/boiler-1/temperature')?.value === '30');
}, 60_000);

test('what EdgeCore refuses is read back from its result topic, also of calls over DMI, and goes away with a value it takes', async () => {
  site.edgeCore.seed(site.device('boiler-1', [TEMPERATURE]), BOILER);
  // Created while the node was offline: it is in the list, and its membership never came.
  site.edgeCore.twin.members.clear();
  await site.start({ kubeedge: `broker: { url: "${broker.url}", twins: false }` });
  const row = await until(async () =>
    (await site.row('default/boiler-1'))?.code ? site.row('default/boiler-1') : undefined,
  );
  expect(row).toMatchObject({ code: 'kube-refused', detail: '404 the device is not found' });
  expect(site.edgeCore.calls.ReportDeviceStatus).toBeGreaterThan(0);
  site.edgeCore.twin.members.add('default/boiler-1');
  site.slave.registers.set(0, 222);
  await until(async () => (await site.row('default/boiler-1'))?.code === undefined);
});

test('the gateway’s own devices, without DMI: told, and written where that is allowed', async () => {
  site.edgeCore.twin.members.add('plant/mine');
  const kubeedge = `broker: { url: "${broker.url}", every: 1s, ownDevices: plant, allowWrites: true }`;
  await site.start({ dmi: false, more: ownPlant(site), kubeedge });
  await until(() => twin('plant/mine/level')?.value === '215');
  const wish = (delta: object) => broker.publish('$hw/events/device/plant/mine/twin/update/delta', { delta });
  wish({ target: '77', level: '5', nothing: '1' });
  await until(() => twin('plant/mine/target')?.value === '77');
  wish({ target: '77' });
  wish({ target: 'warm' });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(site.slave.writes).toEqual([{ register: 1, value: 77 }]);
  expect((await site.status()).kubeedge).toMatchObject({ broker: 'connected', devices: [] });
  // What was written before a restart is not news after it.
  site.slave.registers.set(1, 60);
  await site.stop();
  await site.start({ dmi: false, more: ownPlant(site), kubeedge });
  await until(() => twin('plant/mine/target')?.value === '60');
  wish({ target: '77' });
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(site.slave.writes).toEqual([{ register: 1, value: 77 }]);
});

test('names without namespace, and no writes where they are not allowed', async () => {
  site.edgeCore.twin.members.add('mine');
  await site.start({ dmi: false, more: ownPlant(site), kubeedge: `broker: { url: "${broker.url}", ownDevices: '' }` });
  await until(() => twin('mine/level')?.value === '215');
  await until(() => site.edgeCore.twin.states.get('mine') === 'online');
  broker.publish('$hw/events/device/mine/twin/update/delta', { delta: { target: '77' } });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(site.slave.writes).toEqual([]);
});

test('a push of a property goes to its own broker and topic, each report cycle', async () => {
  const push = { address: `tcp://127.0.0.1:${broker.port}`, topic: 'plant/boiler/t', qos: 1 };
  site.edgeCore.seed(site.device('boiler-1', [{ ...TEMPERATURE, reportCycle: 300, push }]), BOILER);
  await site.start();
  const pushed = () => broker.published.filter(({ topic }) => topic === 'plant/boiler/t');
  await until(() => pushed().length >= 3);
  expect(JSON.parse(pushed()[0]?.payload ?? '')).toMatchObject({
    ...{ device: 'default/boiler-1', property: 'temperature', value: 21.5, unit: 'degC', quality: 'good' },
  });
});

test('a push that fails is noted at its object, and one by another way than MQTT too', async () => {
  const address = `tcp://u:s3cret@127.0.0.1:${broker.port}`;
  const pushed = (name: string, push: { address: string; topic: string }) => ({
    ...site.device(name, [{ ...TEMPERATURE, reportCycle: 300, push }]),
  });
  const { port } = broker;
  await broker.stop();
  site.edgeCore.seed(pushed('wrong', { address: 'http://127.0.0.1', topic: 'a' }), BOILER);
  site.edgeCore.seed(pushed('wild', { address, topic: 'plant/#' }), BOILER);
  site.edgeCore.seed(pushed('away', { address, topic: 'plant/t' }), BOILER);
  const other = { ...TEMPERATURE, otherPush: { http: {}, otel: {} } };
  site.edgeCore.seed(site.device('other', [other]), BOILER);
  await site.start();
  const note = async (name: string) => (await site.row(`default/${name}`))?.note ?? '';
  await until(async () => (await note('wrong')).includes('is no address of an MQTT broker'));
  await until(async () => (await note('wild')).includes('`plant/#`: nothing is published on such a topic'));
  await until(async () => (await note('away')).includes('ECONNREFUSED'));
  expect(await note('away')).not.toContain('s3cret');
  await until(async () => (await note('other')).includes('pushMethod.otel is not done here'));
  expect(await note('other')).toContain('pushMethod.http is not done here');
  expect((await site.row('default/wild'))?.state).toBe('online');
  broker = await NodeBroker.start(site.edgeCore.twin, port);
  await until(async () => !(await note('away')).includes('not pushed'));
}, 40_000);

test('a broker that is away is said so, and its return brings the newest values', async () => {
  const { port } = broker;
  site.edgeCore.seed(site.device('boiler-1', [TEMPERATURE, SETPOINT]), BOILER);
  await site.start({ kubeedge: `broker: { url: "${broker.url}", every: 1s }` });
  await until(() => twin('default/boiler-1/temperature')?.value === '21.5');
  await broker.stop();
  await until(async () => (await site.status()).kubeedge.brokerFault?.includes('ECONNREFUSED'));
  expect((await site.status()).kubeedge.broker).toBe('away');
  expect(await site.page()).toContain('away: ');
  expect((await site.page()).split('ECONNREFUSED')).toHaveLength(2);
  // Who comes back may have forgotten also what has not changed.
  site.edgeCore.twin.twins.clear();
  site.slave.registers.set(0, 250);
  broker = await NodeBroker.start(site.edgeCore.twin, port);
  await until(() => twin('default/boiler-1/temperature')?.value === '25', 20_000);
  await until(() => twin('default/boiler-1/setpoint')?.value === '40');
}, 40_000);
