import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { said } from '../../../monitor/dashboard/src/app/said.ts';
import type { Alarm } from '../../../monitor/dashboard/src/data/api.ts';
import { setLanguage } from '../../../monitor/dashboard/src/data/i18n.ts';
import { acknowledgeAll } from '../../../monitor/dashboard/src/pages/alarms/acknowledge-all.ts';
import {
  closeList,
  listed,
  loadOlder,
  openList,
  putAlarm,
} from '../../../monitor/dashboard/src/pages/alarms/alarm-list.ts';

const ACTIVE = '/alarms?state=active&limit=500';
const HISTORY = '/alarms?state=history&limit=100';

/** What the hub answers, by path; it may take its time. */
let answers: Map<string, () => unknown>;
let asked: string[];

const alarm = (id: string, more: Partial<Alarm> = {}) => ({ id, rule: id, text: { en: id }, ...more }) as Alarm;
const pageOf = (ids: readonly string[], cursor?: string) => ({ alarms: ids.map((id) => alarm(id)), cursor });
const rows = () => listed.value?.alarms.map(({ id }) => id);

beforeEach(() => {
  vi.useFakeTimers();
  setLanguage('en');
  asked = [];
  answers = new Map();
  vi.stubGlobal('fetch', async (url: string) => {
    const path = url.replace('/api/v1', '');
    asked.push(path);
    const answer = answers.get(path);
    if (!answer) throw new TypeError('Failed to fetch');
    return Response.json(await answer());
  });
});
afterEach(() => {
  closeList();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('the answer for a tab that has been left is not shown', async () => {
  let come: (is: unknown) => void = () => {};
  answers.set(HISTORY, () => new Promise((resolve) => (come = resolve)));
  answers.set(ACTIVE, () => pageOf(['now']));
  const slow = openList('history');
  await openList('active');
  come(pageOf(['then']));
  await slow;
  expect([listed.value?.tab, rows()]).toEqual(['active', ['now']]);
});

test('a list that did not come is asked for again, as long as somebody looks', async () => {
  await openList('active');
  expect(rows()).toBeUndefined();
  answers.set(ACTIVE, () => pageOf(['now']));
  await vi.advanceTimersByTimeAsync(4000);
  expect(rows()).toEqual(['now']);
  answers.clear();
  await openList('history');
  closeList();
  asked = [];
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked).toEqual([]);
});

test('older ones that are open stay in place when something changes', async () => {
  answers.set(HISTORY, () => pageOf(['c', 'b'], '2.b'));
  answers.set(`${HISTORY}&cursor=2.b`, () => pageOf(['a']));
  await openList('history');
  await Promise.all([loadOlder(), loadOlder()]);
  expect(rows(), 'once, though asked for twice').toEqual(['c', 'b', 'a']);
  answers.set(HISTORY, () => ({ alarms: [alarm('d'), alarm('c', { acknowledged: true })], cursor: '3.c' }));
  await openList('history');
  expect(rows()).toEqual(['c', 'b', 'a']);
  expect(listed.value?.alarms[0]?.acknowledged).toBe(true);
  putAlarm(alarm('a', { acknowledged: true }));
  expect(listed.value?.alarms[2]?.acknowledged).toBe(true);
  closeList();
  await openList('history');
  expect(rows(), 'opened anew it begins with the newest').toEqual(['d', 'c']);
});

test.each([
  [['a', 'b'], [], 'Acknowledged: 2 alarms'],
  [['a'], [{ id: 'b', code: 'alarm-unfit' }], 'Acknowledged: 1 alarms; not acknowledged: 1: b (alarm-unfit)'],
])('acknowledging all says what was done: %j, refused %j', async (done, refused, text) => {
  answers.set('/alarms/ack', () => ({ alarms: done.map((id) => alarm(id)), refused }));
  await acknowledgeAll([alarm('a'), alarm('b')]);
  expect(said.value).toBe(text);
});

test('acknowledging all says that the hub could not be reached', async () => {
  await acknowledgeAll([alarm('a'), alarm('b')]);
  expect(said.value).toBe('The hub did not do it: the hub cannot be reached');
});
