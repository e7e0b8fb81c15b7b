import { afterAll, beforeAll, expect, test } from 'vitest';
import { isChanging } from '../../monitor/api/route.ts';
import { routesOf } from '../../monitor/app.ts';
import { startHub, type TestHub } from './support/hub.ts';

let hub: TestHub;

beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.stop());

const filled = (path: string) => `/api/v1${path.replace(/:\w+/g, 'x')}`;

test('every call that changes something refuses foreign pages and foreign names, whatever key comes along', async () => {
  const changing = routesOf(hub.context).filter(isChanging);
  expect(changing.length).toBeGreaterThan(20);
  const rows = async () => (await hub.audit.acts({}, 1000)).length;
  const before = await rows();
  for (const { path, method } of changing) {
    if (method === 'GET') continue;
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { host: 'evil.example' },
    ]) {
      const authorization = `Bearer ${hub.keys.admin}`;
      const answer = await hub.post(filled(path), {}, { authorization, ...headers });
      expect(answer.json(), path).toMatchObject({ code: 'request-foreign' });
    }
  }
  expect(await rows(), 'a flood is written a little at a time').toBe(before + 20);
});

test('every call but those of the entrance wants somebody', async () => {
  const open = routesOf(hub.context).filter(({ role }) => role === 'anyone');
  expect(open.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
    ...[
      'GET /ca.crt',
      'GET /entrance',
      'GET /oidc/callback',
      'GET /oidc/login',
      'POST /join',
      'POST /login',
      'POST /logout',
      'POST /setup',
    ],
  ]);
  for (const { method, path, role } of routesOf(hub.context)) {
    if (role === 'anyone') continue;
    const answer = await hub.server.inject({ method, url: filled(path), headers: { host: 'localhost' } });
    expect([path, answer.statusCode]).toEqual([path, 401]);
  }
});
