import { describe, expect, test } from 'vitest';
import { dueState } from '../../../monitor/rounds/due.ts';

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
const daily = { timezone: 'Asia/Seoul', by: '10:00', days: [...weekdays] };

describe('a round on every working day by 10:00 in Seoul', () => {
  // A Wednesday.
  const now = at('2026-11-18T11:00:00+09:00');
  const since = at('2026-11-01T00:00:00+09:00');
  const next = at('2026-11-19T10:00:00+09:00');
  test.each<[string, string | undefined, object]>([
    ['walked after it was due', '2026-11-18T10:30:00+09:00', { state: 'done', next }],
    ['walked in time', '2026-11-18T09:00:00+09:00', { state: 'open', next }],
    ['walked right after yesterday’s time', '2026-11-17T10:00:01+09:00', { state: 'open', next }],
    ['last walked for yesterday', '2026-11-17T10:00:00+09:00', { state: 'overdue', next, missed: now - HOUR }],
    ['never walked', undefined, { state: 'overdue', next, missed: now - HOUR }],
  ])('%s', (_, done, state) => {
    expect(dueState(daily, now, done === undefined ? undefined : at(done), since)).toEqual(state);
  });

  test('nothing was due before it was made', () => {
    expect(dueState(daily, now, undefined, now - HOUR / 2).state).toBe('open');
  });

  test('on the minute it is due, and over the weekend it is not', () => {
    expect(dueState(daily, at('2026-11-18T10:00:00+09:00'), undefined, since).missed).toBe(
      at('2026-11-18T10:00:00+09:00'),
    );
    const saturday = dueState(daily, at('2026-11-21T12:00:00+09:00'), at('2026-11-20T09:00:00+09:00'), since);
    expect(saturday).toEqual({ state: 'open', next: at('2026-11-23T10:00:00+09:00') });
  });
});

test('by the month: the 28th, also of February', () => {
  const monthly = { timezone: 'Asia/Seoul', by: '18:00', days: [...weekdays], dayOfMonth: 28 };
  const state = dueState(monthly, at('2027-02-28T19:00:00+09:00'), at('2027-01-20T12:00:00+09:00'), 0);
  expect(state).toEqual({
    state: 'overdue',
    next: at('2027-03-28T18:00:00+09:00'),
    missed: at('2027-02-28T18:00:00+09:00'),
  });
});

test('where the clock is set forward, by the hands of the clock', () => {
  const berlin = { timezone: 'Europe/Berlin', by: '06:00', days: ['sun' as const] };
  // 2027-03-28: 02:00 becomes 03:00.
  expect(dueState(berlin, at('2027-03-27T12:00:00Z'), undefined, at('2027-03-26T12:00:00Z')).next).toBe(
    at('2027-03-28T04:00:00Z'),
  );
});
