import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadDmi } from '../../../gateway/kubeedge/dmi.ts';
import { DmiServer } from '../../../gateway/kubeedge/dmi-server.ts';
import { EdgeCore } from '../../partners/kubeedge/edge-core.ts';

/** The EdgeCore that is played does what was seen of the real one; a mapper that is careless finds out here. */
let folder: string;
let edgeCore: EdgeCore;
let client: Client;
const services = loadDmi();
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'partner-'));
  edgeCore = new EdgeCore(join(folder, 'dmi.sock'));
  await edgeCore.start();
  client = new Client(`unix:${edgeCore.socket}`, credentials.createInsecure(), { 'grpc.enable_retries': 0 });
});
afterEach(() => {
  client.close();
  edgeCore.stop();
  rmSync(folder, { recursive: true, force: true });
});

function call(name: string, request: object): Promise<Record<string, unknown>> {
  const { path, requestSerialize, responseDeserialize } = services.managerDefinition[name] as MethodDefinition<
    object,
    object
  >;
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) =>
      error ? reject(error) : resolve(answer as Record<string, unknown>),
    );
  });
}

const MODEL = { name: 'm', properties: [{ name: 'x' }] };
const device = (name: string) => ({ name, model: 'm', properties: [{ name: 'x' }] });

test('a register without data makes nobody to call back; with data it lists every device, and its model for each', async () => {
  const heard: string[] = [];
  const address = join(folder, 'mapper.sock');
  const ignore = () => {};
  const server = new DmiServer(address, services, {
    ...{ device: ({ name }) => heard.push(name), removeDevice: ignore, model: ignore, removeModel: ignore },
  });
  await server.listen();
  edgeCore.seed(device('a'), MODEL);
  edgeCore.seed(device('b'), MODEL);
  const mapper = { name: 'x', version: '1', protocol: 'modbus', address: Buffer.from(address) };
  expect(await call('MapperRegister', { withData: false, mapper })).toEqual({ modelList: [], deviceList: [] });
  await edgeCore.apply(device('c'));
  expect(heard).toEqual([]);
  const { modelList, deviceList } = await call('MapperRegister', { withData: true, mapper });
  expect([modelList, deviceList]).toMatchObject([
    [{ name: 'm' }, { name: 'm' }, { name: 'm' }],
    [{}, {}, {}],
  ]);
  await edgeCore.apply(device('d'));
  expect(heard).toEqual(['d']);
  await server.close();
});

test('a twin that lacks a part is its end: the socket stays, and nobody listens', async () => {
  const reportedDevice = { twins: [{ propertyName: 'x', reported: { value: '1' } }] };
  await call('ReportDeviceStatus', { deviceName: 'a', deviceNamespace: 'default', reportedDevice }).catch(() => {});
  await expect.poll(() => edgeCore.crashes).toBe(1);
  expect(existsSync(edgeCore.socket)).toBe(true);
  const failed = await call('ReportDeviceStates', {}).catch((error: ServiceError) => error.details);
  expect(failed).toMatch(/ECONNREFUSED|connection/i);
});

test('a hundred calls, then one a second; and OK for what it drops', async () => {
  const say = () =>
    call('ReportDeviceStates', { deviceName: 'nobody', deviceNamespace: 'default', state: 'disconnected' });
  let refused = 0;
  const began = performance.now();
  const all = Array.from({ length: 110 }, () =>
    say().catch((error: ServiceError) => (refused += Number(error.code === 2))),
  );
  await Promise.all(all);
  const refilled = (performance.now() - began) / 1000;
  expect(refused).toBeLessThanOrEqual(10);
  expect(refused).toBeGreaterThanOrEqual(10 - Math.ceil(refilled));
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await say();
  expect(edgeCore.twin.states.size).toBe(0);
});

test('values beyond its letters are dropped, of devices that it does not know too', () => {
  const { twin } = edgeCore;
  twin.update('default/a', { x: { reported: '1', desired: '' } });
  twin.members.add('default/a');
  twin.update('default/a', { x: { reported: '1e+21', desired: '' } });
  twin.update('default/a', { x: { reported: '', desired: '' } });
  expect(twin.results.map(({ code }) => code)).toEqual([404, 400]);
  expect(twin.twins.get('default/a/x')?.value).toBe('');
});

test('the cloud takes no first report of a property, and nothing while its link is away', () => {
  const { twin } = edgeCore;
  const say = (reported: string) => twin.update('default/a', { x: { reported, desired: '' } });
  const seen: (string | undefined)[] = [];
  twin.members.add('default/a');
  for (const value of ['1', '2']) {
    say(value);
    seen.push(twin.cloud.get('default/a/x'));
  }
  twin.isLinkUp = false;
  say('3');
  twin.isLinkUp = true;
  expect([...seen, twin.cloud.get('default/a/x'), twin.twins.get('default/a/x')?.value]).toEqual(['', '2', '2', '3']);
});

test('what was edited while the node was offline is in no list until it starts anew, and a new device never becomes a member', async () => {
  edgeCore.seed(device('a'), MODEL);
  edgeCore.applyOffline({ ...device('a'), properties: [{ name: 'x', desired: '5' }] });
  edgeCore.applyOffline(device('b'));
  const mapper = { name: 'x', version: '1', protocol: 'modbus', address: Buffer.from('/tmp/none.sock') };
  const list = async () => (await call('MapperRegister', { withData: true, mapper })).deviceList as object[];
  const a = (value: string) => ({ name: 'a', spec: { properties: [{ desired: { value } }] } });
  expect(await list()).toMatchObject([a('')]);
  edgeCore.stop();
  await edgeCore.restart();
  client.close();
  client = new Client(`unix:${edgeCore.socket}`, credentials.createInsecure(), { 'grpc.enable_retries': 0 });
  expect(await list()).toMatchObject([a('5'), { name: 'b' }]);
  expect([...edgeCore.twin.members]).toEqual(['default/a']);
});

test('it dies in the middle of a call: nothing was done, and nobody is answered', async () => {
  edgeCore.twin.members.add('default/a');
  edgeCore.diesIn = 'ReportDeviceStates';
  const request = { deviceName: 'a', deviceNamespace: 'default', state: 'online' };
  const failed = await call('ReportDeviceStates', request).catch((error: ServiceError) => error);
  expect(failed).toBeInstanceOf(Error);
  expect([edgeCore.crashes, edgeCore.twin.states.size]).toEqual([1, 0]);
});
