import { expect, test } from 'vitest';
import type { LiveAlarm } from '../../../cloud-sync/protocol/messages.ts';
import { EarlyAlarms } from '../../../monitor/alarms/early-alarms.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const alarm = (seq: number, active = true): LiveAlarm => ({
  ...{
    occurrence: { epoch: 'e'.repeat(32), seq },
    device: 'boiler',
    rule: 'water/above',
    point: 'water',
    at: 1,
    active,
  },
});

function early() {
  const clock = new FakeClock();
  const known = new Map<string, number>();
  const told: string[] = [];
  const alarms = new EarlyAlarms({
    clock,
    isKnown: (gateway, catalogue) => (known.get(gateway) ?? -1) >= catalogue,
    tell: (gateway, list, offsetMs) =>
      told.push(...list.map(({ occurrence, active }) => `${gateway} ${occurrence.seq} ${active} ${offsetMs}`)),
  });
  return { clock, known, told, alarms };
}

test('an alarm that is known by name is told at once', () => {
  const { known, told, alarms } = early();
  known.set('a', 3);
  alarms.take('a', 3, [alarm(1)], 5);
  expect(told).toEqual(['a 1 true 5']);
});

test('one that overtook its catalogue waits for it, and what comes behind it waits too: in order, once', async () => {
  const { clock, known, told, alarms } = early();
  alarms.take('a', 3, [alarm(1)], 5);
  known.set('a', 2);
  alarms.stored('a');
  expect(told, 'an older catalogue does not do').toEqual([]);
  known.set('a', 3);
  alarms.take('a', 3, [alarm(1, false)], 6);
  expect(told).toEqual([]);
  alarms.stored('a');
  expect(told).toEqual(['a 1 true 5', 'a 1 false 6']);
  await clock.advance(5000);
  expect(told).toHaveLength(2);
});

test('without a catalogue it is told a second later all the same; other gateways do not wait', async () => {
  const { clock, known, told, alarms } = early();
  known.set('b', 1);
  alarms.take('a', 3, [alarm(1)], 0);
  alarms.take('b', 1, [alarm(2)], 0);
  expect(told).toEqual(['b 2 true 0']);
  await clock.advance(999);
  expect(told).toHaveLength(1);
  await clock.advance(1);
  expect(told).toEqual(['b 2 true 0', 'a 1 true 0']);
});
