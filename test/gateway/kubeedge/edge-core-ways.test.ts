import { afterEach, beforeEach, expect, test } from 'vitest';
import { fastClock } from '../../support/fast-clock.ts';
import { BOILER, KubeSite, SETPOINT, TEMPERATURE, until } from './kube-site.ts';

/** What EdgeCore does of its own accord, offline and after restarts, and what a mapper must not make of it. */
let site: KubeSite;
beforeEach(async () => {
  // Twenty times faster, its bucket too.
  site = await KubeSite.build({ refillMs: 50 });
  site.slave.registers.set(0, 215).set(1, 40);
  await site.edgeCore.start();
});
afterEach(() => site.strike());

const clock = fastClock(20);
const twin = (key: string) => site.edgeCore.twin.twins.get(`default/boiler-1/${key}`)?.value;
const cloud = (key: string) => site.edgeCore.twin.cloud.get(`default/boiler-1${key}`);
const boiler = (desired?: string) =>
  site.device('boiler-1', [TEMPERATURE, desired === undefined ? SETPOINT : { ...SETPOINT, desired }]);
/** Lists are asked for each minute: so many have come. */
async function lists(count: number): Promise<void> {
  const before = site.edgeCore.calls.MapperRegister ?? 0;
  await until(() => (site.edgeCore.calls.MapperRegister ?? 0) >= before + 2 * count, 30_000);
}
async function restart(): Promise<void> {
  site.edgeCore.stop();
  await until(async () => (await site.status()).kubeedge.mapper !== 'registered');
  await site.edgeCore.restart();
  await until(async () => (await site.status()).kubeedge.mapper === 'registered');
}

test('edited while the node was offline: as before until EdgeCore starts anew, then as edited, and written once', async () => {
  site.edgeCore.seed(boiler('55'), BOILER);
  await site.start({ clock });
  await until(() => twin('setpoint') === '55');
  site.edgeCore.applyOffline(boiler('70'));
  await lists(3);
  expect((await site.status()).kubeedge.contested).toBeUndefined();
  expect(site.slave.writes).toEqual([{ register: 1, value: 55 }]);
  await restart();
  await until(() => twin('setpoint') === '70');
  // Somebody turns it, and everything starts anew once more.
  site.slave.registers.set(1, 60);
  await until(() => twin('setpoint') === '60');
  await restart();
  await site.edgeCore.resend();
  await site.stop();
  await site.start({ clock });
  await until(async () => (await site.row('default/boiler-1'))?.state === 'online');
  await lists(1);
  expect(site.slave.writes.map(({ value }) => value)).toEqual([55, 70]);
}, 120_000);

test('deleted while the node was offline: read until EdgeCore starts anew, and then gone', async () => {
  site.edgeCore.seed(boiler(), BOILER);
  await site.start({ clock });
  await until(() => twin('setpoint') === '40');
  site.edgeCore.removeOffline('default', 'boiler-1');
  await lists(3);
  await until(async () => (await site.row('default/boiler-1'))?.state === 'online');
  await restart();
  await until(async () => (await site.row('default/boiler-1')) === undefined, 30_000);
  // Nobody has taken it: it was missing from the list that EdgeCore began with.
  expect((await site.status()).kubeedge.contested).toBeUndefined();
}, 120_000);

test('deleted while the gateway was off: gone after two lists, and no sign of another mapper', async () => {
  site.edgeCore.seed(boiler(), BOILER);
  await site.start({ clock });
  await until(() => twin('setpoint') === '40');
  await site.stop();
  await site.edgeCore.remove('default', 'boiler-1');
  site.edgeCore.removeOffline('default', 'boiler-1');
  site.edgeCore.stop();
  await site.edgeCore.restart();
  await site.start({ clock });
  await until(async () => (await site.row('default/boiler-1')) !== undefined);
  await until(async () => (await site.row('default/boiler-1')) === undefined, 30_000);
  expect((await site.status()).kubeedge.contested).toBeUndefined();
  // What another mapper is told of still shows.
  site.edgeCore.applySilently(boiler());
  await until(async () => (await site.status()).kubeedge.contested?.length, 30_000);
}, 120_000);

test('a value that stands still is in the cloud within seconds, although the cloud takes no first report', async () => {
  site.edgeCore.seed(boiler(), BOILER);
  await site.start({ clock });
  await until(() => cloud('/setpoint') !== undefined);
  const begin = clock.ticks();
  await until(() => cloud('/setpoint') === '40' && cloud('/temperature') === '21.5');
  expect(clock.ticks() - begin).toBeLessThan(30_000);
});

test('what changes while the cloud is away is discarded by EdgeCore, and told again; the newest counts', async () => {
  site.edgeCore.seed(boiler(), BOILER);
  await site.start({ clock });
  await until(() => cloud('/temperature') === '21.5' && cloud('') === 'online');
  site.edgeCore.twin.isLinkUp = false;
  for (const value of [300, 301, 302]) {
    site.slave.registers.set(0, value);
    await until(() => twin('temperature') === String(value / 10));
  }
  site.edgeCore.twin.isLinkUp = true;
  expect(cloud('/temperature')).toBe('21.5');
  // Ten minutes later.
  await until(() => cloud('/temperature') === '30.2', 45_000);
}, 120_000);

test('twins of one call come in any order, and each ends as the newest', async () => {
  site.edgeCore.seed(boiler(), BOILER);
  const order: string[] = [];
  site.edgeCore.twin.onTwin = (key) => order.push(key.split('/').at(-1) ?? '');
  await site.start({ clock });
  for (let i = 0; i < 10; i++) {
    site.slave.registers.set(0, 300 + i).set(1, i);
    await until(() => twin('temperature') === String((300 + i) / 10) && twin('setpoint') === String(i));
  }
  expect(order.indexOf('setpoint')).toBeLessThan(order.indexOf('temperature'));
}, 120_000);
