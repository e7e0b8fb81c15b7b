import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeviceLimits } from '../../../devices/driver.ts';
import { modbusAddress, REGISTERS_OF } from '../../../devices/modbus/address.ts';
import { planBlocks } from '../../../devices/modbus/plan.ts';

const LIMITS: DeviceLimits = { registers: 125, bits: 2000, maxGap: 8, forbidden: [] };

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
