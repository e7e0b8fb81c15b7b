import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Role } from '../../../monitor/auth/access.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { startHub, type TestHub } from '../support/hub.ts';

const at = (time: string, day = 18) => Date.parse(`2026-11-${day}T${time}:00+09:00`);
const clock = new FakeClock(at('08:00'));
let hub: TestHub;
beforeAll(async () => {
  hub = await startHub({ clock });
  await call('admin', 'documents/round/ups-room', { from: 0, body: ROUND });
});
afterAll(() => hub.stop());

const ROUND = {
  name: 'UPS room',
  due: { timezone: 'Asia/Seoul', by: '10:00' },
  places: [
    {
      id: 'room',
      name: 'UPS room',
      items: [
        { id: 'dry', text: 'Floor is dry', kind: 'ok' },
        { id: 'load', text: 'Load', kind: 'number', unit: '%', min: 0, max: 80 },
        { id: 'noise', text: 'Anything unusual', kind: 'text' },
      ],
    },
  ],
};
const ANSWERS = { dry: { ok: true }, load: { number: 42 }, noise: { text: 'no' } };
const WALK = { id: 'walk-0001', version: 1, startedAt: at('10:20'), finishedAt: at('10:40'), answers: ANSWERS };

async function call(role: Role, path: string, payload?: object) {
  const headers = { host: 'localhost', authorization: `Bearer ${hub.keys[role]}` };
  const method = payload ? 'POST' : 'GET';
  const answer = await hub.server.inject({ method, url: `/api/v1/${path}`, headers, ...(payload ? { payload } : {}) });
  return { status: answer.statusCode, body: answer.json() };
}
const due = async () => (await call('viewer', 'rounds')).body.rounds[0].due.state;

test('a round that nobody walks is overdue, and done once it is walked; handing the same walk in again changes nothing', async () => {
  expect(await due()).toBe('open');
  await clock.advance(3 * 3_600_000);
  expect(await due()).toBe('overdue');
  const first = await call('operator', 'rounds/ups-room/results', WALK);
  expect(first.body).toMatchObject({ by: 'test', abnormal: [], round: 'ups-room' });
  expect(await due()).toBe('done');
  await clock.advance(60_000);
  expect(await call('operator', 'rounds/ups-room/results', WALK), 'the same answer, with its first time').toEqual(
    first,
  );
  const other = { ...WALK, answers: { ...ANSWERS, load: { number: 43 } } };
  expect((await call('operator', 'rounds/ups-room/results', other)).body).toMatchObject({ code: 'document-changed' });
  expect((await call('viewer', 'rounds/ups-room/results')).body.results).toHaveLength(1);
});

test('what is not in order is named, and kept as it was found', async () => {
  const answers = { ...ANSWERS, dry: { ok: false, note: 'wet under CRAC 2' }, load: { number: 91 } };
  const { body } = await call('operator', 'rounds/ups-room/results', { ...WALK, id: 'walk-0002', answers });
  expect(body).toMatchObject({ abnormal: ['dry', 'load'], answers });
});

test('who walked without a link may hand in a walk of an older version', async () => {
  const changed = {
    ...ROUND,
    places: [{ id: 'room', name: 'UPS room', items: [{ id: 'dry', text: 'Dry', kind: 'ok' }] }],
  };
  expect((await call('admin', 'documents/round/ups-room', { from: 1, body: changed })).body.version).toBe(2);
  expect((await call('operator', 'rounds/ups-room/results', { ...WALK, id: 'walk-0003' })).status).toBe(200);
  const wrong = await call('operator', 'rounds/ups-room/results', { ...WALK, id: 'walk-0004', version: 2 });
  expect(wrong.body.detail).toBe('load: the round does not ask for this; noise: the round does not ask for this');
});

test('what was walked in time and handed in late is no round missed; a clock that is ahead is not believed', async () => {
  await clock.advance(47 * 3_600_000);
  expect(await due(), 'two days later, 10:01').toBe('overdue');
  const late = { ...WALK, id: 'walk-0005', startedAt: at('09:30', 20), finishedAt: at('09:50', 20) };
  await call('operator', 'rounds/ups-room/results', late);
  expect(await due()).toBe('open');
  await call('operator', 'rounds/ups-room/results', { ...WALK, id: 'walk-0006', finishedAt: at('09:50', 29) });
  expect(await due()).toBe('done');
  await clock.advance(48 * 3_600_000);
  expect(await due()).toBe('overdue');
});

test.each<[string, object, string]>([
  ['nothing about an item', { dry: { ok: true }, load: { number: 1 } }, 'noise: is missing'],
  ['a text where a number is asked for', { ...ANSWERS, load: { text: 'much' } }, 'load.number: is missing'],
  ['two kinds at once', { ...ANSWERS, load: { number: 1, ok: true } }, 'load.ok: a number is asked for'],
  ['a picture that is not there', { ...ANSWERS, dry: { ok: true, photo: 'a'.repeat(32) } }, 'send it first'],
])('%s is refused', async (_, answers, reason) => {
  const { status, body } = await call('operator', 'rounds/ups-room/results', { ...WALK, id: 'walk-bad1', answers });
  expect(status).toBe(400);
  expect(body.detail).toContain(reason);
});

test.each<[string, object, string]>([
  ['limits of a yes or no', { id: 'dry', text: 'Dry', kind: 'ok', min: 1 }, 'only a number has min, max and unit'],
  ['limits the wrong way round', { id: 'load', text: 'Load', kind: 'number', min: 5, max: 1 }, 'min is not below max'],
])('a round with %s is refused', async (_, item, reason) => {
  const body = { ...ROUND, places: [{ id: 'room', name: 'Room', items: [item] }] };
  const answer = await call('admin', 'documents/round/bad', { from: 0, body });
  expect(answer.status).toBe(400);
  expect(answer.body.detail).toContain(reason);
});

test('a viewer hands in nothing; a round that is not there takes nothing', async () => {
  expect((await call('viewer', 'rounds/ups-room/results', WALK)).status).toBe(403);
  expect((await call('operator', 'rounds/nowhere/results', { ...WALK, id: 'walk-0009' })).status).toBe(404);
});

test('a round that gets its due times later was not due before', async () => {
  const { due: times, ...undated } = ROUND;
  const state = async () =>
    (await call('viewer', 'rounds')).body.rounds.find(({ id }: { id: string }) => id === 'later');
  await call('admin', 'documents/round/later', { from: 0, body: undated });
  await clock.advance(2 * 86_400_000);
  await call('admin', 'documents/round/later', { from: 1, body: { ...undated, due: times } });
  expect((await state()).due.state).toBe('open');
  await clock.advance(86_400_000);
  expect((await state()).due.state).toBe('overdue');
});
