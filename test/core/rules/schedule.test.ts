import { describe, expect, test } from 'vitest';
import { dateOf, dayOf, holidayTable } from '../../../core/rules/holidays.ts';
import { koreanHolidays } from '../../../core/rules/korea.ts';
import {
  isWithin,
  localInstant,
  type Schedule,
  scheduleProblems,
  scheduleSchema,
  toSchedule,
  weekdayOf,
} from '../../../core/rules/schedule.ts';

/** Days off besides Sundays, as the government's calendar has them; days of elections and those declared for one year left out. */
const KNOWN: Readonly<Record<number, string>> = {
  2024: '01-01 02-09 02-10 02-11 02-12 03-01 05-05 05-06 05-15 06-06 08-15 09-16 09-17 09-18 10-03 10-09 12-25',
  2025: '01-01 01-28 01-29 01-30 03-01 03-03 05-05 05-06 06-06 08-15 10-03 10-05 10-06 10-07 10-08 10-09 12-25',
  2026: '01-01 02-16 02-17 02-18 03-01 03-02 05-01 05-05 05-24 05-25 06-06 07-17 08-15 08-17 09-24 09-25 09-26 10-03 10-05 10-09 12-25',
  2027: '01-01 02-06 02-07 02-08 02-09 03-01 05-01 05-03 05-05 05-13 06-06 07-17 07-19 08-15 08-16 09-14 09-15 09-16 10-03 10-04 10-09 10-11 12-25 12-27',
  2028: '01-01 01-26 01-27 01-28 03-01 05-01 05-02 05-05 06-06 07-17 08-15 10-02 10-03 10-04 10-05 10-09 12-25',
};

test.each(Object.entries(KNOWN))('public holidays of Korea in %s', (year, days) => {
  const found = [...new Set(koreanHolidays(Number(year)).map(({ day }) => dateOf(day)))];
  expect(found).toEqual(days.split(' ').map((day) => `${year}-${day}`));
});

test('every year of the century has its lunar days', () => {
  for (let year = 2000; year < 2100; year++) {
    const days = koreanHolidays(year);
    expect(days.length, String(year)).toBeGreaterThanOrEqual(14);
    expect(days.every(({ day }) => dateOf(day).startsWith(String(year)))).toBe(true);
  }
});

test('own days, with and without those of Korea', () => {
  const [korea, own, both] = [['korea'], ['2026-06-03'], ['korea', '2026-06-03']].map(holidayTable);
  const days = ['2026-06-03', '2026-02-17', '2026-05-04'].map(dayOf);
  expect([korea, own, both].map((is) => days.map((day) => is?.(day)))).toEqual([
    [false, true, false],
    [true, false, false],
    [true, true, false],
  ]);
  expect(dayOf('2026-02-30')).toBeNaN();
});

const schedule = (windows: object[], holidays = 'as-usual'): Schedule =>
  toSchedule(scheduleSchema.parse({ windows, holidays }));

const within = (given: Schedule, at: string) => {
  const day = dayOf(at.slice(0, 10));
  const minute = Number(at.slice(11, 13)) * 60 + Number(at.slice(14, 16));
  return isWithin(given, localInstant((day * 1440 + minute) * 60_000), holidayTable(['korea']));
};

describe('windows', () => {
  const office = [
    { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:30', to: '12:00' },
    { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '13:00', to: '18:00' },
  ];
  const nights = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '18:00', to: '08:30' }];

  test.each([
    [
      'several a day',
      office,
      'as-usual',
      '2026-05-04 08:29 08:30 11:59 12:00 13:00 17:59 18:00',
      [0, 1, 1, 0, 1, 1, 0],
    ],
    ['not on a Saturday', office, 'as-usual', '2026-05-09 10:00', [0]],
    ["on Children's Day, a Tuesday: as usual", office, 'as-usual', '2026-05-05 10:00 20:00', [1, 0]],
    ["on Children's Day: off", office, 'off', '2026-05-05 10:00', [0]],
    ["on Children's Day: on, all day", office, 'on', '2026-05-05 10:00 20:00', [1, 1]],
    ['a night reaches into the next morning', nights, 'as-usual', '2026-05-09 00:00 08:29 08:30 18:00', [1, 1, 0, 0]],
    ['a night belongs to the day on which it began', nights, 'as-usual', '2026-05-04 08:00 18:00', [0, 1]],
    ['a night that began on a day off is off', nights, 'off', '2026-05-06 08:00 18:00', [0, 1]],
    [
      'midnight at the end',
      [{ from: '22:00', to: '24:00' }],
      'as-usual',
      '2026-05-04 21:59 22:00 23:59 00:00',
      [0, 1, 1, 0],
    ],
  ] as const)('%s', (_name, windows, holidays, times, expected) => {
    const [day, ...clock] = times.split(' ');
    const found = clock.map((time) => Number(within(schedule([...windows], holidays), `${day} ${time}`)));
    expect(found).toEqual(expected);
  });

  test.each([
    ['none are wrong', office, []],
    ['empty', [{ from: '08:00', to: '08:00' }], ['0 is empty: it begins when it ends']],
    ['overlapping', [...office, { days: ['wed'], from: '11:00', to: '12:30' }], ['2 overlaps with window 1']],
    [
      'overlapping over midnight, from Sunday to Monday',
      [
        { days: ['sun'], from: '22:00', to: '06:00' },
        { days: ['mon'], from: '05:00', to: '07:00' },
      ],
      ['1 overlaps with window 1'],
    ],
  ])('problems: %s', (_name, windows, expected) => {
    expect(scheduleProblems(schedule(windows)).map(({ window, message }) => `${window} ${message}`)).toEqual(expected);
  });

  test('days have their names', () => {
    expect(['1970-01-01', '2026-05-05', '2024-02-29', '1969-12-28'].map((date) => weekdayOf(dayOf(date)))).toEqual([
      'thu',
      'tue',
      'thu',
      'sun',
    ]);
  });
});
