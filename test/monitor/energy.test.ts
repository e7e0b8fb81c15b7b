import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addUp, place } from '../../monitor/energy/buckets.ts';
import { forecastDemand } from '../../monitor/energy/demand.ts';
import { counterIncrements, type Increment, powerIncrements } from '../../monitor/energy/increments.ts';
import { LocalDays } from '../../monitor/local-days.ts';

const MIN = 60_000;
const HOUR = 3_600_000;
const sum = (values: readonly (number | null)[]) => values.reduce<number>((total, value) => total + (value ?? 0), 0);

describe('a counter', () => {
  const kwhs = (values: readonly number[], limits = {}) =>
    counterIncrements(
      values.map((value, i) => ({ at: i * MIN, value })),
      limits,
    ).map(({ kwh, why }) => why ?? kwh);

  test('says what went through between two readings; standing still is 0, which is known', () => {
    expect(kwhs([10, 12, 12, 15])).toEqual([2, 0, 3]);
  });

  test('that falls is another one: nothing is said of that span, and never a negative', () => {
    expect(kwhs([9990, 9995, 3, 5])).toEqual([5, 'replaced', 2]);
  });

  test('that begins again where it does is a roll-over', () => {
    expect(kwhs([9990, 9995, 3, 5], { rollsOverAt: 10_000 })).toEqual([5, 8, 2]);
    expect(kwhs([5000, 3], { rollsOverAt: 10_000 })).toEqual(['replaced']);
    expect(kwhs([9995, 3], { rollsOverAt: 10_000, mostKw: 100 })).toEqual([8]);
    expect(kwhs([9900, 3], { rollsOverAt: 10_000, mostKw: 100 })).toEqual(['replaced']);
  });

  test('that counts more than can be is not believed', () => {
    expect(kwhs([10, 11, 5000], { mostKw: 100 })).toEqual([1, 'jumped']);
  });
});

describe('power', () => {
  test('is held until the next reading, but not for ever; a fault ends it', () => {
    const readings = [
      { at: 0, kw: 60 },
      { at: 2 * MIN, kw: 120 },
      { at: 4 * MIN, kw: null },
      { at: 6 * MIN, kw: 60 },
    ];
    expect(powerIncrements(readings, 5 * MIN, 20 * MIN)).toEqual([
      { from: 0, to: 2 * MIN, kwh: 2 },
      { from: 2 * MIN, to: 4 * MIN, kwh: 4 },
      { from: 4 * MIN, to: 6 * MIN, kwh: null, why: 'silent' },
      { from: 6 * MIN, to: 11 * MIN, kwh: 5 },
      { from: 11 * MIN, to: 20 * MIN, kwh: null, why: 'silent' },
    ]);
  });
});

const edges = Array.from({ length: 9 }, (_, i) => i * 15 * MIN);
/** Times and what the counter shows then; a fall now and then. */
const counted = fc
  .array(
    fc.tuple(
      fc.integer({ min: 1, max: 40 * MIN }),
      fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 50 }) }, { weight: 1, arbitrary: fc.constant(-1) }),
    ),
    { maxLength: 60 },
  )
  .map((steps) => {
    let [at, value] = [0, 100];
    return steps.map(([ms, more]) => {
      at += ms;
      value = more < 0 ? 0 : value + more;
      return { at, value };
    });
  });

test('energy is neither made nor lost, never negative, and what is not known is not 0', () => {
  fc.assert(
    fc.property(counted, fc.integer({ min: 1, max: 30 }), (readings, holdMin) => {
      const increments = counterIncrements(readings);
      const wide = [...edges, 1e9];
      const { buckets, unplaced, missing } = place(increments, { edges: wide, holdMs: holdMin * MIN });
      expect(sum(buckets.map(({ kwh }) => kwh)) + unplaced).toBeCloseTo(sum(increments.map(({ kwh }) => kwh)), 6);
      for (const { at, to, kwh, missingMs } of buckets) {
        expect(missingMs).toBeGreaterThanOrEqual(0);
        expect(missingMs).toBeLessThanOrEqual(to - at);
        if (kwh === null) expect(missingMs).toBe(to - at);
        else expect(kwh).toBeGreaterThanOrEqual(0);
      }
      for (const { kwh, from, to } of increments) {
        if (kwh === null) expect(missing.some((span) => span.from <= from && span.to >= to)).toBe(true);
      }
    }),
  );
});

test('periods beside each other never add up to more than was used', () => {
  fc.assert(
    fc.property(counted, fc.integer({ min: 2, max: 119 }), (readings, minutes) => {
      const increments = counterIncrements(readings);
      const middle = minutes * MIN;
      const used = (...own: number[]) => {
        const { buckets, unplaced } = place(increments, { edges: own, holdMs: 5 * MIN });
        return sum(buckets.map(({ kwh }) => kwh)) + unplaced;
      };
      const both = used(0, middle / 2, middle) + used(middle, 2 * middle, 1e9);
      expect(both).toBeLessThanOrEqual(sum(increments.map(({ kwh }) => kwh)) + 1e-6);
    }),
  );
});

test('finer windows add up to coarser ones where all is known', () => {
  const steady = Array.from({ length: 121 }, (_, i) => ({ at: i * MIN, value: i * 2 }));
  const fine = place(counterIncrements(steady), { edges, holdMs: 5 * MIN });
  const coarse = place(counterIncrements(steady), { edges: [0, HOUR, 2 * HOUR], holdMs: 5 * MIN });
  expect(fine.buckets.map(({ kwh }) => kwh)).toEqual(Array(8).fill(30));
  expect(coarse.buckets.map(({ kwh, missingMs }) => [kwh, missingMs])).toEqual([
    [120, 0],
    [120, 0],
  ]);
});

test('a silence within a window is known by the counter; over its edge it is named, and in no window', () => {
  const increments: Increment[] = [
    { from: 0, to: 10 * MIN, kwh: 4 },
    { from: 10 * MIN, to: 25 * MIN, kwh: 6 },
    { from: 25 * MIN, to: 30 * MIN, kwh: 1 },
  ];
  const { buckets, missing, unplaced } = place(increments, { edges: edges.slice(0, 3), holdMs: 5 * MIN });
  expect(buckets.map(({ kwh, missingMs }) => [kwh, missingMs / MIN])).toEqual([
    [4, 5],
    [1, 10],
  ]);
  expect([missing, unplaced]).toEqual([[{ from: 10 * MIN, to: 25 * MIN, why: 'silent' }], 6]);
});

test('two meters add up; where one is silent the sum is at least that, and where both are nothing is known', () => {
  const one = place([{ from: 0, to: 15 * MIN, kwh: 5 }], { edges: edges.slice(0, 3), holdMs: HOUR });
  const two = place([{ from: 0, to: 5 * MIN, kwh: 1 }], { edges: edges.slice(0, 3), holdMs: HOUR });
  expect(addUp([one, two]).map(({ kwh, missingMs }) => [kwh, missingMs / MIN])).toEqual([
    [6, 10],
    [null, 15],
  ]);
});

describe('the running window', () => {
  const base = { from: 0, to: 15 * MIN, now: 5 * MIN, kwh: 10, missingMs: 0, unseenKwh: 0 };

  test('goes on as in the last minutes', () => {
    expect(forecastDemand({ ...base, recentKw: 180 })).toMatchObject({ forecastKw: 160, state: 'below' });
    expect(forecastDemand({ ...base, recentKw: null })).toMatchObject({ forecastKw: null, state: 'unknown' });
  });

  test.each([
    [200, 180, 'below', 240],
    [150, 180, 'forecast-above', 165],
    [30, 0, 'above', -15],
    [100, null, 'unknown', 90],
  ])('against a target of %d kW at %d kW: %s', (targetKw, recentKw, state, allowed) => {
    const demand = forecastDemand({ ...base, recentKw, targetKw });
    expect(demand.state).toBe(state);
    expect(demand.allowedKw).toBeCloseTo(allowed);
  });

  test('what has not been told yet is taken to be as before', () => {
    expect(forecastDemand({ ...base, kwh: 6, missingMs: 2 * MIN, unseenKwh: 4, recentKw: 120 }).forecastKw).toBeCloseTo(
      120,
    );
  });
});

test('months of a site, also where the year and summer time change', () => {
  const days = new LocalDays('Europe/Paris');
  const iso = (at: number) => new Date(at).toISOString();
  expect(days.months(Date.parse('2026-11-15T00:00:00Z'), Date.parse('2027-04-15T00:00:00Z')).map(iso)).toEqual([
    '2026-10-31T23:00:00.000Z',
    '2026-11-30T23:00:00.000Z',
    '2026-12-31T23:00:00.000Z',
    '2027-01-31T23:00:00.000Z',
    '2027-02-28T23:00:00.000Z',
    '2027-03-31T22:00:00.000Z',
    '2027-04-30T22:00:00.000Z',
  ]);
});
