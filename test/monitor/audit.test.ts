import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verb } from '../../cli/audit.ts';
import { systemClock } from '../../core/clock.ts';
import { verifyRows } from '../../monitor/audit/audit-log.ts';
import type { AuditRow } from '../../monitor/audit/audit-row.ts';
import { fromNdjson } from '../../monitor/audit/audit-text.ts';
import { RefusalPace } from '../../monitor/audit/refusal-pace.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { run } from '../support/run-verb.ts';
import { startHub, type TestHub } from './support/hub.ts';

const PASSWORD = 'never to be written';
let hub: TestHub;
let from = 0;

beforeAll(async () => {
  hub = await startHub();
  await hub.accounts.addUser({ name: 'kim', password: PASSWORD, role: 'operator', sites: undefined });
});
afterAll(() => hub.stop());
beforeEach(async () => {
  from = (await hub.audit.acts({}, 1))[0]?.n ?? 0;
});

const asAdmin = (url: string, payload: object = {}) =>
  hub.post(`/api/v1${url}`, payload, { authorization: `Bearer ${hub.keys.admin}` });
const login = (name: string, password: string) => hub.post('/api/v1/login', { name, password });
const acts = async () => (await hub.audit.acts({}, 100)).filter(({ n }) => n > from).reverse();

async function allRows(): Promise<AuditRow[]> {
  const rows: AuditRow[] = [];
  for await (const row of hub.audit.rows()) rows.push(row);
  return rows;
}

describe('what is written', () => {
  test('who did what to what, from where, and what it was before', async () => {
    await asAdmin('/users/kim', { role: 'viewer', sites: ['plant-a'] });
    expect(await acts()).toMatchObject([
      {
        ...{ who: 'test', via: 'key', address: '127.0.0.1', action: 'users', object: 'kim', outcome: 'done', code: '' },
        detail: JSON.stringify({
          asked: { role: 'viewer', sites: ['plant-a'] },
          before: { role: 'operator', sites: null },
        }),
      },
    ]);
    await asAdmin('/users/kim', { role: 'operator' });
  });

  test('logins; refused ones with their name if it is one, since what is none may be a password', async () => {
    await login('kim', PASSWORD);
    await login('kim', 'wrong');
    await login('my-secret-password', 'x');
    const rows = await acts();
    expect(rows.map(({ who, action, outcome, code }) => [who, action, outcome, code])).toEqual([
      ['kim', 'login', 'done', ''],
      ['kim', 'login', 'refused', 'login-refused'],
      ['', 'login', 'refused', 'login-refused'],
    ]);
    await login('kim', PASSWORD);
  });

  test('what is forbidden, also to read; wrong keys; calls with problems', async () => {
    const viewer = { authorization: `Bearer ${hub.keys.viewer}` };
    await hub.get('/api/v1/audit');
    await hub.post('/api/v1/users', { name: 'x' }, viewer);
    await hub.get('/api/v1/latest', { authorization: 'Bearer slk_wrong' });
    await asAdmin('/users', { name: 'x' });
    await hub.get('/api/v1/latest');
    expect((await acts()).map(({ action, outcome, code }) => [action, outcome, code])).toEqual([
      ['read audit', 'refused', 'forbidden'],
      ['users', 'refused', 'forbidden'],
      ['read latest', 'refused', 'login-needed'],
      ['users', 'refused', 'request-invalid'],
    ]);
  });

  test('no secret of any call', async () => {
    await asAdmin('/users', { name: 'lee', password: PASSWORD, role: 'viewer' });
    await asAdmin('/users/lee/password', { password: `${PASSWORD} again` });
    const { key } = (await asAdmin('/keys', { name: 'p', role: 'viewer' })).json();
    const { token } = (await asAdmin('/tokens', {})).json();
    await hub.post('/api/v1/setup', { code: 'ABCD-SETUP-CODE', name: 'eve', password: PASSWORD });
    await hub.post('/api/v1/join', { token: 'join-token-text', id: 'plant-9', csr: 'csr-text' });
    const text = JSON.stringify(await allRows());
    for (const secret of [PASSWORD, key, token, hub.keys.admin, 'SETUP-CODE', 'join-token-text', 'csr-text'])
      expect(text).not.toContain(secret);
    expect((await acts()).at(-1)).toMatchObject({ action: 'join', object: 'plant-9', outcome: 'refused' });
  });

  test('the row comes before the act: without it nothing is done', async () => {
    const { append } = hub.audit;
    hub.audit.append = async () => {
      throw new Error('disk');
    };
    expect((await asAdmin('/users', { name: 'unseen', password: PASSWORD, role: 'admin' })).statusCode).toBe(500);
    hub.audit.append = append;
    expect(await hub.accounts.findUser('unseen')).toBeUndefined();
  });

  test('an act whose outcome nobody wrote stands as begun', async () => {
    const { append } = hub.audit;
    hub.audit.append = async (act) => {
      if (act.outcome === 'begun') return append.call(hub.audit, act);
      throw new Error('cut off');
    };
    await asAdmin('/keys', { name: 'half', role: 'viewer' });
    hub.audit.append = append;
    expect(await acts()).toMatchObject([{ action: 'keys', outcome: 'begun' }]);
  });

  test('texts come back as they were hashed, whatever was in them', async () => {
    await asAdmin('/alarms/ack', { ids: ['\u0000\ud800 "quoted"\n'], comment: '김 🏭 '.repeat(150) });
    expect((await hub.audit.verify()).broken).toBeUndefined();
  });

  test('many at once keep one order', async () => {
    await Promise.all(Array.from({ length: 20 }, () => asAdmin('/keys/none/revoke')));
    expect(await acts()).toHaveLength(20);
    expect((await hub.audit.verify()).broken).toBeUndefined();
  });

  test('a flood of refusals is written a little at a time, each minute', () => {
    const clock = new FakeClock(0);
    const pace = new RefusalPace(clock);
    const written = (address: string) =>
      Array.from({ length: 50 }, () => pace.ask(address)).filter(({ write }) => write);
    expect(written('a')).toHaveLength(20);
    expect(pace.ask('a').write).toBe(false);
    expect(written('b').at(-1)?.isLast).toBe(true);
    for (let i = 0; i < 20; i++) written(`c${i}`);
    expect(written('d')).toHaveLength(0);
  });
});

describe('reading it', () => {
  test('is for administrators of all sites; filters and pages', async () => {
    const get = async (query: string) => (await hub.get(`/api/v1/audit${query}`, admin())).json();
    const all = (await get('?limit=1000')).acts;
    const pages: { n: number }[] = [];
    let cursor = '';
    do {
      const page = await get(`?limit=7${cursor && `&cursor=${cursor}`}`);
      pages.push(...page.acts);
      cursor = page.cursor ?? '';
    } while (cursor !== '');
    expect(pages.map(({ n }) => n)).toEqual(all.map(({ n }: { n: number }) => n));
    const outcomes = new Set((await get('?outcome=refused')).acts.map(({ outcome }: { outcome: string }) => outcome));
    expect([...outcomes]).toEqual(['refused']);
    expect((await get('?who=kim')).acts.length).toBeGreaterThan(1);
    expect((await get('?text=PLANT-A')).acts[0].detail).toContain('plant-a');
    expect((await get('?action=login')).acts.length).toBeGreaterThan(2);
    expect((await get(`?from=${systemClock.now() + 1e6}`)).acts).toEqual([]);
  });

  test('as files', async () => {
    const ndjson = (await hub.get('/api/v1/audit/export', admin())).body;
    const chain = await verifyRows(fromNdjson(linesOf(ndjson)));
    expect(chain).toMatchObject({ upTo: (await allRows()).length, broken: undefined });
    expect((await hub.get('/api/v1/audit/verify', admin())).json()).toMatchObject({ broken: null, upTo: chain.upTo });
    const csv = (await hub.get('/api/v1/audit/export?format=csv', admin())).body;
    expect(csv.split('\r\n')[0]).toBe('n,time,who,via,address,action,object,outcome,of,code,detail,hash');
  });
});

const admin = () => ({ authorization: `Bearer ${hub.keys.admin}` });

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split('\n');
}

describe('the chain', () => {
  const changes: Readonly<Record<string, [(rows: AuditRow[]) => AuditRow[], object]>> = {
    'an altered row': [
      (rows) => rows.map((row) => (row.n === 5 ? { ...row, who: 'nobody' } : row)),
      { n: 5, why: 'altered' },
    ],
    'a row altered with a hash that fits it': [
      (rows) => rows.map((row) => (row.n === 5 ? { ...row, hash: '1'.repeat(64) } : row)),
      { n: 5, why: 'altered' },
    ],
    'a missing row': [(rows) => rows.filter(({ n }) => n !== 5), { n: 5, why: 'missing' }],
    'a missing first row': [(rows) => rows.slice(1), { n: 1, why: 'missing' }],
    'a missing row, numbered anew': [
      (rows) => rows.filter(({ n }) => n !== 5).map((row, index) => ({ ...row, n: index + 1 })),
      { n: 5, why: 'altered' },
    ],
    'rows in another order': [
      (rows) => [...rows.slice(0, 4), ...rows.slice(4, 6).reverse(), ...rows.slice(6)],
      { n: 5, why: 'missing' },
    ],
    'a row twice': [(rows) => [...rows.slice(0, 5), ...rows.slice(4)], { n: 6, why: 'out-of-order' }],
  };

  test.each(Object.entries(changes))('finds %s', async (_, [change, broken]) => {
    const rows = await allRows();
    expect(rows.length).toBeGreaterThan(8);
    const given = async function* () {
      yield* change(rows);
    };
    expect((await verifyRows(given())).broken).toEqual(broken);
  });

  test('`sluice audit verify` tells by its exit code, and finds a cut end with --at', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'audit-'));
    const file = join(folder, 'audit.ndjson');
    const lines = (await allRows()).map((row) => JSON.stringify(row));
    const last = (await allRows()).at(-1);
    await writeFile(file, `${lines.join('\n')}\n`);
    const whole = await run(verb, `verify ${file}`);
    expect([whole.code, whole.out]).toEqual([0, [`intact up to row ${last?.n}: --at ${last?.n}:${last?.hash}`]]);
    const at = `${last?.n}:${last?.hash}`;
    expect((await run(verb, `verify ${file} --at ${at}`)).code).toBe(0);
    await writeFile(file, `${lines.slice(0, -1).join('\n')}\n`);
    expect((await run(verb, `verify ${file}`)).code).toBe(0);
    expect((await run(verb, `verify ${file} --at ${at}`)).code).toBe(1);
    await writeFile(file, `${lines.map((line) => line.replace('"n":3,', '"n":3,"x":1,')).join('\n')}\n`);
    await expect(run(verb, `verify ${file}`)).rejects.toMatchObject({ code: 'request-invalid' });
    await writeFile(file, `${lines.map((line) => line.replace('"who":"test"', '"who":"Test"')).join('\n')}\n`);
    expect((await run(verb, `verify ${file}`)).code).toBe(1);
  });
});
