import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bad, good } from '../../core/reading.ts';
import { routesOf } from '../../monitor/app.ts';
import { catalogue, column, EPOCH, entry, gap, Journal, T0 } from './support/batches.ts';
import { startHub, type TestHub } from './support/hub.ts';

let hub: TestHub;

beforeAll(async () => {
  hub = await startHub();
  const journal = new Journal();
  const frames = [
    journal.publish(
      catalogue([
        entry(0, 'boiler', 'temp', { title: { en: 'Water, flow', ko: '급수 온도' } }),
        entry(1, 'boiler', 'running', { kind: 'boolean', type: 'bool', unit: undefined }),
        entry(2, 'boiler', 'state', { kind: 'text', type: 'string', unit: undefined }),
        entry(3, 'boiler', 'old', { retired: true }),
      ]),
    ),
    journal.readings([
      column(0, [
        [T0, good(20)],
        [T0 + 1000, bad('no-answer')],
        [T0 + 60_000, good(22)],
        [T0 + 61_000, good(26)],
      ]),
      column(1, [[T0, good(true)]]),
      column(2, [[T0, good('run, "slow"')]]),
    ]),
  ];
  await hub.archive.append([journal.batch(frames, { gaps: [gap(100, 150, { reason: 'retention' })] })]);
  hub.observer.onFrames('plant-1', frames);
});

afterAll(() => hub.stop());

const span = `from=${T0}&to=${T0 + 120_000}`;
const json = async (url: string) => (await hub.get(url)).json();

describe('readings', () => {
  test('raw: value or fault, never both', async () => {
    expect(await json(`/api/v1/readings?point=plant-1/boiler/temp&${span}`)).toEqual({
      point: 'plant-1/boiler/temp',
      unit: '°C',
      columns: ['at', 'value', 'quality', 'fault'],
      rows: [
        [T0, 20, 'good'],
        [T0 + 1000, null, 'bad', 'no-answer'],
        [T0 + 60_000, 22, 'good'],
        [T0 + 61_000, 26, 'good'],
      ],
    });
  });

  test('each kind comes back as what it is', async () => {
    expect((await json(`/api/v1/readings?point=plant-1/boiler/running&${span}`)).rows).toEqual([[T0, true, 'good']]);
    expect((await json(`/api/v1/readings?point=plant-1/boiler/state&${span}`)).rows).toEqual([
      [T0, 'run, "slow"', 'good'],
    ]);
  });

  test('pages without losing or repeating a row', async () => {
    const rows: unknown[] = [];
    let cursor = '';
    for (let page = 0; page < 10; page++) {
      const answer = await json(`/api/v1/readings?point=plant-1/boiler/temp&${span}&limit=3${cursor}`);
      rows.push(...answer.rows);
      if (!answer.cursor) break;
      cursor = `&cursor=${answer.cursor}`;
    }
    expect(rows.map((row) => (row as number[])[0])).toEqual([T0, T0 + 1000, T0 + 60_000, T0 + 61_000]);
  });

  test('numbers tell epoch and sequence number', async () => {
    const { rows } = await json(`/api/v1/readings?point=plant-1/boiler/temp&${span}&numbers=true`);
    expect(rows.slice(0, 2)).toEqual([
      [T0, 20, 'good', null, EPOCH, '1'],
      [T0 + 1000, null, 'bad', 'no-answer', EPOCH, '2'],
    ]);
  });

  test('steps leave out what was bad and say how much that was', async () => {
    const answer = await json(
      `/api/v1/readings?point=plant-1/boiler/temp&${span}&step=1m&agg=avg,min,max,last,count,bad`,
    );
    expect(answer).toMatchObject({ step: 60_000, columns: ['at', 'avg', 'min', 'max', 'last', 'count', 'bad'] });
    expect(answer.rows).toEqual([
      [T0, 20, 20, 20, 20, 1, 1],
      [T0 + 60_000, 24, 22, 26, 26, 2, 0],
    ]);
  });

  test('a step of a day begins at midnight of the site', async () => {
    const { rows } = await json(`/api/v1/readings?point=plant-1/boiler/temp&${span}&step=1d&agg=count`);
    expect(new Date(rows[0][0]).toISOString()).toMatch(/T15:00:00\.000Z$/);
  });

  test('CSV: times with the offset of the site, quoted cells, the fault instead of a value', async () => {
    const answer = await hub.get(`/api/v1/readings?point=plant-1/boiler/temp&${span}`, { accept: 'text/csv' });
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
    expect(answer.body.split('\r\n').slice(0, 3)).toEqual([
      'time,point,value,unit,quality,fault',
      '2026-01-15T17:00:00.000+09:00,plant-1/boiler/temp,20,°C,good,',
      '2026-01-15T17:00:01.000+09:00,plant-1/boiler/temp,,°C,bad,no-answer',
    ]);
    const text = await hub.get(`/api/v1/readings?point=plant-1/boiler/state&${span}`, { accept: 'text/csv' });
    expect(text.body).toContain(',"run, ""slow""",');
  });

  test('NDJSON: one record a line', async () => {
    const { body } = await hub.get(`/api/v1/readings?point=plant-1/boiler/temp&${span}&numbers=true`, {
      accept: 'application/x-ndjson',
    });
    const lines = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toHaveLength(4);
    expect(lines[1]).toEqual({
      at: T0 + 1000,
      point: 'plant-1/boiler/temp',
      value: null,
      unit: '°C',
      quality: 'bad',
      fault: 'no-answer',
      epoch: EPOCH,
      seq: '2',
    });
  });

  test('columns for a chart: first, least, greatest, last; where nothing is there is no row', async () => {
    const answer = await json(`/api/v1/readings?point=plant-1/boiler/temp&${span}&width=4`);
    expect(answer).toMatchObject({ resolution: 'raw', columns: ['at', 'first', 'min', 'max', 'last', 'count', 'bad'] });
    expect(answer.rows).toEqual([
      [T0, 20, 20, 20, 20, 1, 1],
      [T0 + 60_000, 22, 22, 26, 26, 2, 0],
    ]);
  });

  test('of a text: the last, and how many', async () => {
    const answer = await json(`/api/v1/readings?point=plant-1/boiler/state&${span}&step=1m&agg=last,count,good`);
    expect(answer.rows).toEqual([[T0, 'run, "slow"', 1, 1]]);
  });

  test.each([
    ['point=plant-1/boiler/none&from=0&to=1', 404, 'not-found'],
    ['point=plant-1/boiler/temp&from=soon&to=1', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=2&to=1', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=1&limit=0', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=1&agg=median', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=9999999999999&step=1s', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=1&cursor=x', 400, 'request-invalid'],
    ['point=plant-1/boiler/state&from=0&to=1&step=1m&agg=avg', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=99999999999999', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=1&width=0', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=1&width=99999', 400, 'request-invalid'],
    ['point=plant-1/boiler/temp&from=0&to=1&width=10&step=1s', 400, 'request-invalid'],
  ])('%s is refused with %i', async (query, status, code) => {
    const answer = await hub.get(`/api/v1/readings?${query}`);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status, code, action: expect.any(String), title: expect.any(String) });
  });
});

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
