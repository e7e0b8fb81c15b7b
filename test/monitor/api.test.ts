import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routesOf } from '../../monitor/app.ts';
import { catalogue, EPOCH, entry, Journal, T0 } from './support/batches.ts';
import { startBoilerHub } from './support/boiler-hub.ts';
import { startHub, type TestHub } from './support/hub.ts';

let hub: TestHub;

beforeAll(async () => {
  hub = await startBoilerHub();
});
afterAll(() => hub.stop());

const json = async (url: string) => (await hub.get(url)).json();

describe('catalogue and state', () => {
  test('points carry titles, kind and the newest reading; retired ones are marked', async () => {
    const { points } = await json('/api/v1/points?gateway=plant-1&device=boiler');
    const temp = points.find((point: { id: string }) => point.id === 'plant-1/boiler/temp');
    expect(temp).toMatchObject({
      title: { ko: '급수 온도' },
      kind: 'number',
      last: { at: T0 + 61_000, value: 26, quality: 'good', stored: true },
    });
    expect(points.find((point: { id: string }) => point.id.endsWith('old'))).toMatchObject({
      retired: true,
      last: null,
    });
    expect(await json('/api/v1/points?gateway=none')).toMatchObject({ points: [] });
  });

  test('latest', async () => {
    const { latest } = await json('/api/v1/latest?gateway=plant-1');
    expect(latest).toHaveLength(3);
    expect(latest[1]).toMatchObject({ point: 'plant-1/boiler/running', value: true });
  });

  test('devices', async () => {
    expect(await json('/api/v1/devices')).toEqual({
      devices: [
        {
          id: 'plant-1/boiler',
          gateway: 'plant-1',
          name: 'boiler',
          title: { en: 'boiler', ko: 'boiler' },
          class: 'climate',
          channel: 'bus-a',
        },
      ],
    });
  });

  test('a gateway: site, cursor as a string, state of the link', async () => {
    hub.observer.onSession('plant-1', 'online');
    hub.observer.onStatus('plant-1', {
      state: 'online',
      version: '0.1.0',
      backlog: 7,
      oldestUnsent: null,
      channels: [
        {
          name: 'bus-a',
          port: '/dev/x',
          driver: 'modbus-rtu',
          state: 'faulted',
          fault: 'port-missing',
          exchanges: 1,
          faults: 1,
          utilisation: 0,
        },
      ],
    });
    expect(await json('/api/v1/gateways/plant-1')).toMatchObject({
      id: 'plant-1',
      site: 'Seoul plant 1',
      state: 'online',
      cursor: '7',
      backlog: 7,
      devices: 1,
      points: 3,
      channels: [{ name: 'bus-a', fault: 'port-missing', problem: { text: 'The serial port does not exist' } }],
    });
    expect((await hub.get('/api/v1/gateways/none')).statusCode).toBe(404);
    expect((await json('/api/v1/gateways')).gateways).toHaveLength(1);
  });

  test('gaps count what was lost', async () => {
    const { gaps } = await json('/api/v1/gaps?gateway=plant-1');
    expect(gaps).toEqual([
      expect.objectContaining({ epoch: EPOCH, from: '100', to: '150', count: '50', reason: 'retention' }),
    ]);
  });
});

describe('enrolment', () => {
  test('tokens are for admins', async () => {
    const post = (key: string) =>
      hub.server.inject({
        method: 'POST',
        url: '/api/v1/tokens',
        headers: { host: 'localhost', authorization: `Bearer ${key}` },
        payload: { gateway: 'plant-2', ttl: '1h' },
      });
    expect((await post(hub.keys.operator)).statusCode).toBe(403);
    const made = await post(hub.keys.admin);
    expect([made.statusCode, made.json()]).toEqual([201, { token: 'token-plant-2-3600000' }]);
  });

  test('join needs a right token and no login', async () => {
    const join = (token: string) =>
      hub.server.inject({
        method: 'POST',
        url: '/api/v1/join',
        headers: { host: 'hub.example.com:8080' },
        payload: { token, id: 'plant-2', csr: 'x' },
      });
    const answer = (await join('right')).json();
    expect(answer).toEqual({ certificate: 'certificate of plant-2', ca: 'ca', mqtt: { port: 8883 } });
    expect((await join('wrong')).json()).toMatchObject({ status: 403, code: 'token-refused' });
  });

  test('the CA is public', async () => {
    const answer = await hub.server.inject({ url: '/api/v1/ca.crt', headers: { host: 'localhost' } });
    expect(answer.body).toContain('BEGIN CERTIFICATE');
  });
});

test('health, readiness and metrics need no login', async () => {
  for (const url of ['/healthz', '/readyz', '/metrics']) {
    expect((await hub.server.inject({ url, headers: { host: 'localhost' } })).statusCode).toBe(200);
  }
});

test('every other call of the API refuses whoever is not logged in', async () => {
  for (const { method, path, role } of routesOf(hub.context)) {
    if (role === 'anyone') continue;
    const answer = await hub.server.inject({
      method,
      url: `/api/v1${path.replace(/:\w+/g, 'x')}`,
      headers: { host: 'localhost' },
    });
    expect([path, answer.statusCode, answer.json().code]).toEqual([path, 401, 'login-needed']);
  }
});

test('OpenAPI describes every call, its parameters and its answer', async () => {
  const document = await json('/api/v1/openapi.json');
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toHaveLength(new Set(routesOf(hub.context).map(({ path }) => path)).size);
  const readings = document.paths['/api/v1/readings'].get;
  expect(readings.parameters.find((p: { name: string }) => p.name === 'point')).toMatchObject({ required: true });
  expect(readings.parameters.find((p: { name: string }) => p.name === 'limit')).toMatchObject({ required: false });
  expect(Object.keys(readings.responses['200'].content)).toEqual([
    'application/json',
    'text/csv',
    'application/x-ndjson',
  ]);
  expect(document.paths['/api/v1/gateways/{id}'].get.parameters[0]).toMatchObject({ in: 'path', name: 'id' });
});

test('rules: what the gateways watch, by device', async () => {
  const own = await startHub();
  const get = async (url: string) =>
    (await own.server.inject({ url, headers: { authorization: `Bearer ${own.keys.viewer}` } })).json();
  const rule = {
    ...{ device: 'boiler', id: 'water/above', point: 'water', priority: 'high' as const },
    ...{ text: { en: 'Too hot' }, action: {}, condition: { kind: 'above', limit: 75, deadband: 2 } },
  };
  const journal = new Journal('plant-1');
  const frame = journal.publish({ ...catalogue([entry(0, 'boiler', 'water')]), rules: [rule] });
  await own.archive.append([journal.batch([frame])]);
  expect(await get('/api/v1/rules?gateway=plant-1')).toEqual({ rules: [{ ...rule, gateway: 'plant-1' }] });
  expect(await get('/api/v1/rules?device=pump')).toEqual({ rules: [] });
  await own.stop();
});
