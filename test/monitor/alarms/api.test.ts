import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../support/fake-clock.ts';
import { catalogue, EPOCH, entry, Journal, T0 } from '../support/batches.ts';
import { startHub, type TestHub } from '../support/hub.ts';
import { transition } from './support.ts';

let hub: TestHub;
let journal: Journal;
let clock: FakeClock;
const HOUR = 3_600_000;
const id = (seq: number) => `plant-1~${EPOCH}~${seq}`;

beforeEach(async () => {
  clock = new FakeClock(T0);
  hub = await startHub({ clock });
  journal = new Journal();
  const rule = (name: string, priority: 'critical' | 'low', text: string) => ({
    ...{
      device: 'boiler',
      id: name,
      point: 'temp',
      priority,
      text: { en: text, ko: text },
      action: { en: 'Go there' },
      condition: {},
    },
  });
  const rules = [rule('hot', 'critical', '=1+1'), rule('dry', 'low', 'Dry')];
  await give(journal.publish({ ...catalogue([entry(0, 'boiler', 'temp')]), rules }));
});
afterEach(() => hub.stop());

async function give(...frames: Parameters<Journal['batch']>[0]): Promise<void> {
  await hub.archive.append([journal.batch(frames)]);
  hub.observer.onFrames(journal.gateway, frames);
  await hub.desk.idle();
}

const get = async (path: string) => (await hub.get(`/api/v1${path}`)).json();

function post(path: string, body: object = {}, key = hub.keys.operator) {
  return hub.server.inject({
    method: 'POST',
    url: `/api/v1${path}`,
    headers: { host: 'localhost', authorization: `Bearer ${key}` },
    payload: body,
  });
}

const ids = (answer: { alarms: { id: string }[] }) => answer.alarms.map((alarm) => alarm.id);

describe('lists', () => {
  beforeEach(() =>
    give(
      journal.events(
        transition(true),
        transition(true, { rule: 'dry' }),
        transition(true, { rule: 'gone' }),
        transition(false, { rule: 'gone' }),
      ),
    ),
  );

  test.each([
    ['', [id(1), id(3), id(2)]],
    ['?state=active', [id(1), id(2)]],
    ['?state=unacked', [id(1), id(3)]],
    ['?state=shelved', []],
    ['?state=active&priority=low', [id(2)]],
    ['?state=active&gateway=other', []],
    ['?state=active&device=boiler&limit=1', [id(1)]],
    [`?state=active&from=${T0 + 1}`, []],
    [`?state=active&to=${T0}`, []],
  ])('%s', async (query, expected) => {
    expect(ids(await get(`/alarms${query}`))).toEqual(expected);
  });

  test('shelved, suppressed and out of service stand apart from what asks for a response', async () => {
    await post(`/alarms/${id(1)}/shelve`, { for: '1h' });
    await post(`/alarms/${id(2)}/out-of-service`);
    expect(ids(await get('/alarms'))).toEqual([id(3)]);
    expect(ids(await get('/alarms?state=shelved'))).toEqual([id(1)]);
    expect(ids(await get('/alarms?state=suppressed'))).toEqual([id(2)]);
  });

  test('the history is one list of what is over and what is not, newest first, in pages', async () => {
    for (let i = 1; i <= 5; i++) {
      await give(
        journal.events(
          transition(true, { rule: 'dry2', at: T0 + i * 1000 }),
          transition(false, { rule: 'dry2', at: T0 + i * 1000 + 1 }),
        ),
      );
    }
    const all: string[] = [];
    let cursor = '';
    do {
      const page = await get(`/alarms?state=history&limit=2${cursor && `&cursor=${cursor}`}`);
      all.push(...ids(page));
      cursor = page.cursor ?? '';
    } while (cursor);
    expect(all).toEqual([id(13), id(11), id(9), id(7), id(5), ...[id(1), id(2), id(3)].sort()]);
    expect(new Set(all).size).toBe(8);
  });

  test('pages neither repeat nor skip what happened at one instant', async () => {
    const pair = [transition(true, { rule: 'dry' }), transition(false, { rule: 'dry' })];
    await give(journal.events(transition(false, { rule: 'dry' }), ...pair, ...pair, ...pair, ...pair));
    const all: string[] = [];
    let cursor = '';
    do {
      const page = await get(`/alarms?state=history&limit=1${cursor && `&cursor=${cursor}`}`);
      all.push(...ids(page));
      cursor = page.cursor ?? '';
    } while (cursor);
    expect(all).toEqual([...new Set(all)]);
    expect(all).toHaveLength(7);
  });

  test('an old alarm that was cleared lately is found by its change', async () => {
    await clock.advance(HOUR);
    await give(journal.events(transition(false, { at: T0 + HOUR })));
    expect(ids(await get(`/alarms?state=history&updatedFrom=${T0 + HOUR}`))).toEqual([id(1)]);
  });

  test('as CSV, which no spreadsheet runs', async () => {
    const answer = await hub.get('/api/v1/alarms?state=active', { accept: 'text/csv' });
    expect(answer.headers['content-type']).toContain('text/csv');
    const lines = answer.body.trim().split('\r\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain(`${id(1)},plant-1,boiler,temp,hot,critical,'=1+1,`);
  });

  test.each([
    ['/alarms?state=loud', 'query.state'],
    ['/alarms?state=history,active', 'query.state'],
    ['/alarms?from=tomorrow', 'query.from'],
    ['/alarms?limit=0', 'query.limit'],
    ['/alarms?state=history&cursor=x', 'query.cursor'],
  ])('%s is refused with its place', async (path, place) => {
    const answer = await hub.get(`/api/v1${path}`);
    expect([answer.statusCode, answer.json().detail]).toEqual([400, expect.stringContaining(place)]);
  });
});

describe('actions', () => {
  beforeEach(() => give(journal.events(transition(true))));

  test('acknowledging twice: the second reads who was first', async () => {
    expect((await post(`/alarms/${id(1)}/ack`, { comment: 'seen' })).json()).toMatchObject({
      acknowledged: true,
      comment: 'seen',
    });
    const again = await post(`/alarms/${id(1)}/ack`, { comment: 'me too' }, hub.keys.admin);
    expect([again.statusCode, again.json().comment]).toEqual([200, 'seen']);
    const { log } = await get(`/alarms/${id(1)}`);
    expect(log.map(({ what, by }: { what: string; by?: string }) => [what, by])).toEqual([
      ['raised', undefined],
      ['acked', 'test'],
    ]);
  });

  test('one that is over is still found, with its log', async () => {
    await post(`/alarms/${id(1)}/ack`);
    await give(journal.events(transition(false)), journal.events(transition(true)));
    const { alarm, log } = await get(`/alarms/${id(1)}`);
    expect([alarm.active, log.length]).toEqual([false, 3]);
  });

  test.each([
    [400, 'ack', { comment: 7 }, 'body.comment'],
    [400, 'shelve', {}, 'needs one of'],
    [400, 'shelve', { for: '8h', untilClear: true }, 'needs one of'],
    [400, 'shelve', { for: 'ages' }, 'body.for'],
    [400, 'shelve', { for: '8d' }, 'between 1s and 7d'],
  ] as const)('%i: %s %j', async (status, action, body, detail) => {
    const answer = await post(`/alarms/${id(1)}/${action}`, body);
    expect([answer.statusCode, answer.json().detail]).toEqual([status, expect.stringContaining(detail)]);
  });

  test('a viewer looks on; what is not there is not there', async () => {
    expect((await post(`/alarms/${id(1)}/ack`, {}, hub.keys.viewer)).statusCode).toBe(403);
    expect((await post('/alarms/nothing/ack')).statusCode).toBe(404);
  });

  test('what does not fit is said with its reason', async () => {
    await give(journal.events(transition(false)), journal.events(transition(true)));
    const answer = await post(`/alarms/${id(1)}/ack`);
    expect([answer.statusCode, answer.json()]).toEqual([
      409,
      expect.objectContaining({ code: 'alarm-unfit', detail: expect.stringContaining(id(3)) }),
    ]);
  });

  test('many at once: what could not be is listed', async () => {
    await give(journal.events(transition(true, { rule: 'other' })));
    const { alarms, refused } = (await post('/alarms/ack', { ids: [id(1), id(2), 'nothing'], comment: 'all' })).json();
    expect(alarms.map((alarm: { acknowledged: boolean }) => alarm.acknowledged)).toEqual([true, true]);
    expect(refused).toMatchObject([{ id: 'nothing', code: 'not-found' }]);
  });
});

test('the figures of a day', async () => {
  for (let i = 0; i < 12; i++) await give(journal.events(transition(true, { rule: `r${i}` })));
  await give(journal.events(transition(true)), journal.events(transition(false, { at: T0 + 60_000 })));
  await clock.advance(120_000);
  await post(`/alarms/${id(13)}/ack`);
  expect(await get('/alarms/health')).toMatchObject({
    announced: 13,
    floods: [{ count: 13 }],
    priorities: { critical: { count: 1, share: 7.7 }, medium: { count: 12, share: 92.3 } },
    timeToClearMs: 60_000,
    timeToAckMs: 120_000,
    standing: [],
  });
  const { top } = await get('/alarms/health');
  expect(top).toHaveLength(10);
  // Also of the one that is over and filed, by what it is called.
  const named = top.map(
    ({ rule, alarm }: { rule: string; alarm?: { gateway: string; device: string; rule: string } }) => {
      return [rule, alarm && `${alarm.gateway}/${alarm.device}/${alarm.rule}`];
    },
  );
  for (const [rule, alarm] of named) expect(alarm).toBe(rule);
  await clock.advance(25 * HOUR);
  const later = await get('/alarms/health');
  expect([later.announced, later.standing.length]).toEqual([0, 12]);
});

test('the stream tells of alarms whoever asks for them', async () => {
  const heard: string[] = [];
  const stop = hub.feed.listen(({ event, data }) => {
    if (event === 'alarm') heard.push(...data.map(({ what }) => what));
  });
  await give(journal.events(transition(true), transition(false)));
  await clock.advance(300);
  expect(heard).toEqual(['raised', 'cleared']);
  stop();
});
