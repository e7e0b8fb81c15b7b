import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { isOurHost, isOwnPage } from '../../monitor/auth/origin.ts';
import { Passwords } from '../../monitor/auth/password.ts';
import { ABSOLUTE_MS, IDLE_MS } from '../../monitor/auth/sessions.ts';
import { Throttle } from '../../monitor/auth/throttle.ts';
import { startHub, type TestHub } from './support/hub.ts';

const VIEWER = { role: 'viewer', sites: undefined } as const;
let hub: TestHub;
let shiftMs = 0;
/** Its ticks stand still: waits end when a test says so, however slow the machine. */
const clock = { ...systemClock, now: () => Date.now() + shiftMs, ticks: () => shiftMs };

beforeAll(async () => {
  hub = await startHub({ clock });
  await hub.accounts.addUser({ name: '김민수', password: 'a long password', ...VIEWER });
});
afterAll(() => hub.stop());
afterEach(() => {
  shiftMs = 0;
});

const login = (name: string, password: string, headers: Record<string, string> = {}) =>
  hub.server.inject({
    method: 'POST',
    url: '/api/v1/login',
    headers: { host: 'localhost', ...headers },
    payload: { name, password },
  });

const me = (headers: Record<string, string>) =>
  hub.server.inject({ url: '/api/v1/me', headers: { host: 'localhost', ...headers } });

async function cookie(): Promise<string> {
  const answer = await login('김민수', 'a long password');
  const [set] = [answer.headers['set-cookie']].flat();
  return String(set).split(';')[0] ?? '';
}

describe('login', () => {
  test('gives a cookie that no script and no other site can use', async () => {
    const answer = await login('김민수', 'a long password');
    expect(answer.json()).toMatchObject({ name: '김민수', role: 'viewer', sites: null, demo: false });
    const set = String(answer.headers['set-cookie']);
    expect(set).toMatch(/^sluice=[A-Za-z0-9_-]{43};/);
    expect(set).toContain('HttpOnly');
    expect(set).toContain('SameSite=Strict');
  });

  test('the session ends with logout', async () => {
    const held = await cookie();
    expect((await me({ cookie: held })).statusCode).toBe(200);
    await hub.server.inject({ method: 'POST', url: '/api/v1/logout', headers: { host: 'localhost', cookie: held } });
    expect((await me({ cookie: held })).statusCode).toBe(401);
  });

  test('the session ends when it lies idle, and in any case after its longest time', async () => {
    const held = await cookie();
    for (let gone = 0; gone < ABSOLUTE_MS - IDLE_MS; gone += IDLE_MS - 60_000) {
      shiftMs = gone;
      expect((await me({ cookie: held })).statusCode).toBe(200);
    }
    shiftMs = ABSOLUTE_MS + 1000;
    expect((await me({ cookie: held })).statusCode).toBe(401);

    shiftMs = 0;
    const idle = await cookie();
    shiftMs = IDLE_MS + 1000;
    expect((await me({ cookie: idle })).statusCode).toBe(401);
  });

  test('a new password ends every session', async () => {
    await hub.accounts.addUser({ name: 'kim', password: 'a long password', ...VIEWER });
    const { secret } = await hub.accounts.sessions.begin({ name: 'kim', via: 'password', ...VIEWER }, { address: 'x' });
    expect(await hub.accounts.sessions.find(secret)).toMatchObject({ name: 'kim' });
    await hub.accounts.setPassword('kim', 'another password');
    expect(await hub.accounts.sessions.find(secret)).toBeUndefined();
  });

  test('wrong name and wrong password look the same', async () => {
    const one = (await login('김민수', 'wrong')).json();
    await cookie();
    const two = (await login('nobody', 'wrong')).json();
    expect(two).toEqual(one);
    await cookie();
  });

  test('attempts slow down, and the answer says for how long', async () => {
    for (let i = 0; i < 3; i++) expect((await login('eve', 'wrong')).statusCode).toBe(401);
    const answer = await login('eve', 'wrong');
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '1']);
    shiftMs = 60_000;
    expect((await login('eve', 'wrong')).statusCode).toBe(401);
  });

  test('a flood locks no owner out where they have logged in before', async () => {
    const from = (remoteAddress: string, password: string) =>
      hub.server.inject({
        ...{ method: 'POST', url: '/api/v1/login', headers: { host: 'localhost' }, remoteAddress },
        payload: { name: '김민수', password },
      });
    expect((await from('10.0.0.7', 'a long password')).statusCode).toBe(200);
    for (let i = 0; i < 6; i++) await from(`10.6.6.${i}`, 'wrong');
    expect((await from('10.6.6.9', 'wrong')).statusCode, 'from elsewhere it waits, whatever the address').toBe(429);
    expect((await from('10.0.0.7', 'a long password')).statusCode).toBe(200);
    expect((await from('10.6.6.9', 'a long password')).statusCode, 'their login ends no wait of others').toBe(429);
    shiftMs = 3_600_000;
    expect((await from('10.6.6.9', 'a long password')).statusCode).toBe(200);
  });

  test('nor does one from behind the same address, as behind a proxy; guesses at their own name slow down there too', async () => {
    const attempt = async (name: string, password: string) => {
      const answer = await hub.server.inject({
        ...{ method: 'POST', url: '/api/v1/login', headers: { host: 'localhost' }, remoteAddress: '10.0.0.8' },
        payload: { name, password },
      });
      return answer.statusCode;
    };
    expect(await attempt('김민수', 'a long password')).toBe(200);
    for (let i = 0; i < 6; i++) await attempt(`stranger-${i}`, 'wrong');
    expect(await attempt('stranger-9', 'wrong'), 'strangers wait').toBe(429);
    expect(await attempt('김민수', 'a long password')).toBe(200);
    for (let i = 0; i < 3; i++) expect(await attempt('김민수', 'wrong')).toBe(401);
    expect(await attempt('김민수', 'a long password'), 'so much for guessing').toBe(429);
    shiftMs = 60_000;
    expect(await attempt('김민수', 'a long password')).toBe(200);
  });

  test.each(['', 'short', 'elevenchars', 'aaaaaaaaaaaaaaaa', 'somebody-1234'])(
    'the password %j is refused',
    async (password) => {
      await expect(hub.accounts.addUser({ name: 'somebody', password, ...VIEWER })).rejects.toMatchObject({
        code: 'request-invalid',
      });
    },
  );

  test('a user name is not taken twice', async () => {
    await expect(
      hub.accounts.addUser({ name: '김민수', password: 'a long password', ...VIEWER }),
    ).rejects.toMatchObject({
      code: 'request-invalid',
    });
  });
});

test('keys: right ones have their role, wrong ones are no demo either', async () => {
  expect((await me({ authorization: `Bearer ${hub.keys.operator}` })).json()).toMatchObject({ role: 'operator' });
  expect((await me({ authorization: 'Bearer slk_nonsense' })).statusCode).toBe(401);
});

test('the default cost of a hash is what OWASP asks for', async () => {
  const passwords = new Passwords();
  const stored = await passwords.hash('a long password');
  expect(stored).toMatch(/^scrypt\$17\$8\$1\$/);
  expect(await passwords.verify('a long password', stored)).toBe(true);
  expect(await passwords.verify('another password', stored)).toBe(false);
});

test('a crowd of logins is turned away instead of taking the memory', async () => {
  const passwords = new Passwords(12);
  const all = await Promise.allSettled(Array.from({ length: 20 }, async () => passwords.verify('x', undefined)));
  // One is at work and eight wait.
  expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(11);
});

test('a crowd of strangers holds up nobody who has logged in from here before', async () => {
  const passwords = new Passwords(12);
  const done: string[] = [];
  const check = async (lane: 'known' | 'stranger') =>
    passwords.verify('x', undefined, lane).then(
      () => done.push(lane),
      () => done.push('turned away'),
    );
  const crowd = Array.from({ length: 20 }, () => check('stranger'));
  await Promise.all([...crowd, check('known')]);
  const served = done.filter((each) => each !== 'turned away');
  expect(served, 'only the one that was at work comes before').toEqual([
    'stranger',
    'known',
    ...Array(8).fill('stranger'),
  ]);
});

test('whoever has logged in from an address before is known there, and nowhere else', async () => {
  const [password, lanes] = ['a long password', vi.spyOn(Passwords.prototype, 'verify')];
  await hub.accounts.addUser({ name: 'known', password, ...VIEWER });
  for (const address of ['10.0.0.1', '10.0.0.1', '10.0.0.2']) await hub.accounts.prove('known', password, address);
  expect(lanes.mock.calls.map(([, , lane]) => lane)).toEqual(['stranger', 'known', 'stranger']);
  lanes.mockRestore();
});

describe('where requests come from', () => {
  test.each([
    ['localhost:8080', true],
    ['127.0.0.1', true],
    ['[::1]:8080', true],
    ['10.0.0.7:8080', true],
    ['Hub.Example.com', true],
    ['evil.example', false],
    ['localhost.evil.example', false],
    [undefined, false],
  ])('Host %s: %s', (host, ours) => {
    expect(isOurHost(host, ['hub.example.com'])).toBe(ours);
  });

  test.each([
    ['GET', { host: 'a', origin: 'http://evil' }, true],
    ['POST', { host: 'a' }, true],
    ['POST', { host: 'a:1', origin: 'http://a:1', 'sec-fetch-site': 'same-origin' }, true],
    ['POST', { host: 'a:1', origin: 'http://a:2' }, false],
    ['POST', { host: 'a', 'sec-fetch-site': 'cross-site' }, false],
    ['POST', { host: 'a', 'sec-fetch-site': 'same-site' }, false],
    ['POST', { host: 'a', origin: 'null' }, false],
  ])('%s %j: %s', (method, headers, own) => {
    expect(isOwnPage(method, headers)).toBe(own);
  });

  test('a foreign host or page gets a problem', async () => {
    expect((await hub.get('/api/v1/me', { host: 'evil.example' })).json()).toMatchObject({ code: 'request-foreign' });
    const answer = await login('김민수', 'a long password', { origin: 'http://evil.example' });
    expect(answer.statusCode).toBe(403);
  });

  test('no answer may be framed, sniffed or run foreign script', async () => {
    const { headers } = await hub.get('/api/v1/me');
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

test('a demo opens itself to this machine and says so; others must log in', async () => {
  const demo = await startHub({ demo: true });
  const from = (remoteAddress: string) =>
    demo.server.inject({ url: '/api/v1/me', headers: { host: 'localhost' }, remoteAddress });
  expect((await from('127.0.0.1')).json()).toMatchObject({ name: 'demo', role: 'admin', demo: true });
  expect((await from('10.0.0.9')).statusCode).toBe(401);
  await demo.stop();
  expect((await me({})).statusCode).toBe(401);
});

test('the throttle forgets the oldest first', () => {
  const throttle = new Throttle();
  for (let i = 0; i < 5; i++) throttle.failed('first', 0);
  expect(throttle.wait('first', 0)).toBe(4000);
  for (let i = 0; i < 10_000; i++) throttle.failed(`k${i}`, 0);
  expect(throttle.wait('first', 0)).toBe(0);
});
