import { expect, test } from 'vitest';
import type { Alarm } from '../../../monitor/alarms/alarm.ts';
import { mostUrgentFirst } from '../../../monitor/alarms/alarm-filter.ts';

type Told = Pick<Alarm, 'id' | 'priority' | 'raisedAt'> &
  Partial<Pick<Alarm, 'group' | 'firstOut' | 'acknowledged' | 'gateway'>>;

/** Alarms that differ in what the order looks at. */
function ordered(...told: readonly Told[]): readonly string[] {
  const rest = { gateway: 'plant-1', acknowledged: false };
  return mostUrgentFirst(told.map((each) => ({ ...rest, ...each }) as Alarm)).map(({ id }) => id);
}

test('what nobody has seen, then by priority, then the newest', () => {
  expect(
    ordered(
      { id: 'seen', priority: 'critical', raisedAt: 9, acknowledged: true },
      { id: 'old', priority: 'high', raisedAt: 1 },
      { id: 'new', priority: 'high', raisedAt: 2 },
      { id: 'worst', priority: 'critical', raisedAt: 0 },
    ),
  ).toEqual(['worst', 'new', 'old', 'seen']);
});

test('what was first out stands above what followed from it, however urgent that is', () => {
  expect(
    ordered(
      { id: 'other', priority: 'critical', raisedAt: 5 },
      { id: 'room hot', priority: 'critical', raisedAt: 3, group: 'heat' },
      { id: 'fan', priority: 'medium', raisedAt: 1, group: 'heat', firstOut: true },
      { id: 'warm', priority: 'high', raisedAt: 2, group: 'heat' },
    ),
  ).toEqual(['other', 'fan', 'room hot', 'warm']);
});

test('a group of another gateway is another group, and an alarm without one has no cause', () => {
  expect(
    ordered(
      { id: 'a', priority: 'critical', raisedAt: 3, group: 'heat', gateway: 'plant-2' },
      { id: 'b', priority: 'critical', raisedAt: 2 },
      { id: 'c', priority: 'low', raisedAt: 1, group: 'heat', firstOut: true },
      { id: 'd', priority: 'low', raisedAt: 0, firstOut: true },
    ),
  ).toEqual(['a', 'b', 'c', 'd']);
});
