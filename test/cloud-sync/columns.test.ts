import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ColumnBuilder } from '../../cloud-sync/protocol/column-builder.ts';
import { decodeReadings, encodeReadings } from '../../cloud-sync/protocol/columns.ts';
import { MAX_RECORDS, type ReadingColumn } from '../../cloud-sync/protocol/frame.ts';
import { isFault } from '../../core/faults.ts';
import { bad, good } from '../../core/reading.ts';
import { mutated } from '../support/mutate.ts';

const MAX_STAMP = 7_258_118_400_000;

const stamp = fc.oneof(
  fc.integer({ min: 1_793_491_200_000, max: 1_793_491_205_000 }),
  fc.integer({ min: 0, max: MAX_STAMP - 1 }),
);
const number = fc.oneof(
  fc.integer({ min: -100, max: 400 }).map((tenths) => tenths / 10),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(
    0,
    -0,
    5e-324,
    1.7976931348623157e308,
    2 ** 53,
    -(2 ** 53),
    0.1 + 0.2,
    2 ** 51,
    2 ** 51 + 1,
    1e-6,
    1e-7,
  ),
);
const text = fc.oneof(fc.constantFrom('run', 'stop', '', '정지'), fc.string({ unit: 'grapheme', maxLength: 40 }));
const fault = fc.option(fc.integer({ min: 1, max: 255 }), { nil: 0, freq: 4 });

function columnOf(point: number): fc.Arbitrary<ReadingColumn> {
  return fc
    .tuple(
      fc.array(fc.tuple(stamp, number, text, fc.boolean(), fault), { minLength: 1, maxLength: 12 }),
      fc.nat(2),
      fc.boolean(),
    )
    .map(([rows, kind, withFaults]) => {
      const faults = withFaults ? Uint8Array.from(rows, (row) => row[4]) : undefined;
      const isGood = (at: number): boolean => !faults?.[at];
      const column = {
        point,
        times: Float64Array.from(rows, (row) => row[0]),
        values:
          kind === 0
            ? { kind: 'number' as const, numbers: Float64Array.from(rows, (row, at) => (isGood(at) ? row[1] : 0)) }
            : kind === 1
              ? { kind: 'text' as const, texts: rows.map((row, at) => (isGood(at) ? row[2] : '')) }
              : { kind: 'boolean' as const, bits: Uint8Array.from(rows, (row, at) => (isGood(at) && row[3] ? 1 : 0)) },
      };
      return faults?.some((code) => code > 0) ? { ...column, faults } : column;
    });
}

const frame = fc
  .uniqueArray(fc.oneof(fc.nat(50), fc.nat(0xffff_ffff)), { minLength: 1, maxLength: 12 })
  .chain((points) => fc.tuple(...points.sort((one, other) => one - other).map(columnOf)));

const countOf = (columns: readonly ReadingColumn[]) => columns.reduce((sum, column) => sum + column.times.length, 0);

describe('columns', () => {
  test('come back bit for bit', () => {
    fc.assert(
      fc.property(frame, (columns) => {
        const body = encodeReadings(columns);
        const back = decodeReadings(Buffer.from(body), countOf(columns));
        expect(back).toStrictEqual(columns);
        for (const [at, column] of columns.entries()) {
          const other = back[at]?.values;
          if (column.values.kind !== 'number' || other?.kind !== 'number') continue;
          expect(Buffer.from(other.numbers.buffer)).toEqual(Buffer.from(column.values.numbers.buffer));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('with the wrong count are refused', () => {
    fc.assert(
      fc.property(frame, fc.integer({ min: -1, max: 200 }), (columns, count) => {
        fc.pre(count !== countOf(columns));
        expect(() => decodeReadings(Buffer.from(encodeReadings(columns)), count)).toThrow();
      }),
    );
  });

  test('damaged in any way give columns within bounds or frame-malformed', () => {
    fc.assert(
      fc.property(frame, fc.nat(), fc.boolean(), (columns, seed, honest) => {
        const count = honest ? countOf(columns) : 1 + (seed % MAX_RECORDS);
        const body = mutated(Buffer.from(encodeReadings(columns)), seed);
        try {
          const back = decodeReadings(body, count);
          expect(countOf(back)).toBe(count);
          for (const { times } of back) expect(times.every((at) => at >= 0 && at < MAX_STAMP)).toBe(true);
        } catch (error) {
          if (!isFault(error, 'frame-malformed')) throw error;
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('a full frame of one point is small, and one reading more is refused', () => {
    const times = Float64Array.from({ length: MAX_RECORDS }, (_, at) => 1_793_491_200_000 + at * 1000);
    const column = {
      point: 7,
      times,
      values: { kind: 'number' as const, numbers: new Float64Array(MAX_RECORDS).fill(21.5) },
    };
    const body = encodeReadings([column]);
    expect(body.length).toBeLessThan(2000);
    expect(decodeReadings(Buffer.from(body), MAX_RECORDS)).toStrictEqual([column]);
    expect(() => encodeReadings([column, { ...column, point: 8 }])).toThrow(RangeError);
  });

  test.each([
    ['no readings', []],
    [
      'a stamp beyond 2200',
      [{ point: 1, times: Float64Array.of(MAX_STAMP), values: { kind: 'number', numbers: Float64Array.of(1) } }],
    ],
    [
      'a stamp with a fraction',
      [{ point: 1, times: Float64Array.of(0.5), values: { kind: 'number', numbers: Float64Array.of(1) } }],
    ],
    [
      'NaN',
      [{ point: 1, times: Float64Array.of(1), values: { kind: 'number', numbers: Float64Array.of(Number.NaN) } }],
    ],
    [
      'a text beyond 4,096 bytes',
      [{ point: 1, times: Float64Array.of(1), values: { kind: 'text', texts: ['x'.repeat(4097)] } }],
    ],
    ['more values than times', [{ point: 1, times: Float64Array.of(1), values: { kind: 'text', texts: ['a', 'b'] } }]],
  ] as [string, ReadingColumn[]][])('%s cannot be encoded', (_, columns) => {
    expect(() => encodeReadings(columns)).toThrow(RangeError);
  });
});

describe('ColumnBuilder', () => {
  test('gathers by point, in point order', () => {
    const builder = new ColumnBuilder();
    builder.add(9, 1000, good(true));
    builder.add(3, 1000, good(1.5));
    builder.add(9, 1001, bad('no-answer'));
    builder.add(3, 1001.9, good(2));
    builder.add(5, 1001, good('run'));
    expect(builder.count).toBe(5);
    const first = builder.columns();
    expect(first).toStrictEqual([
      { point: 3, times: Float64Array.of(1000, 1001), values: { kind: 'number', numbers: Float64Array.of(1.5, 2) } },
      { point: 5, times: Float64Array.of(1001), values: { kind: 'text', texts: ['run'] } },
      {
        point: 9,
        times: Float64Array.of(1000, 1001),
        values: { kind: 'boolean', bits: Uint8Array.of(1, 0) },
        faults: Uint8Array.of(0, 1),
      },
    ]);
    builder.clear();
    expect(builder.count).toBe(0);
    expect(builder.columns()).toStrictEqual([]);
    builder.add(9, 5, good(4));
    expect(builder.columns()).toStrictEqual([
      { point: 9, times: Float64Array.of(5), values: { kind: 'number', numbers: Float64Array.of(4) } },
    ]);
    expect(first[0]?.times).toStrictEqual(Float64Array.of(1000, 1001));
  });

  test('turns what no frame can carry into faults and bounds', () => {
    const builder = new ColumnBuilder();
    builder.add(1, -5, good(Number.NaN));
    builder.add(2, 1e15, good('x'.repeat(5000)));
    builder.add(3, 0, good('\ud800'));
    const [nan, long, half] = decodeReadings(Buffer.from(encodeReadings(builder.columns())), 3);
    expect([nan?.faults, nan?.times]).toStrictEqual([Uint8Array.of(33), Float64Array.of(0)]);
    expect([long?.faults, long?.times]).toStrictEqual([Uint8Array.of(36), Float64Array.of(MAX_STAMP - 1)]);
    expect(half?.faults).toStrictEqual(Uint8Array.of(36));
  });

  test('a point that changes its kind continues in a second column', () => {
    const builder = new ColumnBuilder();
    builder.add(1, 0, bad('no-answer'));
    builder.add(1, 1, good(1));
    builder.add(1, 2, good('one'));
    builder.add(1, 3, bad('garbled'));
    const columns = builder.columns();
    expect(columns.map(({ point, values, times }) => [point, values.kind, times.length])).toEqual([
      [1, 'number', 2],
      [1, 'text', 2],
    ]);
    expect(decodeReadings(Buffer.from(encodeReadings(columns)), 4)).toStrictEqual(columns);
  });

  test('one whose points fell silent forgets them', () => {
    const builder = new ColumnBuilder();
    for (let round = 0; round < 3; round++) {
      builder.add(round, 1, good(round));
      expect(builder.columns()).toHaveLength(1);
      builder.clear();
    }
  });
});
