import { describe, expect, test } from 'vitest';
import { modbusAddress } from '../../../devices/modbus/address.ts';

describe('addresses', () => {
  const problem = (given: Record<string, unknown>) =>
    modbusAddress.safeParse(given).error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];

  test('document numbers become tables and zero-based registers', () => {
    const parse = (given: Record<string, unknown>) => modbusAddress.parse(given);
    expect(parse({ doc: 40041, type: 'int16' })).toMatchObject({ table: 'holding', register: 40 });
    expect(parse({ doc: 30001, type: 'int16' })).toMatchObject({ table: 'input', register: 0 });
    expect(parse({ doc: 400001, type: 'int16' })).toMatchObject({ table: 'holding', register: 0 });
    expect(parse({ doc: 10008 })).toMatchObject({ table: 'discrete', register: 7 });
    expect(parse({ doc: 1 })).toMatchObject({ table: 'coil', register: 0 });
    expect(parse({ table: 'holding', doc: 3028, type: 'float32' })).toMatchObject({ table: 'holding', register: 3027 });
  });

  test('a scale factor is counted as its value is, and read with it', () => {
    const parse = (given: Record<string, unknown>) => modbusAddress.parse(given);
    expect(parse({ doc: 40072, type: 'uint16', scaleFrom: { doc: 40076 } })).toMatchObject({ register: 71, length: 5 });
    expect(parse({ table: 'holding', doc: 72, type: 'uint32', scaleFrom: { doc: 70 } })).toMatchObject({
      ...{ register: 69, length: 4, skip: 2, size: 2, scaleAt: 0 },
    });
    expect(parse({ doc: 40072, type: 'uint16', scaleFrom: { register: 75 } })).toMatchObject({
      register: 71,
      length: 5,
    });
  });

  test.each([
    [{ table: 'holding', register: 65535, type: 'float32' }, /ends beyond register 65535/],
    [{ table: 'holding', register: 1 }, /type: is missing/],
    [{ table: 'coil', register: 1, type: 'int16' }, /a coil is a bool/],
    [{ register: 1, type: 'int16' }, /table: is missing/],
    [{ table: 'holding', type: 'int16' }, /register: is missing/],
    [{ table: 'holding', register: 1, doc: 2, type: 'int16' }, /not both/],
    [{ doc: 20001, type: 'int16' }, /no document number/],
    [{ table: 'holding', register: 1, type: 'int32', byteOrder: 'ABCDEFGH' }, /not a 64-bit type/],
    [{ table: 'holding', register: 1, type: 'int32', byteOrder: 'ABDC' }, /expected ABCD/],
    [{ table: 'holding', register: 1, type: 'string' }, /length: is missing/],
    [{ table: 'holding', register: 1, type: 'int16', scale: 0 }, /must not be 0/],
    [{ table: 'holding', register: 1, type: 'int16', ofset: 3 }, /nrecognized key/],
    // YAML reads 0xFFFFFFFFFFFFFFFF without quotes as 2^64, which as 64 bits is 0.
    [{ table: 'holding', register: 1, type: 'uint64', invalid: 2 ** 64 }, /invalid: .*in quotes/],
    [{ table: 'holding', register: 1, type: 'uint64', invalid: 1.5 }, /invalid: 1.5 is no raw value/],
    [{ table: 'holding', register: 1, type: 'int16', invalid: 0x7fffffff }, /invalid: .* of type int16/],
    [{ table: 'coil', register: 1, invalid: 3 }, /invalid: .* of a single bit/],
    [{ table: 'holding', register: 1, type: 'int16', invalid: 'none' }, /invalid: none: expected a number or hexa/],
    [
      { table: 'holding', register: 1, type: 'float32', scaleFrom: { register: 9 } },
      /scaleFrom: a float32 has no scale/,
    ],
    [
      { doc: 40001, type: 'int16', scaleFrom: { doc: 30009 } },
      /scaleFrom: stands in table input, the value in holding/,
    ],
    [{ doc: 40001, type: 'int16', scaleFrom: {} }, /scaleFrom: `register` is missing/],
    [{ table: 'holding', register: 1, type: 'bits', transform: 'four-quadrant-pf' }, /transform: a bits has none/],
    [{ table: 'holding', register: 1, type: 'int16', half: 'low' }, /half: is for strings/],
    [{ table: 'holding', register: 1, type: 'float32', invalid: '0x8000' }, /invalid: .* of type float32/],
    [{ table: 'holding', register: 1, type: 'string', length: 2, scale: 10 }, /scale: a string is not scaled/],
    [{ table: 'holding', register: 1, type: 'int16', bit: 3 }, /bit: is for a bool/],
    [{ table: 'coil', register: 1, bit: 3 }, /bit: is for a bool/],
    [{ table: 'holding', register: 1, type: 'int16', bits: { 1: 'On' } }, /bits: are for type bits/],
  ])('%j is refused', (given, message) => {
    expect(problem(given).join('\n')).toMatch(message);
  });
});
