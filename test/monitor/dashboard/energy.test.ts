import { describe, expect, test } from 'vitest';
import { shiftDays, startOfDay } from '../../../monitor/dashboard/src/data/zone.ts';
import {
  type EnergyRow,
  heatOf,
  heatShare,
  peaksOf,
  profileOf,
  weekOf,
  windowsOf,
} from '../../../monitor/dashboard/src/pages/energy/energy-data.ts';

const QUARTER = 900_000;
const HOUR = 4 * QUARTER;
const SEOUL = 'Asia/Seoul';
const utc = (text: string) => Date.parse(`${text}Z`);
/** Monday. */
const MONDAY = utc('2026-11-15T15:00:00');

describe('demand windows', () => {
  const rows: readonly EnergyRow[] = [
    [MONDAY, 10, 0],
    [MONDAY + QUARTER, null, QUARTER],
    [MONDAY + 2 * QUARTER, 5, 60_000],
    [MONDAY + 3 * QUARTER, 99, 0],
    [MONDAY + 4 * QUARTER, 0, 0],
  ];
  const windows = windowsOf(rows, QUARTER, MONDAY + 3.5 * QUARTER);

  test('kWh become the mean power of the window; nothing known is not zero', () => {
    expect(windows.map(({ kw, isPartial, isRunning }) => [kw, isPartial, isRunning])).toEqual([
      [40, false, false],
      [null, true, false],
      [20, true, false],
      [396, false, true],
    ]);
  });

  test('peaks are of whole windows, greatest first', () => {
    expect(peaksOf(windows, 10).map(({ kw }) => kw)).toEqual([40, 20]);
    expect(peaksOf(windows, 1)).toHaveLength(1);
  });

  test('the profile is steps; what is not known breaks it, and the last step has a length', () => {
    expect(profileOf(windows, MONDAY, MONDAY + 24 * HOUR)).toEqual({
      at: [0, 1, 2, 3].map((n) => MONDAY + n * QUARTER),
      value: [40, null, 20, 20],
      bad: [0, 1, 0, 0],
    });
    expect(profileOf(windows, MONDAY + 24 * HOUR, MONDAY + 48 * HOUR).at).toEqual([]);
  });
});

describe('the week by hour', () => {
  test('weeks begin on Monday, at the midnight of the site', () => {
    const sunday = utc('2026-11-22T10:00:00');
    expect(weekOf(sunday, SEOUL)[0]).toBe(MONDAY);
    expect(weekOf(MONDAY, SEOUL)).toEqual(Array.from({ length: 7 }, (_, day) => MONDAY + day * 24 * HOUR));
    expect(weekOf(MONDAY - 1, SEOUL)[0]).toBe(MONDAY - 7 * 24 * HOUR);
  });

  test('an hour stands in its day and hour; silence, the running hour and the future are told apart', () => {
    const now = MONDAY + 26.5 * HOUR;
    const rows: readonly EnergyRow[] = [
      [MONDAY + 13 * HOUR, 42, 0],
      [MONDAY + 24 * HOUR, null, HOUR],
      [MONDAY + 25 * HOUR, 12, 1000],
      [MONDAY + 26 * HOUR, 10, 0],
      [MONDAY + 27 * HOUR, null, 0],
    ];
    const map = heatOf(rows, weekOf(MONDAY, SEOUL), SEOUL, now);
    expect(map.cells[0]?.[13]).toEqual({ kw: 42, isPartial: false });
    expect(map.cells[1]?.slice(0, 4)).toEqual([
      { kw: null, isPartial: true },
      { kw: 12, isPartial: true },
      { kw: 20, isPartial: false },
      { kw: undefined, isPartial: false },
    ]);
    expect([map.least, map.most]).toEqual([12, 42]);
    expect([12, 27, 42].map((kw) => heatShare(kw, map))).toEqual([0, 0.5, 1]);
    expect(heatShare(5, { least: 5, most: 5 })).toBe(0.5);
  });

  test('an hour that the clock leaves out is no cell, one that it shows twice is the mean of both', () => {
    const zone = 'Europe/Berlin';
    const hourly = (day: number): EnergyRow[] => {
      const from = startOfDay(day, zone);
      const count = (shiftDays(from, 1, zone) - from) / HOUR;
      return Array.from({ length: count }, (_, hour) => [from + hour * HOUR, hour, 0]);
    };
    const spring = utc('2026-03-29T12:00:00');
    const short = heatOf(hourly(spring), weekOf(spring, zone), zone, spring + 48 * HOUR);
    expect(short.cells[6]?.slice(1, 4).map(({ kw }) => kw)).toEqual([1, undefined, 2]);
    const autumn = utc('2026-10-25T12:00:00');
    const long = heatOf(hourly(autumn), weekOf(autumn, zone), zone, autumn + 48 * HOUR);
    expect(long.cells[6]?.slice(1, 4).map(({ kw }) => kw)).toEqual([1, 2.5, 4]);
    expect(long.cells[6]).toHaveLength(24);
  });
});
