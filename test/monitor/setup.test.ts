import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { startHub, type TestHub } from './support/hub.ts';

const OWNER = { name: '김민수', password: 'long enough words', language: 'ko', timezone: 'Asia/Seoul' };
let hub: TestHub;
let code: string;
let shiftMs = 0;
/** Its ticks stand still: waits end when a test says so, however slow the machine. */
const clock = { ...systemClock, now: () => Date.now() + shiftMs, ticks: () => shiftMs };

beforeEach(async () => {
  shiftMs = 0;
  hub = await startHub({ clock });
  code = (await hub.setup.open()) ?? '';
});
afterEach(() => hub.stop());

const file = () => join(hub.folder, 'setup-code');
const isNeeded = async () =>
  (await hub.server.inject({ url: '/api/v1/entrance', headers: { host: 'localhost' } })).json().setup;
const setUp = (given: string, more: object = {}) => hub.post('/api/v1/setup', { ...OWNER, code: given, ...more });

test('the first user is made with the code, once, and is in', async () => {
  expect(code).toMatch(/^([A-Z2-9]{4}-){3}[A-Z2-9]{4}$/);
  expect(readFileSync(file(), 'utf8')).toContain(code);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(await isNeeded()).toBe(true);
  // As people type it.
  const answer = await setUp(` ${code.toLowerCase().replaceAll('-', ' ')}`);
  expect([answer.statusCode, answer.json()]).toMatchObject([201, { name: '김민수', role: 'admin', sites: null }]);
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  const me = await hub.server.inject({ url: '/api/v1/me', headers: { host: 'localhost', cookie } });
  expect(me.json()).toMatchObject({ name: '김민수', language: 'ko', timezone: 'Asia/Seoul' });
  expect([await isNeeded(), existsSync(file())]).toEqual([false, false]);
  expect((await setUp(code, { name: 'second' })).json()).toMatchObject({ code: 'setup-refused' });
  expect(await hub.setup.open(), 'the next start prints none').toBeUndefined();
  expect((await hub.audit.acts({ action: 'setup' }, 10)).map(({ who, outcome }) => [who, outcome])).toEqual([
    ['', 'refused'],
    ['김민수', 'done'],
  ]);
});

test('wrong codes are delayed, from wherever they come', async () => {
  const tryFrom = (remoteAddress: string) =>
    hub.server.inject({
      ...{ method: 'POST', url: '/api/v1/setup', headers: { host: 'localhost' }, remoteAddress },
      payload: { ...OWNER, code: 'AAAA-AAAA-AAAA-AAAA' },
    });
  for (let i = 1; i <= 3; i++) expect((await tryFrom(`10.0.0.${i}`)).statusCode).toBe(403);
  expect((await tryFrom('10.0.0.4')).statusCode).toBe(429);
  expect((await setUp(code)).statusCode, 'a right one waits too').toBe(429);
  shiftMs = 60_000;
  expect((await setUp(code)).statusCode).toBe(201);
});

test('the code is good for a day', async () => {
  shiftMs = 24 * 3_600_000 + 1000;
  expect((await setUp(code)).json()).toMatchObject({ code: 'setup-refused' });
});

test('a weak password is refused, and the code is good for another try', async () => {
  expect((await setUp(code, { password: '김민수' })).json()).toMatchObject({ code: 'request-invalid' });
  expect((await setUp(code)).statusCode).toBe(201);
});

test('of two at once one is first', async () => {
  const answers = await Promise.all([setUp(code), setUp(code, { name: 'kim' })]);
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 403]);
  expect(await hub.accounts.users()).toHaveLength(1);
});

test('a user made by a command ends the need', async () => {
  await hub.accounts.addUser({ name: 'kim', password: 'long enough words', role: 'admin', sites: undefined });
  await hub.setup.settle();
  expect([await isNeeded(), existsSync(file())]).toEqual([false, false]);
  expect((await setUp(code)).json()).toMatchObject({ code: 'setup-refused' });
});
