import { afterEach, beforeEach, expect, test } from 'vitest';
import { Recording } from '../../monitor/audit/recording.ts';
import { HttpReceiver } from './notify/http-receiver.ts';
import { catalogue, entry, Journal } from './support/batches.ts';
import { startHub, type TestHub } from './support/hub.ts';

let hub: TestHub;
let http: HttpReceiver;
beforeEach(async () => {
  hub = await startHub();
  http = await HttpReceiver.start();
});
afterEach(async () => {
  await hub.stop();
  await http.stop();
});

const admin = () => ({ authorization: `Bearer ${hub.keys.admin}` });
const tell = async (gateway: string, more: object) => {
  const journal = new Journal(gateway);
  await hub.archive.append([journal.batch([journal.publish({ ...catalogue([entry(0, 'boiler', 'temp')]), ...more })])]);
};
const list = async () => (await hub.get('/api/v1/first-run', admin())).json();
const done = async () =>
  (await list()).items.filter((item: { done: boolean }) => item.done).map(({ key }: { key: string }) => key);

test('the list of a new hub is done item by item, as each is done', async () => {
  expect((await list()).items.map(({ key }: { key: string }) => key)).toEqual([
    ...['owner', 'gateway', 'values', 'receiver', 'test', 'plan', 'backup'],
  ]);
  expect(await done()).toEqual([]);
  await hub.accounts.addUser({ name: 'kim', role: 'admin', sites: undefined, password: 'four words for owners' });
  expect(await done()).toEqual(['owner']);
  await tell('plant-1', {});
  expect(await done()).toEqual(['owner', 'gateway']);
  hub.latest.offer('plant-1/boiler/temp', { at: Date.now(), value: null, fault: 'bad-text' }, Date.now());
  expect(await done(), 'a fault is no value').toEqual(['owner', 'gateway']);
  hub.latest.offer('plant-1/boiler/temp', { at: Date.now() + 1, value: 20 }, Date.now());
  const hook = { kind: 'webhook', url: http.url };
  await hub.post('/api/v1/notify/settings/receivers/desk', { from: 0, settings: hook }, admin());
  expect(await done()).toEqual(['owner', 'gateway', 'values', 'receiver']);
  http.answer = (response) => {
    response.statusCode = 500;
    response.end();
  };
  await hub.post('/api/v1/notify/receivers/desk/test', {}, admin());
  expect(await done(), 'a test that failed').not.toContain('test');
  http.answer = (response) => response.end('ok');
  await hub.post('/api/v1/notify/receivers/desk/test', {}, admin());
  await hub.post('/api/v1/documents/floor-plan/hall', { from: 0, body: { name: 'Hall' } }, admin());
  expect(await done()).toEqual(['owner', 'gateway', 'values', 'receiver', 'test', 'plan']);
  const act = new Recording(hub.audit, { address: '', action: 'backup', object: '' });
  await act.begin();
  expect(await done(), 'begun is not made').not.toContain('backup');
  await act.done();
  expect(await done()).toContain('backup');
  expect((await list()).backupAt).toBeGreaterThan(0);
});

test('it is put away for everybody, with who and when, and comes back; only who administers all has it', async () => {
  expect((await hub.get('/api/v1/first-run')).statusCode).toBe(403);
  for (const dismissed of [true, true, false, true]) {
    expect((await hub.post('/api/v1/first-run/dismiss', { dismissed }, admin())).statusCode).toBe(200);
    const held = (await list()).dismissed;
    expect(held).toEqual(dismissed ? { by: 'test', at: expect.any(Number) } : null);
  }
  expect((await hub.get('/api/v1/documents/first-run')).statusCode, 'no document of the page').toBe(400);
});

test('sites with their gateways and holidays; a gateway of an earlier release does not tell them', async () => {
  const year = new Date().getUTCFullYear();
  await tell('a', { site: 'Seoul', holidays: ['korea', `${year}-06-03`, '2001-01-02'] });
  await tell('b', { site: 'Seoul' });
  await tell('c', { site: 'Busan', holidays: [] });
  const { sites } = (await hub.get('/api/v1/sites')).json();
  expect(sites.map(({ name }: { name: string }) => name)).toEqual(['Busan', 'Seoul']);
  const [busan, seoul] = sites;
  expect(busan).toMatchObject({ gateways: [{ id: 'c', holidays: [] }], days: [] });
  expect(seoul.gateways).toMatchObject([{ id: 'a' }, { id: 'b', holidays: null }]);
  expect(seoul.days[0]).toEqual({ date: `${year}-01-01`, name: '신정' });
  expect(seoul.days).toContainEqual({ date: `${year}-06-03`, name: null });
  expect(seoul.days.at(-1).date.slice(0, 4)).toBe(String(year + 1));
  const key = await hub.makeKey('viewer', ['Busan']);
  const limited = (await hub.get('/api/v1/sites', { authorization: `Bearer ${key}` })).json();
  expect(limited.sites).toHaveLength(1);
});
