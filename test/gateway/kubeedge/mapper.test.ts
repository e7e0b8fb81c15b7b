import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BOILER, KubeSite, SETPOINT, TEMPERATURE, until } from './kube-site.ts';

let site: KubeSite;
beforeEach(async () => {
  site = await KubeSite.build();
  site.slave.registers.set(0, 215).set(1, 40);
  await site.edgeCore.start();
});
afterEach(() => site.strike());

const twin = (key: string) => site.edgeCore.twin.twins.get(`default/boiler-1/${key}`)?.value;

test('a plant by kubectl alone: registered, polled, told as twins with their state', async () => {
  site.edgeCore.seed(site.device('boiler-1', [TEMPERATURE, SETPOINT]), BOILER);
  await site.start();
  await until(() => twin('temperature') === '21.5' && twin('setpoint') === '40');
  await until(() => site.edgeCore.twin.states.get('default/boiler-1') === 'online');
  expect([...site.edgeCore.mappers.values()]).toMatchObject([
    { name: 'sluice-modbus', protocol: 'modbus', address: site.socket },
    { name: 'sluice-sluice', protocol: 'sluice', address: site.socket },
  ]);
  const { kubeedge, devices } = await site.status();
  expect(kubeedge).toMatchObject({ mapper: 'registered', failed: 0, limited: 0 });
  expect(kubeedge.devices).toMatchObject([{ id: 'default/boiler-1', device: 'boiler-1', state: 'online' }]);
  expect(devices).toMatchObject([{ name: 'boiler-1', online: true }]);
  expect(site.edgeCore.crashes).toBe(0);
  site.slave.registers.set(0, 300);
  await until(() => twin('temperature') === '30');
});

test('a device is created, changed and removed while everything runs, and EdgeCore says it all again', async () => {
  await site.start();
  await until(async () => (await site.status()).kubeedge.mapper === 'registered');
  await site.edgeCore.apply(site.device('boiler-1', [TEMPERATURE]), BOILER);
  await until(() => twin('temperature') === '21.5');
  await site.edgeCore.apply(site.device('boiler-1', [TEMPERATURE, SETPOINT]));
  await until(() => twin('setpoint') === '40');
  const { read } = (await site.status()).readings;
  await site.edgeCore.resend();
  await until(async () => (await site.status()).readings.read > read + 10);
  await site.edgeCore.remove('default', 'boiler-1');
  await until(async () => (await site.status()).devices.length === 0);
  expect(site.edgeCore.callbackErrors).toEqual([]);
});

test('a desired value is written once, only where it differs, and told as observed', async () => {
  site.edgeCore.seed(site.device('boiler-1', [TEMPERATURE, { ...SETPOINT, desired: '40' }]), BOILER);
  await site.start();
  await until(() => twin('setpoint') === '40');
  expect(site.slave.writes).toEqual([]);
  await site.edgeCore.apply(site.device('boiler-1', [TEMPERATURE, { ...SETPOINT, desired: '55' }]));
  await until(() => twin('setpoint') === '55');
  expect(site.edgeCore.twin.twins.get('default/boiler-1/setpoint')?.desired).toBe('55');
  // Somebody turns it by hand: what was wanted is not wanted anew, however often EdgeCore says it.
  site.slave.registers.set(1, 60);
  await until(() => twin('setpoint') === '60');
  await site.edgeCore.resend();
  await site.stop();
  await site.start();
  await until(async () => (await site.row('default/boiler-1'))?.state === 'online');
  await until(() => twin('setpoint') === '60');
  // Deleted and created anew, as by a model that is replaced.
  await site.edgeCore.remove('default', 'boiler-1');
  await until(async () => (await site.row('default/boiler-1')) === undefined);
  await site.edgeCore.apply(site.device('boiler-1', [TEMPERATURE, { ...SETPOINT, desired: '55' }]));
  await until(async () => (await site.row('default/boiler-1'))?.state === 'online');
  await new Promise((resolve) => setTimeout(resolve, 2500));
  expect(site.slave.writes).toEqual([{ register: 1, value: 55 }]);
});

test('a desired text that is far too long is refused by itself, and the other one is written', async () => {
  const model = {
    ...BOILER,
    properties: [...BOILER.properties, { name: 'label', type: 'STRING', accessMode: 'ReadWrite' }],
  };
  const label = { name: 'label', collectCycle: 100, visitors: { register: 'HoldingRegister', offset: 4, limit: 4 } };
  const desired = { ...SETPOINT, desired: '55' };
  site.edgeCore.seed(
    site.device('boiler-1', [desired, { ...label, desired: 'x'.repeat(1500) }]),
    model as typeof BOILER,
  );
  await site.start();
  await until(() => twin('setpoint') === '55');
  const row = await site.row('default/boiler-1');
  expect(row).toMatchObject({ code: 'value-unfit', detail: expect.stringContaining('1500 characters') });
});

test('while writes are locked the device says so, and afterwards the value is written', async () => {
  site.edgeCore.seed(site.device('boiler-1', [{ ...SETPOINT, desired: '55' }]), BOILER);
  const lock = join(site.folder, 'data/writes-locked');
  mkdirSync(join(site.folder, 'data'), { mode: 0o700 });
  writeFileSync(lock, '');
  await site.start();
  const row = await until(async () => {
    const found = await site.row('default/boiler-1');
    return found?.code === undefined ? undefined : found;
  });
  expect(row).toMatchObject({ code: 'writes-locked', detail: expect.stringContaining('boiler-1/setpoint') });
  rmSync(lock);
  await until(
    async () => site.slave.writes.length > 0 && (await site.row('default/boiler-1'))?.code === undefined,
    25_000,
  );
  expect(site.slave.writes).toEqual([{ register: 1, value: 55 }]);
}, 40_000);

test('a desired value beyond the range is not written, and the device says why', async () => {
  site.edgeCore.seed(site.device('boiler-1', [{ ...SETPOINT, desired: '140' }]), BOILER);
  await site.start();
  const row = await until(async () => {
    const found = await site.row('default/boiler-1');
    return found?.code === undefined ? undefined : found;
  });
  expect(row).toMatchObject({ code: 'value-unfit', detail: expect.stringContaining('boiler-1/setpoint') });
  expect(site.slave.writes).toEqual([]);
});
