import { afterEach, expect, test } from 'vitest';
import type { Alarm, Gateway, Point } from '../../../monitor/dashboard/src/data/api.ts';
import { setLanguage } from '../../../monitor/dashboard/src/data/i18n.ts';
import { presentOf } from '../../../monitor/dashboard/src/data/present.ts';
import {
  abnormal,
  connection,
  gateways,
  noteReading,
  now,
  points,
  stateOf,
} from '../../../monitor/dashboard/src/data/store.ts';
import { nowOf } from '../../../monitor/dashboard/src/pages/alarms/alarm-now.ts';

const HOUR = 3_600_000;
const point = (name: string): Point => ({
  ...{ id: `g/d/${name}`, gateway: 'g', device: 'd', point: name, title: {}, kind: 'number', type: 'int16' },
  ...{ unit: '°C', everyMs: 1000, writable: true, last: null },
});

afterEach(() => {
  connection.value = { state: 'connecting' };
  gateways.value = undefined;
});

test('a value somebody may act on says whether it is of this moment, and else of when', () => {
  setLanguage('en');
  const [fresh, frozen, never] = [point('fresh'), point('frozen'), point('never')];
  noteReading(fresh.id, { at: now.value - 500, value: 27.9, quality: 'good' });
  noteReading(frozen.id, { at: now.value - 3 * HOUR, value: 27.9, quality: 'good' });
  expect(presentOf(fresh)).toEqual({ text: '27.9 °C', isNow: true, ago: 'now' });
  expect(presentOf(frozen)).toEqual({ text: '27.9 °C', isNow: false, ago: '3 h ago' });
  expect(presentOf(never)).toEqual({ text: '–', isNow: false, ago: '' });
});

test('without a connection nothing is of this moment', () => {
  const fresh = point('fresh');
  noteReading(fresh.id, { at: now.value, value: 1, quality: 'good' });
  connection.value = { state: 'lost', since: 0 };
  expect(presentOf(fresh).isNow).toBe(false);
});

test.each([
  ['of this moment', 0, 'now 21 °C', true],
  ['three hours old', 3 * HOUR, 'last 21 °C, 3 h ago', false],
])('beside an alarm stands a value that is %s', (_, age, text, isNow) => {
  setLanguage('en');
  const watched = point(`watched-${age}`);
  points.value = [watched];
  noteReading(watched.id, { at: now.value - age, value: 21, quality: 'good' });
  const alarm = { gateway: 'g', device: 'd', point: watched.point, active: true } as Alarm;
  expect(nowOf(alarm)).toEqual({ text, isNow });
});

test('nothing of a gateway that is away is live, however seldom it is read', () => {
  const { everyMs: _, ...rare } = point('rare');
  const still = { ...point('still'), maxSilenceMs: 9 * HOUR };
  points.value = [rare, still];
  for (const { id } of points.value) noteReading(id, { at: now.value - HOUR, value: 21, quality: 'good' });
  const link = (state: Gateway['state']) => [{ id: 'g', state } as Gateway];
  gateways.value = link('online');
  expect([stateOf(rare), stateOf(still), abnormal.value.length]).toEqual(['live', 'live', 0]);
  gateways.value = link('offline');
  expect([stateOf(rare), stateOf(still), abnormal.value.length]).toEqual(['late', 'late', 2]);
});
