import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alarm, Point } from '../../../monitor/dashboard/src/data/api.ts';
import { derivedText, learnDecimals, valueText } from '../../../monitor/dashboard/src/data/value-text.ts';
import { lineLook } from '../../../monitor/dashboard/src/kit/plot/colours.ts';
import { boxed, panBy, pinched, zoomAt } from '../../../monitor/dashboard/src/kit/plot/window.ts';
import { alarmsOf, episodesOf } from '../../../monitor/dashboard/src/pages/trends/episodes.ts';
import { exportPath, exportStep } from '../../../monitor/dashboard/src/pages/trends/export-links.ts';
import { panelsOf } from '../../../monitor/dashboard/src/pages/trends/panels.ts';
import { idOf } from '../../../monitor/dashboard/src/pages/trends/saved-client.ts';
import { tableRows } from '../../../monitor/dashboard/src/pages/trends/table-rows.ts';
import { queryOf, viewOf, windowOf } from '../../../monitor/dashboard/src/pages/trends/view.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const point = (id: string, more: Partial<Point> = {}): Point => {
  const [gateway = '', device = '', name = ''] = id.split('/');
  return {
    ...{ id, gateway, device, point: name, title: {}, kind: 'number', type: 'int16' },
    writable: false,
    last: null,
    ...more,
  };
};

describe('axes', () => {
  test('points of one unit share a panel, in the order in which units were chosen', () => {
    const panels = panelsOf([
      point('g/a/t1', { unit: '°C' }),
      point('g/a/h', { unit: '%' }),
      point('g/b/t2', { unit: '°C' }),
    ]);
    expect(panels.map(({ unit, points }) => [unit, points.map(({ id }) => id)])).toEqual([
      ['°C', ['g/a/t1', 'g/b/t2']],
      ['%', ['g/a/h']],
    ]);
  });

  test('states, and numbers without a unit, stand alone', () => {
    const panels = panelsOf([
      point('g/a/run', { kind: 'boolean' }),
      point('g/a/mode', { unit: '%', enum: { 1: { en: 'auto' } } }),
      point('g/a/pf'),
      point('g/b/count'),
      point('g/b/h', { unit: '%' }),
    ]);
    expect(panels.map(({ key, states }) => [key, states])).toEqual([
      ['g/a/run', true],
      ['g/a/mode', true],
      ['g/a/pf', false],
      ['g/b/count', false],
      ['%', false],
    ]);
  });

  test('sixteen lines all look different', () => {
    const looks = Array.from({ length: 16 }, (_, index) => JSON.stringify(lineLook(index)));
    expect(new Set(looks).size).toBe(16);
  });
});

describe('what is seen', () => {
  test('what lies under the cursor stays there', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.5, max: 4, noNaN: true }),
        (share, factor) => {
          const window = { from: 1e12, to: 1e12 + DAY };
          const at = window.from + share * DAY;
          const { from, to } = zoomAt(window, at, factor);
          expect((at - from) / (to - from)).toBeCloseTo(share, 6);
          expect(to - from).toBeCloseTo(DAY / factor, -1);
        },
      ),
    );
  });

  test('not below two seconds; moving keeps the length; a slip of the hand is no box', () => {
    expect(zoomAt({ from: 0, to: 3000 }, 1500, 100)).toEqual({ from: 500, to: 2500 });
    expect(panBy({ from: 0, to: 1000 }, -0.5)).toEqual({ from: -500, to: 500 });
    expect(boxed(9000, 4000)).toEqual({ from: 4000, to: 9000 });
    expect(boxed(1000, 1500)).toBeUndefined();
  });

  test('two fingers keep the instants under them', () => {
    const window = { from: 0, to: 100_000 };
    expect(pinched(window, [0.25, 0.75], [0, 1])).toEqual({ from: 25_000, to: 75_000 });
    expect(pinched(window, [0.25, 0.75], [0.1, 0.6])).toEqual({ from: 15_000, to: 115_000 });
    expect(pinched(window, [0.4, 0.6], [0.6, 0.4]), 'crossed').toBeUndefined();
  });

  test('the address carries all of it', () => {
    const view = viewOf({ points: 'g/a/t,g/b/h,g/a/t', range: '7d', compare: 'last-week', from: '5000', to: '9000' });
    expect(view).toEqual({
      ...{ points: ['g/a/t', 'g/b/h'], range: '7d', compare: 'last-week' },
      span: { from: 5000, to: 9000 },
    });
    expect(viewOf(queryOf(view))).toEqual(view);
    expect(viewOf({ range: 'x', from: '9', to: '5' })).toEqual({ points: [], range: '24h', compare: 'none' });
    expect(viewOf({ points: Array.from({ length: 20 }, (_, i) => `g/d/p${i}`).join() }).points).toHaveLength(16);
    expect(windowOf(viewOf({ range: '1h' }), 10 * HOUR)).toEqual({ from: 9 * HOUR, to: 10 * HOUR });
  });
});

describe('alarms on the strip', () => {
  const alarm = (id: string, raisedAt: number, more: Partial<Alarm> = {}) =>
    ({ id, gateway: 'g', device: 'a', point: 't', raisedAt, active: false, ...more }) as Alarm;
  const window = { from: 1000, to: 2000 };

  test('those of the points and their devices that stood within the window, each once', () => {
    const told = [
      alarm('over', 100, { clearedAt: 900 }),
      alarm('reaches in', 100, { clearedAt: 1100 }),
      alarm('stands', 50, { active: true }),
      alarm('stands', 50, { active: true }),
      alarm('to come', 2500, { active: true }),
      alarm('other point', 1500, { point: 'h', clearedAt: 1600 }),
      alarm('device', 1500, { point: '', clearedAt: 1600 }),
    ];
    expect(alarmsOf(told, [point('g/a/t')], window).map(({ id }) => id)).toEqual(['stands', 'reaches in', 'device']);
  });

  test('bars that overlap stand in lanes of their own, and none is too narrow to hit', () => {
    const told = [
      alarm('a', 1000, { clearedAt: 1500 }),
      alarm('b', 1200, { clearedAt: 1201 }),
      alarm('c', 1600, { active: true }),
    ];
    const episodes = episodesOf(told, window, 1800, 0.1);
    expect(episodes.map(({ lane }) => lane)).toEqual([0, 1, 0]);
    expect(episodes[1]?.width).toBe(0.1);
    expect(episodes[2]).toMatchObject({ left: 0.6, width: expect.closeTo(0.2, 9) });
    expect(episodesOf([alarm('d', 1999, { active: true })], window, 5000, 0.1)[0]).toMatchObject({
      left: 0.9,
      width: 0.1,
    });
  });
});

test('the table has a row per instant; what was not read is empty, a fault is null', () => {
  const lines = [
    { at: [1000, 2000, 3000], value: [1, null, 3], bad: [0, 1, 0] },
    { at: [2000, 9000], value: [7, 8], bad: [0, 0] },
  ];
  const { rows, left } = tableRows(lines, { from: 1000, to: 5000 }, 2);
  expect(rows).toEqual([
    { at: 3000, cells: [3, undefined] },
    { at: 2000, cells: [null, 7] },
  ]);
  expect(left).toBe(1);
});

test('files hold every reading as long as a sheet can be read, else steps', () => {
  expect(exportStep({ from: 0, to: DAY }, 1000)).toBeUndefined();
  expect(exportStep({ from: 0, to: 30 * DAY }, 1000)).toBe('1m');
  expect(exportStep({ from: 0, to: 365 * DAY }, 1000)).toBe('15m');
  const path = exportPath(['g/a/t', 'g/b/h'], { from: 0.4, to: 9.5 }, '1m', 'xlsx');
  expect(Object.fromEntries(new URLSearchParams(path.split('?')[1]))).toEqual({
    ...{ point: 'g/a/t,g/b/h', from: '0', to: '10', format: 'xlsx', layout: 'wide', step: '1m', agg: 'avg,min,max' },
  });
});

test.each(['Cold aisle, week', '냉복도', '-', 'x'.repeat(90)])('%s gets an id that the hub takes', (name) => {
  expect(idOf(name, 1_795_000_000_000)).toMatch(/^[a-z0-9][a-z0-9-]{0,39}$/);
});

test('a mean is written as finely as the values of its point, whatever the last one was', () => {
  const temperature = point('g/a/fine', { unit: '°C' });
  expect(valueText(temperature, { value: 24 })).toBe('24');
  learnDecimals(temperature, [23.4, null, 60]);
  expect(derivedText(temperature, 24.371)).toBe('24.4');
  expect(valueText(temperature, { value: 24 })).toBe('24.0');
});

test('a small value is not written as 0, and makes those beside it no longer', () => {
  const current = point('g/a/small', { unit: 'A' });
  expect(valueText(current, { value: 0.0004 })).toBe('0.0004');
  expect(valueText(current, { value: 12.345 })).toBe('12.345');
  expect(valueText(current, { value: 0 })).toBe('0.000');
  expect(derivedText(current, 0.00041)).toBe('0.0004');
  expect(derivedText(current, 6.17271)).toBe('6.173');
});
