import { mkdirSync, rmSync } from 'node:fs';
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

const boiler = (desired: string) => site.device('boiler-1', [TEMPERATURE, { ...SETPOINT, desired }]);
const file = () => join(site.folder, 'data/meta/kubeedge-twins.json');
const written = () => site.slave.writes.map(({ value }) => value);

test('a desired value that cannot be kept is said so, not written, and written once it is kept', async () => {
  site.edgeCore.seed(boiler('40'), BOILER);
  // Nothing can be renamed over a folder.
  mkdirSync(file(), { recursive: true });
  await site.start();
  await until(async () => (await site.row('default/boiler-1'))?.state === 'online');
  await site.edgeCore.apply(boiler('55'));
  const status = await until(async () => {
    const { kubeedge } = await site.status();
    return kubeedge.fault === undefined ? undefined : kubeedge;
  });
  expect(status).toMatchObject({ mapper: 'registered', fault: 'file-unwritable' });
  expect(status.detail).toContain('EISDIR');
  expect(written()).toEqual([]);
  rmSync(file(), { recursive: true });
  await until(() => written().length > 0);
  expect(written()).toEqual([55]);
  await until(async () => (await site.status()).kubeedge.fault === undefined);
}, 60_000);

test('where what was wanted is lost, what is wanted next is an order of its own', async () => {
  site.edgeCore.seed(boiler('55'), BOILER);
  await site.start();
  await until(() => written().length === 1);
  await site.edgeCore.apply(boiler('60'));
  await until(() => written().length === 2);
  await site.stop();
  rmSync(file());
  site.edgeCore.seed(boiler('70'), BOILER);
  await site.start();
  await until(() => written().length === 3);
  expect(written()).toEqual([55, 60, 70]);
  expect((await site.row('default/boiler-1'))?.code).toBeUndefined();
  // The same value as the first one's is no answer of that one either.
  await site.edgeCore.apply(boiler('55'));
  await until(() => written().length === 4);
}, 60_000);
