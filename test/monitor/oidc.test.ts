import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { whoIs } from '../../monitor/auth/claims.ts';
import { Oidc } from '../../monitor/auth/oidc.ts';
import { type OidcSettings, oidcSchema } from '../../monitor/auth/oidc-settings.ts';
import { parseHubSettings } from '../../monitor/settings.ts';
import { OidcProvider, type Wrongs } from '../support/oidc-provider.ts';
import { startHub, type TestHub } from './support/hub.ts';

let provider: OidcProvider;
let settings: OidcSettings;
let hub: TestHub;
let shiftMs = 0;
const clock = { ...systemClock, now: () => Date.now() + shiftMs, ticks: () => performance.now() + shiftMs };
const LEE = { sub: 'u-17', preferred_username: 'lee@plant.example', groups: ['operators'], sites: ['Plant A'] };

beforeAll(async () => {
  provider = await OidcProvider.start();
  const clientSecretFile = join(await mkdtemp(join(tmpdir(), 'oidc-')), 'secret');
  await writeFile(clientSecretFile, `${provider.secret}\n`, { mode: 0o600 });
  settings = oidcSchema.parse({
    ...{ issuer: provider.issuer, clientId: provider.clientId, clientSecretFile, title: 'Plant login' },
    roles: { claim: 'groups', map: { operators: 'operator', it: 'admin' } },
    sites: { claim: 'sites' },
  });
  hub = await startHub({ clock, oidc: await Oidc.open(settings, clock) });
});
afterAll(async () => {
  await hub.stop();
  await provider.stop();
});
beforeEach(() => {
  provider.claims = LEE;
  provider.wrongs = {};
  shiftMs = 0;
});

const call = (url: string, cookie = '') => hub.server.inject({ url, headers: { host: 'localhost', cookie } });
const cookiesOf = (answer: Awaited<ReturnType<typeof call>>) =>
  [answer.headers['set-cookie'] ?? []].flat().map((line) => line.split(';')[0] ?? '');

/** To the provider and back as a browser goes; answers with what the provider was asked and where it sent the browser. */
async function toProvider() {
  const away = await call('/api/v1/oidc/login');
  expect(away.statusCode).toBe(302);
  const asked = new URL(String(away.headers.location));
  const back = (await fetch(asked, { redirect: 'manual' })).headers.get('location') ?? '';
  const { pathname, search } = new URL(back);
  return { asked, ticket: cookiesOf(away)[0] ?? '', set: String(away.headers['set-cookie']), back: pathname + search };
}

async function login() {
  const { back, ticket } = await toProvider();
  return call(back, ticket);
}

const lastAct = async () => (await hub.audit.acts({ action: 'read oidc callback' }, 1))[0];

test('leads to the provider with PKCE, state and nonce, and back into a session of its role and sites', async () => {
  const { asked, ticket, set, back } = await toProvider();
  expect(Object.fromEntries(asked.searchParams)).toMatchObject({
    ...{ client_id: 'sluice', response_type: 'code', scope: 'openid profile email', code_challenge_method: 'S256' },
    redirect_uri: 'http://localhost/api/v1/oidc/callback',
  });
  for (const name of ['state', 'nonce', 'code_challenge'])
    expect(asked.searchParams.get(name)?.length).toBeGreaterThan(40);
  expect(set).toMatch(/HttpOnly.*SameSite=Lax|SameSite=Lax.*HttpOnly/);
  const answer = await call(back, ticket);
  expect([answer.statusCode, answer.headers.location]).toEqual([302, '/']);
  const session = cookiesOf(answer).find((line) => line.startsWith('sluice=')) ?? '';
  expect((await call('/api/v1/me', session)).json()).toMatchObject({
    ...{ name: 'lee@plant.example', role: 'operator', sites: ['Plant A'], via: 'oidc', language: null },
  });
  // The browser is sent on before that is written.
  await expect.poll(lastAct).toMatchObject({ who: 'lee@plant.example', via: 'oidc', outcome: 'done' });
  expect((await lastAct())?.detail).toContain('u-17');
  expect((await call('/api/v1/entrance')).json()).toMatchObject({ sso: 'Plant login' });

  const own = (await call('/api/v1/sessions', session)).json().sessions;
  expect(own).toMatchObject([{ via: 'oidc', isThis: true }]);
  expect((await hub.post('/api/v1/me/password', { current: 'x', password: 'y' }, { cookie: session })).statusCode).toBe(
    403,
  );
  shiftMs = 7 * 3_600_000;
  expect((await call('/api/v1/me', session)).statusCode).toBe(200);
  shiftMs = 13 * 3_600_000;
  expect((await call('/api/v1/me', session)).statusCode, 'the provider is asked again each day').toBe(401);
});

describe('is refused', () => {
  const refused = async (answer: Awaited<ReturnType<typeof call>>, why: RegExp) => {
    expect([answer.statusCode, answer.headers.location]).toEqual([302, '/#/?sso=refused']);
    expect(cookiesOf(answer).filter((line) => /^sluice=./.test(line))).toEqual([]);
    await expect.poll(lastAct).toMatchObject({
      outcome: 'refused',
      code: 'sso-refused',
      detail: expect.stringMatching(why),
    });
  };

  const wrongs: readonly (readonly [string, Wrongs, RegExp])[] = [
    ['a foreign signature', { signedByAnother: true }, /signature/],
    ['another nonce', { nonce: 'replayed' }, /nonce/],
    ['a token for another program', { audience: 'other' }, /aud/],
    ['a token of another provider', { issuer: 'http://127.0.0.1:1' }, /iss/],
    ['a token that is over', { expired: true }, /exp/],
  ];
  test.each(wrongs)('%s', async (_, wrong, why) => {
    provider.wrongs = wrong;
    await refused(await login(), why);
  });

  const people: readonly (readonly [string, object, RegExp])[] = [
    ['nobody of a known group', { groups: ['guests'] }, /roles.map/],
    ['a group that is a name of Object', { groups: ['constructor', '__proto__'] }, /roles.map/],
    ['nobody without a site', { sites: [] }, /no site/],
    ['a name that is none', { preferred_username: '<script>' }, /no name/],
  ];
  test.each(people)('%s', async (_, claims, why) => {
    provider.claims = { ...LEE, ...claims };
    await refused(await login(), why);
  });

  test('what another browser began, what was begun twice, what took too long, another state', async () => {
    const first = await toProvider();
    await refused(await call(first.back), /did not begin/);
    const other = await toProvider();
    await refused(await call(first.back, other.ticket), /state/);
    const good = await toProvider();
    expect((await call(good.back, good.ticket)).headers.location).toBe('/');
    await refused(await call(good.back, good.ticket), /did not begin/);
    const slow = await toProvider();
    shiftMs = 11 * 60_000;
    await refused(await call(slow.back, slow.ticket), /took too long/);
    shiftMs = 0;
    const forged = await toProvider();
    await refused(await call(forged.back.replace(/state=[^&]+/, 'state=forged'), forged.ticket), /state/);
  });

  test('somebody called as a user of the hub is', async () => {
    await hub.accounts.addUser({ name: 'kim', password: 'long enough words', role: 'viewer', sites: undefined });
    provider.claims = { ...LEE, preferred_username: 'kim' };
    await refused(await login(), /is called kim/);
  });

  test('where the provider is away: passwords go on', async () => {
    const away = { ...settings, issuer: 'http://127.0.0.1:1' };
    const other = await startHub({ oidc: await Oidc.open(away, clock) });
    const answer = await other.server.inject({ url: '/api/v1/oidc/login', headers: { host: 'localhost' } });
    expect(answer.headers.location).toBe('/#/?sso=unreachable');
    await other.stop();
  });
});

describe('claims', () => {
  const groups = (claims: object, more: Partial<OidcSettings> = {}) =>
    whoIs({ preferred_username: 'a', ...claims }, { ...settings, ...more });

  test('the most that a group gives; dots lead into objects; * is all sites', () => {
    expect(groups({ groups: ['operators', 'it', 'x'], sites: '*' })).toEqual({
      name: 'a',
      role: 'admin',
      sites: undefined,
    });
    const roles = { claim: 'realm_access.roles', map: { it: 'viewer' } } as const;
    expect(groups({ realm_access: { roles: ['it'] }, sites: ['x'] }, { roles })).toMatchObject({ role: 'viewer' });
    const url = { claim: 'https://a.example/roles', map: { it: 'viewer' } } as const;
    expect(groups({ 'https://a.example/roles': 'it', sites: ['x'] }, { roles: url })).toMatchObject({ role: 'viewer' });
  });
});

test('settings: an issuer in the clear is refused, and a secret that others can read', async () => {
  const yaml = (issuer: string) => `
dataDir: /d
auth: { oidc: { issuer: '${issuer}', clientId: x, roles: { claim: groups, map: { a: viewer } } } }`;
  expect(parseHubSettings(yaml('https://login.example.com/realms/plant')).oidc?.title).toBe('SSO');
  expect(() => parseHubSettings(yaml('http://login.example.com'))).toThrow(/https/);
  const file = join(await mkdtemp(join(tmpdir(), 'oidc-')), 'secret');
  await writeFile(file, 'x', { mode: 0o644 });
  await expect(Oidc.open({ ...settings, clientSecretFile: file }, clock)).rejects.toMatchObject({
    code: 'key-exposed',
  });
});
