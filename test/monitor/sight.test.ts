import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { good } from '../../core/reading.ts';
import type { Terms } from '../../monitor/alarms/alarm.ts';
import { routesOf } from '../../monitor/app.ts';
import { Sight } from '../../monitor/auth/sight.ts';
import { gatewaysIn } from '../../monitor/documents/gateways-in.ts';
import { DOCUMENT_KINDS } from '../../monitor/documents/kinds.ts';
import { parseHubSettings } from '../../monitor/settings.ts';
import { catalogue, column, EPOCH, entry, Journal, T0 } from './support/batches.ts';
import { startHub, type TestHub } from './support/hub.ts';

let hub: TestHub;
let viewer: { authorization: string };
let admin: { authorization: string };
const SECRET = 'secret-1';
const { energy } = parseHubSettings(`
dataDir: /d
energy:
  meters:
    - { name: ours, power: open-1/meter/power }
    - { name: their-meter, power: ${SECRET}/meter/power }
  groups: [{ name: mixed-group, meters: [ours, their-meter] }]
`);

const terms: Terms = {
  ...{ priority: 'high', text: {}, action: {}, latch: false, ack: true, shelvable: true, reAlarmCount: 0 },
};

beforeAll(async () => {
  hub = await startHub({ energy });
  for (const [gateway, site, epoch] of [
    ['open-1', 'Plant A', EPOCH],
    [SECRET, 'Plant B', 'b'.repeat(32)],
  ] as const) {
    const journal = new Journal(gateway, epoch);
    const published = { ...catalogue([entry(0, 'meter', 'power', { unit: 'W' })]), site };
    const frames = [journal.publish(published), journal.readings([column(0, [[T0, good(5)]])])];
    await hub.archive.append([
      journal.batch(frames, { gaps: [{ epoch, from: 900, to: 901, reason: 'undeclared-floor' }] }),
    ]);
    hub.fleet.onLive(gateway);
    hub.latest.offer(`${gateway}/meter/power`, { at: T0, value: 5 }, T0);
    const name = { gateway, device: 'meter', rule: 'hot', point: 'power' };
    await hub.desk.take([{ name, at: systemClock.now(), raise: { terms } }]);
    // One that is over stands in the history.
    const over = { ...name, rule: 'over' };
    await hub.desk.take([{ name: over, at: systemClock.now(), raise: { terms: { ...terms, ack: false } } }]);
    await hub.desk.take([{ name: over, at: systemClock.now() }]);
    await save('board', `board-${gateway}`, { name: gateway, tiles: [tile(gateway)] });
    await save('round', `round-${gateway}`, roundOf(gateway));
    await save('report-schedule', `schedule-${gateway}`, scheduleOf(site));
  }
  await save('round', 'round-mixed', roundOf('open-1', SECRET));
  viewer = { authorization: `Bearer ${await hub.makeKey('viewer', ['Plant A'])}` };
  admin = { authorization: `Bearer ${await hub.makeKey('admin', ['Plant A'])}` };
});
afterAll(() => hub.stop());

const tile = (gateway: string) => ({
  ...{ id: 'a', kind: 'value', x: 0, y: 0, width: 2, height: 2, point: `${gateway}/meter/power` },
});
const roundOf = (...gateways: string[]) => ({
  name: gateways.length > 1 ? 'mixed-group' : gateways.join(),
  places: gateways.map((gateway, at) => {
    const item = { id: `i${at}`, text: 'i', kind: 'ok', device: `${gateway}/meter` };
    return { id: `p${at}`, name: 'p', items: [item] };
  }),
});
const scheduleOf = (site: string) => ({ name: site, site, kind: 'daily', at: '07:00', to: ['a@plant.example'] });
async function save(kind: string, id: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${hub.keys.admin}` };
  const answer = await hub.post(`/api/v1/documents/${kind}/${id}`, { from: 0, body }, headers);
  expect(answer.statusCode, answer.body).toBe(200);
}
const read = (url: string, headers: Record<string, string>) =>
  hub.server.inject({ url: `/api/v1${url}`, headers: { host: 'localhost', ...headers } });
const alarmOf = (gateway: string) => hub.desk.list().find((alarm) => alarm.gateway === gateway)?.id ?? '';

/** What fills the path and the query of calls that want something. */
const ASKS: Readonly<Record<string, readonly string[]>> = {
  '/readings': [`?point=${SECRET}/meter/power`],
  '/readings/late': [`?point=${SECRET}/meter/power`],
  '/export': [`?point=${SECRET}/meter/power`, '?point=*'],
  '/energy': ['', '?group=mixed-group', '?group=their-meter'],
  '/demand': ['', '?group=mixed-group'],
  '/gaps': ['', `?gateway=${SECRET}`],
  '/points': ['', `?gateway=${SECRET}`],
  '/latest': ['', `?gateway=${SECRET}`],
  '/alarms': ['', '?state=history', `?gateway=${SECRET}`, '?format=csv'],
  '/documents/:kind': DOCUMENT_KINDS,
  '/documents/:kind/:id': [
    ...[`board/board-${SECRET}`, `round/round-${SECRET}`, 'round/round-mixed', `report-schedule/schedule-${SECRET}`],
  ],
  '/documents/:kind/:id/versions': [`board/board-${SECRET}/versions`],
  '/rounds/:id/results': [`round-${SECRET}/results`],
  '/gateways/:id': [SECRET],
  '/gateways/:id/certificates': [`${SECRET}/certificates`],
  '/gateways/:id/config': [`${SECRET}/config`],
  '/gateways/:id/config/versions/:version': [`${SECRET}/config/versions/0`],
  '/gateways/:id/config/diff': [`${SECRET}/config/diff?from=0&to=0`],
  '/gateways/:id/config/schema': [`${SECRET}/config/schema`],
  '/gateways/:id/orders/:order': [`${SECRET}/orders/abc`],
  '/report': ['?site=Plant%20B&kind=daily&language=en', '?site=Plant%20A&kind=daily&language=en'],
};

test('whoever has one site finds nothing of another in any answer, and cannot tell it from what is not there', async () => {
  let seen = 0;
  for (const { method, path } of routesOf(hub.context)) {
    if (method !== 'GET' || path === '/stream' || path.startsWith('/audit')) continue;
    const [base = ''] = path.split(/\/:/);
    const asks = path === '/alarms/:id' ? [alarmOf(SECRET)] : (ASKS[path] ?? (path.includes(':') ? [SECRET] : ['']));
    for (const ask of asks) {
      const url = path.includes(':') ? `${base}/${encodeURI(ask)}` : `${base}${ask}`;
      const { statusCode, body } = await read(url, viewer);
      if (statusCode === 404) {
        // As for what is not there at all.
        const other = await read(url.replace(/group=.*/, 'group=no-group').replaceAll(SECRET, 'nowhere'), viewer);
        const nameless = (text: string) => text.replace(/secret-1|nowhere|no-group|their-meter|mixed-group/g, '…');
        expect([url, nameless(body)]).toEqual([url, nameless(other.body)]);
      } else expect(body, url).not.toMatch(/secret-1|Plant B|their-meter|mixed-group/);
      if (statusCode === 404 || statusCode === 400) expect((await read(url, admin)).statusCode, url).toBe(statusCode);
      if (body.includes('open-1')) seen++;
    }
  }
  expect(seen, 'and finds what is theirs').toBeGreaterThan(9);
});

test('acts on the own site only', async () => {
  for (const [url, body] of [
    [`/alarms/${alarmOf(SECRET)}/ack`, {}],
    [`/alarms/${alarmOf(SECRET)}/shelve`, { for: '1h' }],
    [`/documents/board/board-${SECRET}`, { from: 1, body: { name: 'taken', tiles: [] } }],
    [`/documents/board/board-${SECRET}/remove`, { from: 1 }],
    ['/documents/board/new-one', { from: 0, body: { name: 'x', tiles: [tile(SECRET)] } }],
    ['/alarms/replay', { gateway: SECRET, device: 'meter', rule: 'hot', changes: {}, from: 0, to: 1 }],
    [`/gateways/${SECRET}/revoke`, {}],
    [`/gateways/${SECRET}/config/devices`, { from: 0, device: {} }],
    [`/gateways/${SECRET}/config/check`, { text: '' }],
    [`/gateways/${SECRET}/config/rollback`, { from: 0, to: 0 }],
    [`/gateways/${SECRET}/scan`, { line: {} }],
    [`/gateways/${SECRET}/ports`, {}],
    ['/reports', { site: 'Plant B', kind: 'daily', language: 'en' }],
  ] as const) {
    const answer = await hub.post(`/api/v1${encodeURI(url)}`, body, admin);
    expect([url, answer.statusCode]).toEqual([url, 404]);
  }
  for (const [url, body] of [
    ['report-schedule/mine', { from: 0, body: scheduleOf('Plant B') }],
    [`report-schedule/schedule-${SECRET}`, { from: 1, body: scheduleOf('Plant A') }],
    [`report-schedule/schedule-${SECRET}/remove`, { from: 1 }],
    ['report-layout/default', { from: 0, body: { name: 'x', signers: ['x'] } }],
  ] as const) {
    const answer = await hub.post(`/api/v1/documents/${url}`, body, admin);
    expect([url, answer.statusCode]).toEqual([url, 403]);
  }
  const { refused } = (await hub.post('/api/v1/alarms/ack', { ids: [alarmOf(SECRET)] }, admin)).json();
  expect(refused).toMatchObject([{ code: 'not-found' }]);
  expect(hub.desk.list().find(({ gateway }) => gateway === SECRET)?.acknowledged).toBe(false);
  const own = await hub.post(`/api/v1/alarms/${encodeURI(alarmOf('open-1'))}/ack`, {}, admin);
  expect(own.json()).toMatchObject({ acknowledged: true });
  expect((await hub.post('/api/v1/tokens', {}, admin)).json()).toMatchObject({ code: 'forbidden' });
});

test('the stream carries the own site only', async () => {
  const address = await hub.server.listen({ host: '127.0.0.1', port: 0 });
  const stop = new AbortController();
  const answer = await fetch(`${address}/api/v1/stream?alarms=1`, { headers: viewer, signal: stop.signal });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader?.read())?.value ?? '';
  for (const gateway of [SECRET, 'open-1']) {
    hub.feed.gateway(gateway);
    hub.feed.reading({ point: `${gateway}/meter/power`, at: T0, value: 6, quality: 'good' });
    hub.feed.filled({ point: `${gateway}/meter/power`, from: T0, to: T0 });
    const name = { gateway, device: 'meter', rule: 'cold', point: 'power' };
    await hub.desk.take([{ name, at: systemClock.now(), raise: { terms } }]);
  }
  const own = ['gateway', 'alarm', 'reading', 'filled'].map((event) => new RegExp(`event: ${event}\n.*open-1`));
  // They may come in more than one batch; what the other gateway did came before.
  while (!own.every((event) => event.test(text))) {
    const part = await reader?.read();
    if (part?.value === undefined) break;
    text += part.value;
  }
  stop.abort();
  for (const event of own) expect(text).toMatch(event);
  expect(text).not.toContain(SECRET);
});

test('a gateway without a catalogue belongs to no site; nobody sees nothing', () => {
  const siteOf = (gateway: string) => (gateway === 'a' ? 'Plant A' : undefined);
  const sees = (sites: string[] | undefined) => new Sight({ role: 'viewer', sites }, siteOf);
  expect([sees(['Plant A']).gateway('a'), sees(['Plant A']).gateway('b')]).toEqual([true, false]);
  expect([sees([]).gateway('a'), sees(undefined).gateway('b')]).toEqual([false, true]);
  expect(new Sight(undefined, siteOf).gateway('a')).toBe(false);
});

test('documents name gateways wherever their kinds put them', () => {
  const plan = {
    markers: [{ point: 'a/x/y' }, { device: 'b/x' }, { gateway: 'c' }],
    zones: [{ devices: ['d/x', 'e/x'] }],
    tiles: [{ points: ['f/x/y'], text: 'g/x/y' }],
  };
  expect([...gatewaysIn(plan)].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});
