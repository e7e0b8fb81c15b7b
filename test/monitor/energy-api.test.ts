import { afterEach, beforeEach, expect, test } from 'vitest';
import { good } from '../../core/reading.ts';
import { settle } from '../../monitor/archive/settle.ts';
import { parseHubSettings } from '../../monitor/settings.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { catalogue, column, entry, Journal } from './support/batches.ts';
import { startHub, type TestHub } from './support/hub.ts';

const HOUR = 3_600_000;
const MIN = 60_000;
/** Midnight in Seoul, 2026-11-21. */
const MIDNIGHT = Date.parse('2026-11-20T15:00:00Z');
const { energy } = parseHubSettings(`
dataDir: /d
energy:
  hold: 3m
  meters:
    - { name: main, counter: plant-1/m/wh, title: { ko: 주 계량기 } }
    - { name: cooling, power: plant-1/m/kw }
    - { name: gone, counter: plant-1/m/none }
  groups:
    - { name: all, meters: [main, cooling], target: 100 }
`);

let hub: TestHub;
let clock: FakeClock;

beforeEach(async () => {
  clock = new FakeClock(MIDNIGHT + 26 * HOUR + 5 * MIN);
  hub = await startHub({ clock, energy });
  const journal = new Journal();
  const points = [
    entry(0, 'm', 'wh', { unit: 'Wh', everyMs: 60_000 }),
    entry(1, 'm', 'kw', { unit: 'kW', everyMs: 60_000 }),
  ];
  const minutes = Array.from({ length: 26 * 60 + 6 }, (_, i) => i).filter((i) => i < 600 || i > 690);
  // 60 kW; the meter is replaced in the middle of an hour.
  const counts = minutes.map((i) => [MIDNIGHT + i * MIN, good(i < 1210 ? 5e6 + i * 1000 : (i - 1210) * 1000)] as const);
  const powers = minutes.map((i) => [MIDNIGHT + i * MIN, good(30)] as const);
  await hub.archive.append([
    journal.batch([journal.publish(catalogue(points)), journal.readings([column(0, counts), column(1, powers)])]),
  ]);
  await settle(hub.database, { before: MIDNIGHT + 24 * HOUR, arrivedBefore: 0, zoneOf: () => 'Asia/Seoul' });
});

afterEach(() => hub.stop());

const json = async (url: string) => (await hub.get(`/api/v1${url}`)).json();

test('by hour: what the silence hides over an edge is named and not shared out, nor 0', async () => {
  const { groups, timezone } = await json(`/energy?group=main&by=hour&from=${MIDNIGHT}&to=${MIDNIGHT + 13 * HOUR}`);
  expect(timezone).toBe('Asia/Seoul');
  const [main] = groups;
  expect(main.rows).toHaveLength(13);
  expect(main.rows[0]).toEqual([MIDNIGHT, 60, 0]);
  expect(main.rows[9]).toEqual([MIDNIGHT + 9 * HOUR, 59, MIN]);
  expect(main.rows[10]).toEqual([MIDNIGHT + 10 * HOUR, null, HOUR]);
  expect(main.missing).toEqual([
    { meter: 'main', from: MIDNIGHT + 599 * MIN, to: MIDNIGHT + 691 * MIN, why: 'silent' },
  ]);
  expect(main.unplaced).toBeCloseTo(92);
  expect(main.total).toBeCloseTo(13 * 60);
});

test('by day: a counter knows the silence of a day, power does not; a replaced meter is said', async () => {
  const { groups } = await json(`/energy?group=main,cooling,gone&by=day&from=${MIDNIGHT}&to=${MIDNIGHT + 24 * HOUR}`);
  const [main, cooling, gone] = groups;
  // From 20:09 to 20:10 nobody knows.
  expect(main.rows[0][1]).toBeCloseTo(24 * 60 - 1);
  expect(main.missing).toEqual([
    { meter: 'main', from: MIDNIGHT + 1209 * MIN, to: MIDNIGHT + 1210 * MIN, why: 'replaced' },
  ]);
  // Held for three minutes after the last.
  expect(cooling.rows[0][1]).toBeCloseTo((30 * (24 * 60 - 89)) / 60);
  expect(cooling.rows[0][2]).toBe(89 * MIN);
  expect(gone).toMatchObject({ rows: [[MIDNIGHT, null, 24 * HOUR]], missing: [{ why: 'unknown-point' }] });
});

test('by month, from rollups and what is not settled; the present is not missing', async () => {
  const { groups } = await json(`/energy?group=cooling&by=month&from=${MIDNIGHT}`);
  expect(groups[0].rows).toHaveLength(1);
  expect(groups[0].rows[0][0]).toBe(Date.parse('2026-10-31T15:00:00Z'));
  expect(groups[0].rows[0][1]).toBeCloseTo((30 * (26 * 60 + 5 - 89)) / 60);
});

test('the running window: so far, forecast, against the target', async () => {
  const { demand } = await json('/demand?group=all');
  expect(demand[0]).toMatchObject({
    group: 'all',
    from: MIDNIGHT + 26 * HOUR,
    to: MIDNIGHT + 26.25 * HOUR,
    targetKw: 100,
  });
  expect(demand[0].kwh).toBeCloseTo((90 * 5) / 60);
  expect(demand[0].forecastKw).toBeCloseTo(90);
  expect(demand[0].state).toBe('below');
  await clock.advance(50_000);
  const [later] = (await json('/demand?group=all')).demand;
  expect(later.recentKw, 'the reading that is still to come changes nothing').toBeCloseTo(90);
  expect(later.forecastKw).toBeCloseTo(90);
  await clock.advance(9 * MIN);
  expect((await json('/demand?group=all')).demand[0]).toMatchObject({ recentKw: null, forecastKw: null });
});

test.each([
  ['/energy?group=x', 404],
  ['/energy?by=window&from=0', 400],
  ['/energy?by=year', 400],
  ['/energy?from=5&to=1', 400],
])('%s is refused with %i', async (url, status) => {
  expect((await hub.get(`/api/v1${url}`)).statusCode).toBe(status);
});

test.each([
  ['meters: [{ name: a }]', /needs `counter` or `power`/],
  ['meters: [{ name: a, power: g/d/p }, { name: a, power: g/d/p }]', /`a` is there twice/],
  ['groups: [{ name: b, meters: [x] }]', /there is no meter `x`/],
  ['meters: [{ name: a, power: g/d/p }]\n  groups: [{ name: b, meters: [a, a] }]', /counts a meter twice/],
  ['timezone: Korea', /no time zone/],
  ['meters: [{ name: a, power: kw }]', /gateway\/device\/point/],
])('hub.yaml with energy: %j is refused', (text, message) => {
  let problems = '';
  try {
    parseHubSettings(`dataDir: /d\nenergy:\n  ${text}\n`);
  } catch (error) {
    problems = String((error as { problems?: readonly { message: string }[] }).problems?.map((each) => each.message));
  }
  expect(problems).toMatch(message);
});

test('windows of many days are read some days at a time, and nothing is lost or counted twice between', async () => {
  const DAY = 24 * HOUR;
  const from = MIDNIGHT - 9 * DAY;
  const powers = Array.from({ length: 9 * 24 * 60 }, (_, i) => [from + i * MIN, good(30)] as const);
  const older = new Journal('plant-1', 'c'.repeat(32));
  await hub.archive.append([
    older.batch([
      older.publish(catalogue([entry(1, 'm', 'kw', { unit: 'kW', everyMs: MIN })]), from),
      older.readings([column(1, powers)]),
    ]),
  ]);
  const { groups } = await json(`/energy?group=cooling&by=window&from=${from + DAY}&to=${MIDNIGHT}`);
  expect(groups[0].rows).toHaveLength(8 * 96);
  for (const [, kwh, missing] of groups[0].rows) expect([kwh, missing]).toEqual([expect.closeTo(7.5), 0]);
});
