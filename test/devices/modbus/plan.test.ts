import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeviceLimits } from '../../../devices/driver.ts';
import { STANDARD_LIMITS } from '../../../devices/limits.ts';
import { modbusAddress } from '../../../devices/modbus/address.ts';
import { planBlocks } from '../../../devices/modbus/plan.ts';
import { REGISTERS_OF } from '../../../devices/modbus/register-types.ts';

const LIMITS: DeviceLimits = STANDARD_LIMITS;

const numberTypes = (Object.keys(REGISTERS_OF) as (keyof typeof REGISTERS_OF)[]).filter((type) => type !== 'string');
const placeOf = fc.oneof(
  fc.record({
    table: fc.constantFrom('holding', 'input'),
    register: fc.integer({ min: 0, max: 400 }),
    type: fc.constantFrom(...numberTypes),
  }),
  fc.record({ table: fc.constantFrom('coil', 'discrete'), register: fc.integer({ min: 0, max: 5000 }) }),
);
const range = fc
  .record({
    table: fc.constantFrom('holding', 'input', 'coil', 'discrete'),
    from: fc.integer({ min: 0, max: 400 }),
    size: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ table, from, size }) => ({ table, from, to: from + size }));
const limitsOf = fc.record({
  registers: fc.integer({ min: 4, max: 125 }),
  bits: fc.integer({ min: 1, max: 2000 }),
  maxGap: fc.integer({ min: 0, max: 40 }),
  forbidden: fc.array(range, { maxLength: 3 }),
  bitsFromZero: fc.boolean(),
  onePointPerRequest: fc.boolean(),
  pauseMs: fc.constant(0),
});

function touches(place: { table: string; register: number; length: number }, limits: DeviceLimits): boolean {
  return limits.forbidden.some(
    ({ table, from, to }) => table === place.table && from < place.register + place.length && to >= place.register,
  );
}

test('every point is covered once, by a legal request, and nothing forbidden is touched', () => {
  fc.assert(
    fc.property(fc.array(placeOf, { maxLength: 60 }), limitsOf, (places, limits) => {
      const points = places
        .map((place, i) => ({ name: `p${i}`, address: modbusAddress.parse(place) }))
        // A point inside a forbidden range is refused with the settings.
        .filter(({ address }) => !touches(address, limits));
      const requests = planBlocks(points, limits);

      expect(requests.flatMap(({ fields }) => fields.map(({ name }) => name)).sort()).toEqual(
        points.map(({ name }) => name).sort(),
      );
      for (const { table, start, count, fields } of requests) {
        const bits = table === 'coil' || table === 'discrete';
        expect(count).toBeLessThanOrEqual(bits ? limits.bits : limits.registers);
        expect(start + count).toBeLessThanOrEqual(65_536);
        expect(touches({ table, register: start, length: count }, limits)).toBe(false);
        for (const { name, at } of fields) {
          const address = points.find((point) => point.name === name)?.address;
          expect(address?.table).toBe(table);
          expect(start + at / (bits ? 1 : 2)).toBe(address?.register);
          expect((address?.register ?? 0) + (address?.length ?? 0)).toBeLessThanOrEqual(start + count);
        }
      }
    }),
  );
});

const at = (register: number, type = 'uint16') => ({
  name: `r${register}`,
  address: modbusAddress.parse({ table: 'holding', register, type }),
});
const shape = (registers: number[], limits = LIMITS) =>
  planBlocks(
    registers.map((register) => at(register)),
    limits,
  ).map(({ start, count }) => [start, count]);

test('gaps up to maxGap are read in vain, wider ones are not', () => {
  expect(shape([0, 9])).toEqual([[0, 10]]);
  expect(shape([0, 10])).toEqual([
    [0, 1],
    [10, 1],
  ]);
});

test('a block ends where the device takes no more', () => {
  expect(shape([0, 1, 2, 3, 4], { ...LIMITS, registers: 2 })).toEqual([
    [0, 2],
    [2, 2],
    [4, 1],
  ]);
});

test('a gap with a forbidden register is not read', () => {
  const forbidden = [{ table: 'holding', from: 2, to: 2 }];
  expect(shape([0, 1, 3, 4], { ...LIMITS, forbidden })).toEqual([
    [0, 2],
    [3, 2],
  ]);
});

test('forty points in two blocks', () => {
  const points = Array.from({ length: 40 }, (_, i) => at((i < 20 ? 0 : 500) + i * 2, 'float32'));
  expect(planBlocks(points, LIMITS)).toHaveLength(2);
});

/** Every way to put the points into groups. */
function* groupings<T>(items: readonly T[]): Iterable<T[][]> {
  const [first, ...rest] = items;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const groups of groupings(rest)) {
    yield [[first], ...groups];
    for (const [i, group] of groups.entries()) yield groups.map((each, at) => (at === i ? [first, ...group] : each));
  }
}

/** Registers that a group reads, by the rules as they are written in docs/configuration.md; undefined if it may not be read at once. */
function readBy(group: readonly ReturnType<typeof at>[], limits: DeviceLimits): number | undefined {
  const wanted = new Set<number>();
  for (const { address } of group) for (let i = 0; i < address.length; i++) wanted.add(address.register + i);
  const [from, to] = [Math.min(...wanted), Math.max(...wanted)];
  if (group.length > 1 && to - from + 1 > limits.registers) return undefined;
  let gap = 0;
  for (let register = from; register <= to; register++) {
    gap = wanted.has(register) ? 0 : gap + 1;
    if (gap > limits.maxGap) return undefined;
    if (gap > 0 && limits.forbidden.some((range) => range.from <= register && range.to >= register)) return undefined;
  }
  return to - from + 1;
}

test('no plan has fewer requests, and none with as few reads less', () => {
  const place = fc.record({
    register: fc.integer({ min: 0, max: 30 }),
    type: fc.constantFrom('uint16', 'uint32', 'uint64'),
  });
  const limits = fc.record({
    registers: fc.integer({ min: 4, max: 20 }),
    maxGap: fc.integer({ min: 0, max: 6 }),
    forbid: fc.integer({ min: 0, max: 40 }),
  });
  fc.assert(
    fc.property(fc.array(place, { minLength: 1, maxLength: 7 }), limits, (places, { registers, maxGap, forbid }) => {
      const given = { ...LIMITS, registers, maxGap, forbidden: [{ table: 'holding', from: forbid, to: forbid }] };
      const points = places
        .map(({ register, type }, i) => ({ ...at(register, type), name: `p${i}` }))
        .filter(({ address }) => !touches(address, given));
      let least = { requests: 0, read: 0 };
      for (const groups of groupings(points)) {
        const reads = groups.map((group) => readBy(group, given));
        if (reads.includes(undefined)) continue;
        const cost = { requests: groups.length, read: reads.reduce<number>((sum, each) => sum + (each ?? 0), 0) };
        const isBetter = cost.requests < least.requests || (cost.requests === least.requests && cost.read < least.read);
        if (least.requests === 0 || isBetter) least = cost;
      }
      const plan = planBlocks(points, given);
      expect({ requests: plan.length, read: plan.reduce((sum, { count }) => sum + count, 0) }).toEqual(least);
    }),
    { numRuns: 300 },
  );
});

test('bits from the first one on, where a device wants it', () => {
  const bits = [5, 40, 3000].map((register) => ({
    name: `b${register}`,
    address: modbusAddress.parse({ table: 'coil', register }),
  }));
  const plan = (more: Partial<DeviceLimits>) =>
    planBlocks(bits, { ...LIMITS, maxGap: 0, bitsFromZero: true, ...more }).map(({ start, count, fields }) => [
      start,
      count,
      ...fields.map((field) => field.at),
    ]);
  expect(plan({})).toEqual([
    [0, 6, 5],
    [0, 41, 40],
    [3000, 1, 0],
  ]);
  expect(plan({ maxGap: 8 })).toEqual([
    [0, 41, 5, 40],
    [3000, 1, 0],
  ]);
  const forbidden = [{ table: 'coil', from: 2, to: 2 }];
  expect(plan({ forbidden })[0]).toEqual([5, 1, 0]);
});

test('one point per request, where a device wants it', () => {
  expect(shape([0, 1, 2], { ...LIMITS, onePointPerRequest: true })).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
  ]);
});
