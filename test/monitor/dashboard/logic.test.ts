import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAULTS } from '../../../core/faults.ts';
import { addressHash, parseAddress } from '../../../monitor/dashboard/src/app/address.ts';
import { en } from '../../../monitor/dashboard/src/data/en.ts';
import { faultsKo } from '../../../monitor/dashboard/src/data/faults-ko.ts';
import { decimalsOf, formatNumber } from '../../../monitor/dashboard/src/data/format.ts';
import { setLanguage, t, titleOf } from '../../../monitor/dashboard/src/data/i18n.ts';
import { ko } from '../../../monitor/dashboard/src/data/ko.ts';
import { pointState } from '../../../monitor/dashboard/src/data/point-state.ts';
import {
  append,
  badStretches,
  countGaps,
  dropBefore,
  gapLimit,
  merge,
  openGaps,
  summarise,
  type TrendData,
} from '../../../monitor/dashboard/src/kit/plot/trend-data.ts';
import { tabOf } from '../../../monitor/dashboard/src/pages/alarms/tabs.ts';
import { addressOf, placeOf } from '../../../monitor/dashboard/src/pages/points/place.ts';

const isPage = (key: string) => ['overview', 'alarms', 'equipment', 'points'].includes(key);
const parsed = (hash: string) => parseAddress(hash, isPage);

test.each([
  ['#/alarms?tab=history', 'history'],
  ['#/alarms', 'active'],
  ['#/alarms?tab=loud', 'active'],
] as const)('%s opens the alarms', (hash, tab) => {
  const address = parsed(hash);
  expect([address.page, tabOf(address.query)]).toEqual(['alarms', tab]);
  expect(parsed(addressHash(address))).toEqual(address);
});

describe('languages', () => {
  test('both have the same keys and the same places for values', () => {
    expect(Object.keys(ko).sort()).toEqual(Object.keys(en).sort());
    const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    for (const [key, text] of Object.entries(en))
      expect([key, places(ko[key as keyof typeof ko])]).toEqual([key, places(text)]);
  });

  test('every fault a reading or a line can carry is said in Korean', () => {
    const needed = Object.entries(FAULTS)
      .filter(([, fault]) => 'wire' in fault)
      .map(([code]) => code);
    expect(needed.length).toBeGreaterThan(15);
    expect(needed.filter((code) => !faultsKo[code])).toEqual([]);
    expect(Object.keys(faultsKo).filter((code) => !(code in FAULTS))).toEqual([]);
  });

  test('a title falls back to the other language, then to the name', () => {
    setLanguage('ko');
    expect(titleOf({ en: 'Water', ko: '물' }, 'w')).toBe('물');
    expect(titleOf({ en: 'Water' }, 'w')).toBe('Water');
    expect(titleOf({}, 'w')).toBe('w');
    expect(t('age.s', { n: 3 })).toBe('3초');
    setLanguage('en');
  });
});

describe('how far a value can be trusted', () => {
  const rhythm = { everyMs: 1000 };
  test.each([
    ['nothing yet', rhythm, null, 'empty'],
    ['fresh', rhythm, { at: 99_000, quality: 'good' }, 'live'],
    ['on its way', rhythm, { at: 95_500, quality: 'good' }, 'live'],
    ['beyond two intervals', rhythm, { at: 94_000, quality: 'good' }, 'late'],
    ['long ago', rhythm, { at: 60_000, quality: 'good' }, 'stale'],
    ['a fault', rhythm, { at: 99_000, quality: 'bad' }, 'bad'],
    ['an old fault', rhythm, { at: 1000, quality: 'bad' }, 'stale'],
    ['report by exception', { everyMs: 1000, maxSilenceMs: 60_000 }, { at: 1000, quality: 'good' }, 'live'],
    ['scheduled', {}, { at: 0, quality: 'good' }, 'live'],
  ] as const)('%s', (_, given, last, state) => {
    expect(pointState(given, last, 100_000)).toBe(state);
  });
});

describe('trend', () => {
  const line = (...at: number[]): TrendData => ({ at, value: at.map((_, i) => i), bad: at.map(() => 0) });

  test('a line is left open beyond three intervals, never before', () => {
    expect(openGaps(line(0, 3000, 6001), gapLimit(1000, undefined)).value).toEqual([0, 1, null, 2]);
    expect(countGaps(line(0, 3000, 6001), gapLimit(1000, undefined))).toBe(1);
    expect(countGaps(line(0, 3000), gapLimit(1000, undefined))).toBe(0);
    expect(gapLimit(undefined, undefined)).toBe(Number.POSITIVE_INFINITY);
    expect(gapLimit(1000, 120_000)).toBe(180_000);
  });

  test('steps keep their spread beside the mean when opened', () => {
    const data = { ...line(0, 10_000), low: [1, 2], high: [3, 4] };
    expect(openGaps(data, 5000)).toEqual({
      at: [0, 1, 10_000],
      value: [0, null, 1],
      low: [1, null, 2],
      high: [3, null, 4],
      bad: [0, 0, 0],
    });
  });

  test('opening gaps loses no reading and keeps time rising', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 1e6 })),
        fc.integer({ min: 1, max: 1e5 }),
        (times, limit) => {
          const at = times.sort((a, b) => a - b);
          const open = openGaps(line(...at), limit);
          expect(open.at.filter((_, i) => open.value[i] !== null)).toEqual(at);
          for (let i = 1; i < open.at.length; i++) expect(open.at[i]).toBeGreaterThanOrEqual(open.at[i - 1] ?? 0);
        },
      ),
    );
  });

  test('a bad stretch lasts to the next good reading, but not across a gap', () => {
    const data = {
      at: [0, 1000, 2000, 3000, 20_000, 21_000],
      value: [1, null, null, 2, null, 3],
      bad: [0, 1, 1, 0, 1, 0],
    };
    expect(badStretches(data, 3000)).toEqual([
      { from: 1000, to: 3000 },
      { from: 20_000, to: 21_000 },
    ]);
    const cut = { at: [0, 1000, 50_000], value: [1, null, 2], bad: [0, 1, 0] };
    expect(badStretches(cut, 3000)).toEqual([{ from: 1000, to: 1000 }]);
  });

  test('what arrives late takes its place; a live reading that is stored later is one', () => {
    let data = append(line(1000, 2000), 5000, 9);
    data = append(data, 5000, 9);
    expect(data.at).toEqual([1000, 2000, 5000]);
    data = merge(data, line(3000, 4000), { from: 3000, to: 4000 });
    expect(data.at).toEqual([1000, 2000, 3000, 4000, 5000]);
    expect(append(data, 3500, null).bad).toEqual([0, 0, 0, 1, 0, 0]);
  });

  test('merging equals having had everything at once', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }));
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 500 }), (given, from, length) => {
        const all = given.sort((a, b) => a - b);
        const to = from + length;
        const inside = (at: number) => at >= from && at <= to;
        const data = line(...all.filter((at) => !inside(at)));
        const merged = merge(data, line(...all.filter(inside)), { from, to });
        expect(merged.at).toEqual(all);
      }),
    );
  });

  test('the window drops what has left it, but for the last before its edge', () => {
    expect(dropBefore(line(0, 1000, 2000, 3000), 2500).at).toEqual([2000, 3000]);
  });

  test('summary uses lowest and highest of the steps', () => {
    expect(summarise({ ...line(0, 1), low: [-5, 0], high: [1, 9] })).toEqual({ low: -5, mean: 0.5, high: 9 });
    expect(summarise({ at: [1], value: [null], bad: [1] })).toBeUndefined();
  });
});

test.each([
  [20, 0],
  [20.5, 1],
  [229.6123456, 3],
  [1013.25, 2],
  [123_456.7, 0],
  [0.1234567, 3],
  [-0.05, 2],
  [0, 0],
  [0.0004, 4],
  [-0.00041234, 6],
  [0.00099999, 3],
])('%d is shown with %i decimals', (value, decimals) => {
  expect(decimalsOf(value)).toBe(decimals);
});

test.each([
  [0.0004, '0.0004'],
  [-0.00041234, '-0.000412'],
  [4.1234e-9, '4.12E-9'],
  [0, '0'],
])('%d is written %s, never as 0 where it is not', (value, text) => {
  setLanguage('en');
  expect(formatNumber(value, decimalsOf(value))).toBe(text);
});

test('the address keeps point and range', () => {
  const place = { point: 'plant-1/boiler/temp', range: '24h' } as const;
  expect(addressHash(addressOf(place))).toBe('#/points/plant-1/boiler/temp?range=24h');
  expect(placeOf(parsed(addressHash(addressOf(place))))).toEqual(place);
  expect(placeOf(parsed('#/points?range=nonsense'))).toEqual({ range: '15m' });
});

test.each([
  [
    'a link of an earlier release opens the same trend',
    '#/plant-1/boiler/temp?range=24h',
    'points',
    'plant-1/boiler/temp',
  ],
  ['nothing is the overview', '', 'overview', ''],
  ['so is a page that does not exist', '#/nowhere', 'overview', ''],
  ['a page keeps what follows it', '#/equipment/plant-1/boiler', 'equipment', 'plant-1/boiler'],
  ['a lone per cent sign stays one', '#/equipment/100%/x', 'equipment', '100%/x'],
])('%s', (_, hash, page, rest) => {
  const address = parsed(hash);
  expect([address.page, address.rest.join('/')]).toEqual([page, rest]);
});

test('any name survives the address', () => {
  const name = fc.string({ minLength: 1 });
  fc.assert(
    fc.property(fc.array(name), fc.dictionary(fc.string({ minLength: 1 }), fc.string()), (rest, query) => {
      expect(parsed(addressHash({ page: 'equipment', rest, query }))).toEqual({ page: 'equipment', rest, query });
    }),
  );
});
