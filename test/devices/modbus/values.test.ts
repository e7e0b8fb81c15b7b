import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bad, good, type Outcome } from '../../../core/reading.ts';
import { type ModbusAddress, modbusAddress } from '../../../devices/modbus/address.ts';
import { scaler, shortestFloat32 } from '../../../devices/modbus/decimals.ts';
import { decoderOf } from '../../../devices/modbus/decode.ts';
import { encodeValue } from '../../../devices/modbus/encode.ts';

function at(given: Record<string, unknown>): ModbusAddress {
  return modbusAddress.parse({ table: 'holding', register: 0, ...given });
}

function decode(hex: string, given: Record<string, unknown>): Outcome {
  return decoderOf(at(given))(Buffer.from(hex, 'hex'), 0);
}

/** Words made with Python's struct module; orders by hand. */
const TABLE: readonly [string, Record<string, unknown>, Outcome][] = [
  ['cfc7', { type: 'int16' }, good(-12345)],
  ['d431', { type: 'uint16' }, good(54321)],
  ['31d4', { type: 'uint16', byteOrder: 'BADC' }, good(54321)],
  ['d431', { type: 'uint16', byteOrder: 'CDAB' }, good(54321)],
  ['00ed2979', { type: 'int24' }, good(-1234567)],
  ['f8a432eb', { type: 'int32' }, good(-123456789)],
  ['a4f8eb32', { type: 'int32', byteOrder: 'BADC' }, good(-123456789)],
  ['32ebf8a4', { type: 'int32', byteOrder: 'CDAB' }, good(-123456789)],
  ['eb32a4f8', { type: 'int32', byteOrder: 'DCBA' }, good(-123456789)],
  ['ba2c2b15', { type: 'uint32' }, good(3123456789)],
  ['fffffee08e04fb35', { type: 'int64' }, good(-1234567890123)],
  ['fb358e04fee0ffff', { type: 'int64', byteOrder: 'CDAB' }, good(-1234567890123)],
  ['35fb048ee0feffff', { type: 'int64', byteOrder: 'DCBA' }, good(-1234567890123)],
  ['8e04fb35fffffee0', { type: 'int64', byteOrder: 'EFGHABCD' }, good(-1234567890123)],
  ['001fffffffffffff', { type: 'uint64' }, good(9007199254740991)],
  ['0020000000000001', { type: 'uint64' }, bad('value-too-large')],
  ['4248', { type: 'float16' }, good(3.140625)],
  ['b800', { type: 'float16' }, good(-0.5)],
  ['7c00', { type: 'float16' }, bad('not-a-number')],
  ['4366199a', { type: 'float32' }, good(230.1)],
  ['199a4366', { type: 'float32', byteOrder: 'CDAB' }, good(230.1)],
  ['2edbe6ff', { type: 'float32' }, good(1e-10)],
  ['47f12065', { type: 'float32' }, good(123456.79)],
  ['4b800000', { type: 'float32' }, good(16777216)],
  ['7fc00000', { type: 'float32' }, bad('not-a-number')],
  ['ff800000', { type: 'float32' }, bad('not-a-number')],
  ['40c81cd6e631f8a1', { type: 'float64' }, good(12345.6789)],
  ['1234', { type: 'bcd16' }, good(1234)],
  ['12345678', { type: 'bcd32', scale: 0.01 }, good(123456.78)],
  ['12a4', { type: 'bcd16' }, bad('not-a-number')],
  ['53444d363330202020000000', { type: 'string', length: 6 }, good('SDM630')],
  ['44533633', { type: 'string', length: 2, byteOrder: 'BADC' }, good('SD36')],
  ['0005', { type: 'bits', bits: { 0: 'Leak', 2: 'Dirt' } }, good('Leak, Dirt')],
  ['0008', { type: 'bits', bits: { 0: 'Leak' } }, good('bit 3')],
  ['0000', { type: 'bits' }, good('')],
  ['0010', { type: 'bool', bit: 4 }, good(true)],
  ['ffef', { type: 'bool', bit: 4 }, good(false)],
  ['00e7', { type: 'uint16', scale: 0.1 }, good(23.1)],
  ['00e7', { type: 'uint16', scale: 0.1, offset: -40 }, good(-16.9)],
  ['7fff', { type: 'int16', invalid: 0x7fff }, bad('no-value')],
  ['8000', { type: 'int16', invalid: 0x8000 }, bad('no-value')],
  ['ffffffff', { type: 'int32', invalid: [0x7fffffff, 0xffffffff] }, bad('no-value')],
  ['ffffffffffffffff', { type: 'uint64', invalid: '0xFFFFFFFFFFFFFFFF' }, bad('no-value')],
  ['c61c3c00', { type: 'float32', invalid: -9999 }, bad('no-value')],
  ['7f7fffff', { type: 'float32', invalid: '0x7F7FFFFF' }, bad('no-value')],
  ['7fefffffffffffff', { type: 'float64', invalid: '0x7FEFFFFFFFFFFFFF' }, bad('no-value')],
  ['ffff', { type: 'uint16', invalid: -1 }, bad('no-value')],
  ['7fefffffffffffff', { type: 'float64', scale: 10 }, bad('not-a-number')],
  ['001fffffffffffff', { type: 'uint64', scale: 1000 }, bad('value-too-large')],
  ['0000', { type: 'int16', scale: -0.1 }, good(0)],
  ['00ed2979', { type: 'uint24' }, good(15_542_649)],
  ['ffed2979', { type: 'int24' }, good(-1234567)],
  ['297900ed', { type: 'uint24', byteOrder: 'CDAB' }, good(15_542_649)],
  ['00ffffff', { type: 'uint24', invalid: 0xffffff }, bad('no-value')],
  ['00800000', { type: 'int24', invalid: 0x800000 }, bad('no-value')],
  ['7e00', { type: 'float16', invalid: '0x7BFF' }, bad('not-a-number')],
  ['7bff', { type: 'float16', invalid: '0x7BFF' }, bad('no-value')],
  ['ffff', { type: 'bcd16', invalid: -1 }, bad('no-value')],
  ['ffffffff', { type: 'bcd32', invalid: '0xFFFFFFFF' }, bad('no-value')],
  ['ffff', { type: 'bits', invalid: 0xffff }, bad('no-value')],
  ['ffff', { type: 'bool', bit: 3, invalid: 0xffff }, bad('no-value')],
  ['fff7', { type: 'bool', bit: 3, invalid: 0xffff }, good(false)],
  // SunSpec: value, then its factor; A 2345 with -2, WH 1 with 3, PF -95 with -2.
  ['0929fffe', { type: 'uint16', scaleFrom: { register: 1 } }, good(23.45)],
  ['fffe0929', { type: 'uint16', register: 1, scaleFrom: { register: 0 } }, good(23.45)],
  ['000100000003', { type: 'uint16', scaleFrom: { register: 2 } }, good(1000)],
  ['ffa1fffe', { type: 'int16', scaleFrom: { register: 1 } }, good(-0.95)],
  ['a1fffeff', { type: 'int16', byteOrder: 'BADC', scaleFrom: { register: 1 } }, good(-0.95)],
  ['00ed2979fff6', { type: 'uint32', scaleFrom: { register: 2 } }, good(0.0015542649)],
  ['0929fffe', { type: 'uint16', scale: 0.1, scaleFrom: { register: 1 } }, good(2.345)],
  ['09298000', { type: 'uint16', scaleFrom: { register: 1 } }, bad('no-scale')],
  ['0929000b', { type: 'uint16', scaleFrom: { register: 1 } }, bad('no-scale')],
  ['ffff8000', { type: 'uint16', invalid: 0xffff, scaleFrom: { register: 1 } }, bad('no-value')],
  ['fffffffe', { type: 'uint16', invalid: 0xffff, scaleFrom: { register: 1 } }, bad('no-value')],
  ['0fffffffffffffff000a', { type: 'uint64', scaleFrom: { register: 4 } }, bad('value-too-large')],
  ['7fffffff000a', { type: 'int32', scaleFrom: { register: 2 } }, bad('value-too-large')],
  // Four quadrants: 0.95 lagging, 0.93 leading, -0.93, -0.95, 1, and nonsense.
  ['3f733333', { type: 'float32', transform: 'four-quadrant-pf' }, good(0.95)],
  ['3f88f5c3', { type: 'float32', transform: 'four-quadrant-pf' }, good(0.93)],
  ['bf88f5c3', { type: 'float32', transform: 'four-quadrant-pf' }, good(-0.93)],
  ['bf733333', { type: 'float32', transform: 'four-quadrant-pf' }, good(-0.95)],
  ['3f800000', { type: 'float32', transform: 'four-quadrant-pf' }, good(1)],
  ['40133333', { type: 'float32', transform: 'four-quadrant-pf' }, bad('out-of-range')],
  ['7fc00000', { type: 'float32', transform: 'four-quadrant-pf' }, bad('not-a-number')],
  ['042e', { type: 'int16', scale: 0.001, transform: 'four-quadrant-pf' }, good(0.93)],
  ['2d2d2d2d', { type: 'string', length: 2, invalid: '----' }, bad('no-value')],
  ['530044004d00', { type: 'string', length: 3, half: 'high' }, good('SDM')],
  ['ff53ff44004d0000', { type: 'string', length: 4, half: 'low' }, good('SDM')],
];

describe('decoding', () => {
  test.each(TABLE)('%s as %j', (hex, given, expected) => {
    expect(decode(hex, given)).toEqual(expected);
  });

  test('a float32 shows the shortest decimal that names it', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
        const shown = shortestFloat32(x);
        expect(Math.fround(shown)).toBe(x === 0 ? 0 : x);
        expect(
          String(Math.abs(shown))
            .replace(/e.*|\D/g, '')
            .replace(/^0+|0+$/g, '').length,
        ).toBeLessThanOrEqual(9);
      }),
    );
  });

  test('a decimal of six digits survives a float32', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: 0, max: 6 }), (digits, places) => {
        const decimal = Number(`${digits}e-${places}`);
        expect(shortestFloat32(Math.fround(decimal))).toBe(decimal === 0 ? 0 : decimal);
      }),
    );
  });

  test('scaling by a decimal gives the decimal that people write', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), fc.integer({ min: 1, max: 4 }), (raw, places) => {
        const scaled = scaler(Number(`1e-${places}`), 0, true)?.(raw);
        expect(scaled).toBe(Number(`${raw}e-${places}`) + 0);
      }),
    );
  });
});

describe('encoding', () => {
  const ORDERS = ['ABCD', 'BADC', 'CDAB', 'DCBA'];
  const NUMBERS: Record<string, fc.Arbitrary<number>> = {
    int16: fc.integer({ min: -32768, max: 32767 }),
    uint16: fc.integer({ min: 0, max: 65535 }),
    int24: fc.integer({ min: -8388608, max: 8388607 }),
    uint24: fc.integer({ min: 0, max: 16_777_215 }),
    int32: fc.integer(),
    uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    int64: fc.maxSafeInteger(),
    uint64: fc.maxSafeNat(),
    float32: fc.integer({ min: -999_999, max: 999_999 }).map((x) => x / 100),
    float16: fc.integer({ min: -2048, max: 2048 }),
    float64: fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
    bcd16: fc.integer({ min: 0, max: 9999 }),
    bcd32: fc.integer({ min: 0, max: 99_999_999 }),
  };

  test.each(Object.keys(NUMBERS))('%s comes back from every byte order', (type) => {
    fc.assert(
      fc.property(NUMBERS[type] as fc.Arbitrary<number>, fc.constantFrom(...ORDERS), (value, byteOrder) => {
        const address = at({ type, byteOrder });
        const back = decoderOf(address)(encodeValue(address, value), 0);
        expect(back).toEqual(good(value));
      }),
    );
  });

  const WIDE = fc.shuffledSubarray([...'ABCDEFGH'], { minLength: 8 }).map((letters) => letters.join(''));

  test.each(['int64', 'uint64', 'float64'])('%s comes back from every order of eight bytes', (type) => {
    fc.assert(
      fc.property(NUMBERS[type] as fc.Arbitrary<number>, WIDE, (value, byteOrder) => {
        const address = at({ type, byteOrder });
        const wire = encodeValue(address, value);
        expect(decoderOf(address)(wire, 0)).toEqual(good(value));
        // Independent of our permutation: each byte stands where its letter says.
        const straight = encodeValue(at({ type }), value);
        expect([...wire]).toEqual([...byteOrder].map((letter) => straight[letter.charCodeAt(0) - 65]));
      }),
    );
  });

  test('a text comes back from both halves and every order', () => {
    const half = fc.constantFrom(undefined, 'high', 'low');
    const text = fc.string({ unit: fc.constantFrom(...'AZaz09-é'), maxLength: 6 });
    fc.assert(
      fc.property(text, half, fc.constantFrom(...ORDERS), (written, where, byteOrder) => {
        const address = at({ type: 'string', length: 6, byteOrder, ...(where ? { half: where } : {}) });
        expect(decoderOf(address)(encodeValue(address, written), 0)).toEqual(good(written));
      }),
    );
  });

  test('texts of bits and single bits come back', () => {
    const bits = { 0: 'Leak', 2: 'Dirt', 15: 'Cable' };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65535 }), fc.constantFrom('ABCD', 'BADC'), (word, byteOrder) => {
        const address = at({ type: 'bits', bits, byteOrder });
        const bytes = Buffer.alloc(2);
        if (byteOrder === 'ABCD') bytes.writeUInt16BE(word);
        else bytes.writeUInt16LE(word);
        const shown = decoderOf(address)(bytes, 0);
        expect(shown.quality === 'good' && encodeValue(address, shown.value)).toEqual(bytes);
      }),
    );
    for (let bit = 0; bit < 16; bit++) {
      const address = at({ type: 'bool', bit });
      expect(encodeValue(address, true).readUInt16BE(0)).toBe(2 ** bit);
      expect(decoderOf(address)(encodeValue(address, true), 0)).toEqual(good(true));
    }
  });

  test('every 16-bit float comes back', () => {
    const address = at({ type: 'float16' });
    for (let bits = 0; bits < 65536; bits++) {
      const wire = Buffer.from([bits >> 8, bits & 255]);
      const shown = decoderOf(address)(wire, 0);
      if ((bits & 0x7c00) === 0x7c00) expect(shown).toEqual(bad('not-a-number'));
      else if (shown.quality === 'good' && bits !== 0x8000) expect(encodeValue(address, shown.value)).toEqual(wire);
    }
  });

  test('what a type cannot hold is refused, never wrapped', () => {
    expect(() => encodeValue(at({ type: 'uint16' }), 65536)).toThrowError(
      expect.objectContaining({ code: 'value-unfit' }),
    );
    expect(() => encodeValue(at({ type: 'int16', scale: 0.1 }), 4000)).toThrowError(/does not fit/);
    expect(() => encodeValue(at({ type: 'uint16' }), Number.NaN)).toThrowError(/no number/);
    expect(() => encodeValue(at({ type: 'string', length: 2 }), 'hello')).toThrowError(/longer/);
    expect(() => encodeValue(at({ type: 'string', length: 2 }), '온')).toThrowError(/Latin/);
    expect(() => encodeValue(at({ type: 'float32' }), 1e39)).toThrowError(/does not fit/);
    expect(() => encodeValue(at({ type: 'float16' }), 70_000)).toThrowError(/does not fit/);
    expect(() => encodeValue(at({ type: 'uint16' }), 70_000)).toThrowError(
      /70000 does not fit uint16, which holds 0 to 65535/,
    );
    expect(() => encodeValue(at({ type: 'uint24' }), 2 ** 24)).toThrowError(/does not fit/);
    expect(() => encodeValue(at({ type: 'string', length: 4, half: 'low' }), 'hello')).toThrowError(/longer than 4/);
    expect(() => encodeValue(at({ type: 'bits' }), 'bit 16')).toThrowError(/no bit is called/);
    expect(() => encodeValue(at({ type: 'float64', scale: 1e-10 }), 1e300)).toThrowError(/does not fit/);
    for (const value of ['false', 'on', 2]) {
      expect(() => encodeValue(at({ type: 'bool', bit: 3 }), value)).toThrowError(/neither true nor false/);
    }
  });

  test('every scaled value is undone', () => {
    const scale = fc.constantFrom(0.1, 0.01, 0.001, 0.5, 10, 1000, -0.1, 0.0254);
    const offset = fc.constantFrom(0, -40, 0.5, 273.15);
    const types = fc.constantFrom('int16', 'uint16', 'int24', 'int32', 'uint32');
    fc.assert(
      fc.property(types, scale, offset, fc.nat(), (type, by, plus, seed) => {
        const address = at({ type, scale: by, offset: plus });
        const raw = Buffer.alloc(4);
        raw.writeUInt32BE(seed);
        const wire = address.size === 1 ? raw.subarray(2) : type === 'int24' ? Buffer.of(0, ...raw.subarray(1)) : raw;
        const shown = decoderOf(address)(wire, 0);
        expect(shown.quality === 'good' && encodeValue(address, shown.value)).toEqual(wire);
      }),
      { numRuns: 1000 },
    );
  });

  test('a scaled value is undone', () => {
    expect(encodeValue(at({ type: 'int16', scale: 0.1 }), 55.5).toString('hex')).toBe('022b');
    expect(encodeValue(at({ type: 'bits', bits: { 0: 'Leak', 2: 'Dirt' } }), 'Leak, Dirt').toString('hex')).toBe(
      '0005',
    );
  });
});
