import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { startHub, type TestHub } from './support/hub.ts';

const PASSWORD = 'long enough words';
const DAY = 86_400_000;
let hub: TestHub;
let shiftMs = 0;
const clock = { ...systemClock, now: () => Date.now() + shiftMs, ticks: () => performance.now() + shiftMs };

beforeAll(async () => {
  hub = await startHub({ clock });
});
afterAll(() => hub.stop());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const asAdmin = (url: string, payload: object = {}) => hub.post(url, payload, bearer(hub.keys.admin));

async function login(name: string, password = PASSWORD): Promise<{ cookie: string }> {
  const answer = await hub.post('/api/v1/login', { name, password }, { 'user-agent': 'Test Browser' });
  expect(answer.statusCode, answer.body).toBe(200);
  return { cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '' };
}

/** `authorization: undefined` takes the usual key away. */
const read = (url: string, headers: Record<string, string>) =>
  hub.server.inject({ url, headers: { host: 'localhost', ...headers } });

describe('users', () => {
  test('are added, changed and removed by administrators of all sites, and by nobody else', async () => {
    expect((await asAdmin('/api/v1/users', { name: 'kim', password: PASSWORD, role: 'admin' })).statusCode).toBe(201);
    expect((await asAdmin('/api/v1/users', { name: '이영희', password: PASSWORD, role: 'viewer' })).statusCode).toBe(
      201,
    );
    const { users } = (await read('/api/v1/users', bearer(hub.keys.admin))).json();
    expect(users).toMatchObject([
      { name: 'kim', role: 'admin', sites: null },
      { name: '이영희', role: 'viewer' },
    ]);
    expect(JSON.stringify(users)).not.toContain('scrypt');

    const limited = await hub.makeKey('admin', ['plant-a']);
    for (const key of [hub.keys.operator, limited]) {
      expect((await read('/api/v1/users', bearer(key))).statusCode).toBe(403);
      const answer = await hub.post('/api/v1/users', { name: 'x', password: PASSWORD, role: 'admin' }, bearer(key));
      expect(answer.json()).toMatchObject({ code: 'forbidden' });
    }
    const path = `/api/v1/users/${encodeURIComponent('이영희')}`;
    expect((await asAdmin(path, { role: 'operator', sites: ['plant-a'] })).statusCode).toBe(200);
    expect((await hub.accounts.findUser('이영희'))?.sites).toEqual(['plant-a']);
    expect((await asAdmin(`${path}/remove`)).statusCode).toBe(200);
    expect((await asAdmin(`${path}/remove`)).json()).toMatchObject({ code: 'not-found' });
  });

  test('the last administrator of all sites stays one', async () => {
    await asAdmin('/api/v1/users', { name: 'park', password: PASSWORD, role: 'admin', sites: ['plant-a'] });
    for (const [url, body] of [
      ['/api/v1/users/kim', { role: 'operator' }],
      ['/api/v1/users/kim', { role: 'admin', sites: ['plant-a'] }],
      ['/api/v1/users/kim/remove', {}],
    ] as const) {
      const answer = await asAdmin(url, body);
      expect([answer.statusCode, answer.json().code]).toEqual([409, 'last-admin']);
    }
    expect(await hub.accounts.findUser('kim')).toMatchObject({ role: 'admin', sites: undefined });
    await asAdmin('/api/v1/users/park', { role: 'admin' });
    expect((await asAdmin('/api/v1/users/kim', { role: 'viewer' })).statusCode).toBe(200);
  });

  test('a changed role holds for the session that is open', async () => {
    const held = await login('kim');
    await asAdmin('/api/v1/users/kim', { role: 'operator', sites: ['plant-b'] });
    expect((await read('/api/v1/me', held)).json()).toMatchObject({ role: 'operator', sites: ['plant-b'] });
    await asAdmin('/api/v1/users/kim', { role: 'admin' });
  });
});

describe('oneself', () => {
  test('changes the password with the old one; other sessions end, this one stays', async () => {
    const [here, there] = [await login('kim'), await login('kim')];
    const change = (current: string, password: string) => hub.post('/api/v1/me/password', { current, password }, here);
    expect((await change('wrong', 'another long one')).json()).toMatchObject({ code: 'login-refused' });
    expect((await change(PASSWORD, 'short')).json()).toMatchObject({ code: 'request-invalid' });
    expect((await change(PASSWORD, 'another long one')).statusCode).toBe(200);
    expect((await read('/api/v1/me', here)).statusCode).toBe(200);
    expect((await read('/api/v1/me', there)).statusCode).toBe(401);
    await login('kim', 'another long one');
    await hub.accounts.setPassword('kim', PASSWORD);
  });

  test('keeps language and time zone', async () => {
    const held = await login('kim');
    expect((await read('/api/v1/me', held)).json()).toMatchObject({ language: null, timezone: null });
    await hub.post('/api/v1/me', { language: 'ko', timezone: 'Asia/Seoul' }, held);
    await hub.post('/api/v1/me', { language: 'en' }, held);
    expect((await read('/api/v1/me', held)).json()).toMatchObject({ language: 'en', timezone: 'Asia/Seoul' });
    expect((await hub.post('/api/v1/me', { timezone: 'Mars/Base' }, held)).statusCode).toBe(400);
  });

  test('a key that is called like a user is not them', async () => {
    const { key } = await hub.accounts.keys.create({
      ...{ name: 'kim', role: 'viewer', sites: undefined, madeBy: 'test', ttlMs: undefined },
    });
    await login('kim');
    expect((await read('/api/v1/sessions', bearer(key))).json()).toEqual({ sessions: [] });
    const body = { current: PASSWORD, password: 'taken over by a key' };
    expect((await hub.post('/api/v1/me/password', body, bearer(key))).statusCode).toBe(403);
  });
});

describe('sessions', () => {
  test('say from where and when; their owner and administrators end them, others do not see them', async () => {
    const [mine, other] = [await login('park'), await login('park')];
    await asAdmin('/api/v1/users', { name: 'lee', password: PASSWORD, role: 'viewer' });
    const foreign = await login('lee');
    const { sessions } = (await read('/api/v1/sessions', mine)).json();
    expect(sessions).toHaveLength(2);
    expect(sessions[0]).toMatchObject({ name: 'park', address: '127.0.0.1', browser: 'Test Browser', via: 'password' });
    expect(sessions.filter((each: { isThis: boolean }) => each.isThis)).toHaveLength(1);
    const { id } = sessions.find((each: { isThis: boolean }) => !each.isThis);
    expect((await hub.post(`/api/v1/sessions/${id}/end`, {}, foreign)).statusCode).toBe(404);
    expect((await read('/api/v1/sessions?all=true', foreign)).statusCode).toBe(403);
    expect((await hub.post(`/api/v1/sessions/${id}/end`, {}, mine)).statusCode).toBe(200);
    expect((await read('/api/v1/me', other)).statusCode).toBe(401);
    expect((await read('/api/v1/me', mine)).statusCode).toBe(200);

    const all = (await read('/api/v1/sessions?all=true', bearer(hub.keys.admin))).json().sessions;
    const theirs = all.find((each: { name: string }) => each.name === 'lee');
    expect((await asAdmin(`/api/v1/sessions/${theirs.id}/end`)).statusCode).toBe(200);
    expect((await read('/api/v1/me', foreign)).statusCode).toBe(401);
  });

  test('who is removed is out at once', async () => {
    const held = await login('lee');
    await asAdmin('/api/v1/users/lee/remove');
    expect((await read('/api/v1/me', held)).statusCode).toBe(401);
    await hub.accounts.addUser({ name: 'lee', password: PASSWORD, role: 'viewer', sites: undefined });
    expect((await read('/api/v1/me', held)).statusCode, 'a new user of the old name').toBe(401);
  });

  test('a stream that is open ends with its session, its key, or a change of what one may see', async () => {
    const address = await hub.server.listen({ host: '127.0.0.1', port: 0 });
    const open = async (headers: Record<string, string>) => {
      const answer = await fetch(`${address}/api/v1/stream`, { headers });
      expect(answer.status).toBe(200);
      return answer.text();
    };
    const [held, byKey, changed] = [
      await login('lee'),
      await hub.accounts.keys.create({ name: 'x', role: 'viewer', sites: undefined, madeBy: '', ttlMs: undefined }),
      await login('park'),
    ];
    const ends = [open(held), open(bearer(byKey.key)), open(changed)];
    await expect.poll(() => hub.feed.listeners).toBe(3);
    await asAdmin('/api/v1/users/lee/remove');
    await expect.poll(() => hub.feed.listeners).toBe(2);
    await asAdmin(`/api/v1/keys/${byKey.id}/revoke`);
    await expect.poll(() => hub.feed.listeners).toBe(1);
    await asAdmin('/api/v1/users/park', { role: 'viewer', sites: ['plant-a'] });
    // Told to begin anew, not only cut off: what the page holds may be what it may no longer show.
    for (const text of await Promise.all(ends)) expect(text).toMatch(/event: reset\ndata: \{\}\n\n$/);
  });
});

describe('keys', () => {
  test('are shown once, used, and over when they expire or are revoked', async () => {
    const made = (await asAdmin('/api/v1/keys', { name: 'grafana', role: 'viewer', ttl: '30d' })).json();
    expect(made.key).toMatch(/^slk_/);
    const find = async () =>
      (await read('/api/v1/keys', bearer(hub.keys.admin))).json().keys.find(({ id }: { id: string }) => id === made.id);
    expect(await find()).toMatchObject({ name: 'grafana', madeBy: 'test', usedAt: null, revokedAt: null });
    expect((await read('/api/v1/me', bearer(made.key))).json()).toMatchObject({ name: 'grafana', role: 'viewer' });
    expect(await find()).toMatchObject({ usedAt: expect.any(Number) });
    expect(JSON.stringify(await find())).not.toContain(made.key);
    shiftMs = 30 * DAY + 1000;
    expect((await read('/api/v1/me', bearer(made.key))).statusCode).toBe(401);
    shiftMs = 0;
    expect((await read('/api/v1/me', bearer(made.key))).statusCode).toBe(200);
    await asAdmin(`/api/v1/keys/${made.id}/revoke`);
    expect((await read('/api/v1/me', bearer(made.key))).statusCode).toBe(401);
    expect(await find()).toMatchObject({ revokedAt: expect.any(Number) });
    expect((await asAdmin('/api/v1/keys/nonsense/revoke')).statusCode).toBe(404);
  });
});
