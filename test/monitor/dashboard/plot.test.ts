import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitsRaw, ofColumns, ofReadings } from '../../../monitor/dashboard/src/data/trend-answer.ts';
import { instantOf, offsetMs, shiftDays, startOfDay } from '../../../monitor/dashboard/src/data/zone.ts';
import { aligned } from '../../../monitor/dashboard/src/kit/plot/align.ts';
import { columnsOf } from '../../../monitor/dashboard/src/kit/plot/columns.ts';
import { touching } from '../../../monitor/dashboard/src/kit/plot/drawings.ts';
import { append, dropBefore, nearest } from '../../../monitor/dashboard/src/kit/plot/trend-data.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const utc = (text: string) => Date.parse(`${text}Z`);

describe('readings and columns', () => {
  test('a fault is no value, and says why', () => {
    const data = ofReadings({
      columns: [],
      rows: [
        [1000, 2.5, 'good'],
        [2000, null, 'bad', 'no-answer'],
        [3000, true, 'good'],
      ],
    });
    expect(data).toEqual({
      ...{ at: [1000, 2000, 3000], value: [2.5, null, 1], bad: [0, 1, 0] },
      fault: [undefined, 'no-answer', undefined],
    });
  });

  test('a column stands at its middle with its spread; of states the last counts', () => {
    const answer = { columns: [], rows: [[10_000, 5, 1, 9, 8, 2] as const] };
    expect(ofColumns(answer, 4000, false)).toEqual({ at: [12_000], value: [5], low: [1], high: [9], bad: [2] });
    expect(ofColumns(answer, 4000, true).value).toEqual([8]);
  });

  test('one spike among two and a half million readings keeps its height', () => {
    const answer = { columns: [], rows: [[0, 20.1, 20, 97.5, 20, 0] as const] };
    expect(ofColumns(answer, 2_592_000, false).high).toEqual([97.5]);
  });

  test('readings are drawn one by one up to two to a pixel', () => {
    expect(fitsRaw(2000 * 1000, 1000, 1000)).toBe(true);
    expect(fitsRaw(2001 * 1000, 1000, 1000)).toBe(false);
    expect(fitsRaw(30 * DAY, undefined, 1000), 'nobody knows how many').toBe(true);
  });

  test('a reading is found by its neighbourhood only', () => {
    expect(nearest([0, 1000, 5000], 1400, 1000)).toBe(1);
    expect(nearest([0, 1000, 5000], 3100, 1000)).toBeUndefined();
    expect(nearest([0, 1000, 5000], 4100, 1000)).toBe(2);
    expect(nearest([], 5, Number.MAX_VALUE)).toBeUndefined();
  });

  test('a live fault keeps its reason beside what was there', () => {
    const data = append({ at: [1], value: [5], bad: [0] }, 2, null, 'crc');
    expect(data.fault).toEqual([undefined, 'crc']);
    expect(dropBefore(append(data, 3, 6), 3).fault).toEqual(['crc', undefined]);
  });
});

describe('lines on one row of instants', () => {
  const line = (...at: number[]) => ({ at, value: at.map((_, index) => index + 1), bad: at.map(() => 0) });

  test('a gap stays open at the instants of the line that it is compared with', () => {
    const data = line(0, 1000, 9000);
    const [at, value, , , compared] = columnsOf([{ data, compared: line(500, 2000, 4000, 6000, 8500), gapMs: 3000 }]);
    expect(at).toEqual([0, 0.5, 1, 1.001, 2, 4, 6, 8.5, 9]);
    expect(value).toEqual([1, undefined, 2, null, null, null, null, null, 3]);
    expect(compared?.map((each) => each ?? 0).filter((each) => each > 0)).toEqual([1, 2, 3, 4, 5]);
  });

  test('what another line alone has breaks no line; a fault does', () => {
    const faulty = { at: [0, 2000, 4000], value: [1, null, 3], bad: [0, 1, 0] };
    const [, first, , , , second] = columnsOf([
      { data: faulty, gapMs: 5000 },
      { data: line(1000, 3000), gapMs: 5000 },
    ]);
    expect(first).toEqual([1, null, null, null, 3]);
    expect(second).toEqual([undefined, 1, undefined, 2, undefined]);
  });

  test('the spread of columns stands beside its own line', () => {
    const spread = { ...line(0, 1000), low: [0, 1], high: [5, 6] };
    const [, ...columns] = columnsOf([
      { data: line(0, 1000), gapMs: 5000 },
      { data: spread, gapMs: 5000 },
    ]);
    expect(columns.slice(4, 7)).toEqual([
      [1, 2],
      [0, 1],
      [5, 6],
    ]);
    expect(columns[1]).toEqual([undefined, undefined]);
  });
});

test('late columns that touch are one comb', () => {
  const pieces = [
    [10, 12],
    [0, 4],
    [5, 8],
    [30, 31],
  ] as const;
  expect(touching(pieces, 2)).toEqual([
    [0, 12],
    [30, 31],
  ]);
});

describe('the clock of the site', () => {
  const BERLIN = 'Europe/Berlin';
  test('offsets, midnights, and days of 23 and 25 hours', () => {
    expect(offsetMs(utc('2026-01-15T12:00:00'), 'Asia/Seoul')).toBe(9 * HOUR);
    expect(offsetMs(utc('2026-03-29T00:59:00'), BERLIN)).toBe(HOUR);
    expect(offsetMs(utc('2026-03-29T01:00:00'), BERLIN)).toBe(2 * HOUR);
    const short = startOfDay(utc('2026-03-29T12:00:00'), BERLIN);
    expect(shiftDays(short, 1, BERLIN) - short).toBe(23 * HOUR);
    const long = startOfDay(utc('2026-10-25T12:00:00'), BERLIN);
    expect(shiftDays(long, 1, BERLIN) - long).toBe(25 * HOUR);
    expect(instantOf(utc('2026-10-25T02:30:00'), BERLIN), 'of two the first').toBe(utc('2026-10-25T00:30:00'));
    expect(instantOf(utc('2026-03-29T02:30:00'), BERLIN), 'of none an hour on').toBe(utc('2026-03-29T01:30:00'));
  });

  test('a week back and forth is where it was, but for an hour that is not there', () => {
    const least = utc('2026-01-01T00:00:00');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 * 24 * 4 }), (quarters) => {
        const at = least + quarters * 900_000;
        expect(shiftDays(shiftDays(at, -7, 'Asia/Seoul'), 7, 'Asia/Seoul')).toBe(at);
        const there = shiftDays(shiftDays(at, -7, BERLIN), 7, BERLIN);
        expect([0, HOUR]).toContain(Math.abs(there - at));
      }),
    );
  });
});

describe('comparing', () => {
  const yesterday = (zone: string) => (at: number) => shiftDays(at, 1, zone);
  const hourly = (from: string, hours: number) => {
    const at = Array.from({ length: hours }, (_, hour) => utc(from) + hour * HOUR);
    return { at, value: at.map((_, index) => index), bad: at.map(() => 0) };
  };

  test('noon stands at noon, before and after the clock is set', () => {
    // 28 March 2026 in Berlin, compared with the 29th, which has no hour from 2 to 3.
    const { at, value } = aligned(hourly('2026-03-27T23:00:00', 24), yesterday('Europe/Berlin'));
    const noon = value.indexOf(12);
    expect(at[noon]).toBe(utc('2026-03-29T10:00:00'));
    expect(value, '2 and 3 would both be 3: one stays').toHaveLength(23);
  });

  test('of an hour that yesterday had twice the first stays; time always rises', () => {
    // 25 October 2026 has 25 hours: from 2 to 3 twice.
    const { at, value } = aligned(hourly('2026-10-24T22:00:00', 25), yesterday('Europe/Berlin'));
    expect(value).toHaveLength(24);
    expect(value).not.toContain(3);
    expect(at.every((time, index) => index === 0 || time > (at[index - 1] ?? 0))).toBe(true);
    expect(at.at(-1)).toBe(utc('2026-10-26T22:00:00'));
  });
});
