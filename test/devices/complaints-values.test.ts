import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bad, good, type Outcome } from '../../core/reading.ts';
import { type ModbusAddress, modbusAddress } from '../../devices/modbus/address.ts';
import { decoderOf } from '../../devices/modbus/decode.ts';
import { encodeValue } from '../../devices/modbus/encode.ts';
import { REGISTERS_OF } from '../../devices/modbus/register-types.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { Intake } from '../../gateway/intake.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { readOnce } from '../support/register-list.ts';

/**
 * What the values look like that users of other gateways complained about or wished for; the numbers are those of our own list. How
 * the devices are asked is in complaints-asking.test.ts.
 */

const at = (given: Record<string, unknown>): ModbusAddress =>
  modbusAddress.parse({ table: 'holding', register: 0, ...given });
const decode = (hex: string, given: Record<string, unknown>): Outcome =>
  decoderOf(at(given))(Buffer.from(hex.replaceAll(' ', ''), 'hex'), 0);

describe('19: "not a number" codes are faults, never numbers', () => {
  test.each([
    ['8000', { type: 'int16', invalid: 0x8000 }],
    ['ffff', { type: 'uint16', invalid: 0xffff }],
    ['7fff', { type: 'int16', invalid: [0x7fff, 0x8000] }],
    ['00ffffff', { type: 'uint24', invalid: 0xffffff }],
    ['7fffffff', { type: 'int32', invalid: 0x7fffffff }],
    ['80000000', { type: 'int32', invalid: 0x80000000 }],
    ['ffffffff', { type: 'uint32', invalid: 0xffffffff }],
    ['0000 ffff', { type: 'uint32', byteOrder: 'CDAB', invalid: 0xffff0000 }],
    ['7fffffffffffffff', { type: 'int64', invalid: '0x7FFFFFFFFFFFFFFF' }],
    ['ffffffffffffffff', { type: 'uint64', invalid: '0xFFFFFFFFFFFFFFFF' }],
    ['ffff', { type: 'bcd16', invalid: 0xffff }],
    ['ffff', { type: 'bits', invalid: 0xffff }],
    ['8000', { type: 'int16', scale: 0.1, offset: -40, invalid: 0x8000 }],
  ])('19: %s as %j', (hex, given) => {
    expect(decode(hex, given)).toEqual(bad('no-value'));
  });

  test('19: a value that is not there is told from a device that is not there, and neither is 0', async () => {
    const points = `
      there: { address: { table: holding, register: 0, type: uint16 } }
      none: { address: { table: holding, register: 1, type: uint32, invalid: 0xFFFFFFFF } }
      zero: { address: { table: holding, register: 3, type: uint16 } }
`;
    const { newest, plant, device } = await readOnce(points, [7, 0xffff, 0xffff, 0]);
    expect(newest).toEqual({ there: good(7), none: bad('no-value'), zero: good(0) });
    const kept: Outcome[] = [];
    const keeper = { reading: (_: number, __: number, outcome: Outcome) => void kept.push(outcome), event: () => {} };
    const intake = new Intake(
      plant,
      nextCatalogue(null, plant, { site: 's', timezone: 'UTC' }),
      keeper,
      new FakeClock(),
    );
    intake.answers(device, new Map(Object.entries(newest)));
    intake.fault(device, ['there', 'none', 'zero'], 'no-answer');
    expect(kept).toEqual([good(7), bad('no-value'), good(0), bad('no-answer'), bad('no-answer'), bad('no-answer')]);
  });
});

describe('20: NaN and infinity of a float are faults', () => {
  test.each([
    ['7e00', 'float16'],
    ['7c00', 'float16'],
    ['fc00', 'float16'],
    ['7fc00000', 'float32'],
    ['ffc00000', 'float32'],
    ['7f800000', 'float32'],
    ['ff800000', 'float32'],
    ['7ff8000000000000', 'float64'],
    ['fff0000000000000', 'float64'],
  ])('20: %s as %s', (hex, type) => {
    expect(decode(hex, { type })).toEqual(bad('not-a-number'));
  });

  test('20: whatever bytes come, whatever the scale, the value stands in JSON as it is', () => {
    const types = Object.keys(REGISTERS_OF).filter((type) => type !== 'string');
    const scale = fc.constantFrom(1, 0.1, 1e10, 1e-300, 1e300);
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        scale,
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        (type, by, bytes) => {
          const isScaled = type !== 'bool' && type !== 'bits';
          const outcome = decoderOf(at({ type, ...(isScaled ? { scale: by } : {}) }))(Buffer.from(bytes), 0);
          expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
          if (outcome.quality === 'good' && typeof outcome.value === 'number') {
            expect(Number.isFinite(outcome.value)).toBe(true);
            expect(Object.is(outcome.value, -0)).toBe(false);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('22: where the bytes of a text or a word stand', () => {
  test('22: a text with one character a register, in either half', async () => {
    // The serial number of an EM340, one letter a register, in the low half and in the high one.
    const text = [...'BX1234567890'].map((letter) => letter.charCodeAt(0));
    const points = `
      low: { address: { table: holding, register: 0, type: string, length: 12, half: low } }
      high: { address: { table: holding, register: 12, type: string, length: 12, half: high } }
      both: { address: { table: holding, register: 24, type: string, length: 2 } }
`;
    const words = [...text, ...text.map((letter) => letter << 8), 0x4142, 0x4344];
    const { newest } = await readOnce(points, words);
    expect(newest).toEqual({ low: good('BX1234567890'), high: good('BX1234567890'), both: good('ABCD') });
  });

  test.each([
    ['ABCD', '12345678'],
    ['CDAB', '56781234'],
    ['BADC', '34127856'],
    ['DCBA', '78563412'],
  ])('22: a write has the same order %s as a read', (byteOrder, hex) => {
    const address = at({ type: 'uint32', byteOrder });
    expect(encodeValue(address, 0x12345678).toString('hex')).toBe(hex);
    expect(decode(hex, { type: 'uint32', byteOrder })).toEqual(good(0x12345678));
  });

  test('22: single registers too have their bytes swapped in a write', () => {
    expect(encodeValue(at({ type: 'uint16', byteOrder: 'BADC' }), 0x1234).toString('hex')).toBe('3412');
    expect(encodeValue(at({ type: 'uint16', byteOrder: 'CDAB' }), 0x1234).toString('hex')).toBe('1234');
  });
});

describe('23: 64 bits in every order', () => {
  const words = (hex: string) => hex.match(/.{4}/g) ?? [];
  const bytes = (hex: string) => hex.match(/.{2}/g) ?? [];
  const swapEach = (hex: string) =>
    words(hex)
      .map((word) => bytes(word).reverse().join(''))
      .join('');
  const BIG = '000462d53c8abac0';

  // What swapping means, written down apart from the code: bytes within words, words within halves, halves, all of it.
  test.each([
    ['ABCDEFGH', BIG],
    ['HGFEDCBA', bytes(BIG).reverse().join('')],
    ['BADCFEHG', swapEach(BIG)],
    ['GHEFCDAB', words(BIG).reverse().join('')],
    ['EFGHABCD', `${BIG.slice(8)}${BIG.slice(0, 8)}`],
    ['CDABGHEF', [1, 0, 3, 2].map((i) => words(BIG)[i]).join('')],
    ['DCBAHGFE', `${bytes(BIG.slice(0, 8)).reverse().join('')}${bytes(BIG.slice(8)).reverse().join('')}`],
    // The four short orders mean the same swaps for 64 bits.
    ['CDAB', words(BIG).reverse().join('')],
    ['BADC', swapEach(BIG)],
    ['DCBA', bytes(BIG).reverse().join('')],
    ['FEHGBADC', swapEach(`${BIG.slice(8)}${BIG.slice(0, 8)}`)],
  ])('23: %s', (byteOrder, hex) => {
    for (const type of ['int64', 'uint64']) {
      expect(decode(hex, { type, byteOrder })).toEqual(good(1234567890123456));
      expect(encodeValue(at({ type, byteOrder }), 1234567890123456).toString('hex')).toBe(hex);
    }
  });

  test('23: all 40,320 orders are taken, none that is no order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...'ABCDEFGH'], { minLength: 8 }), (letters) => {
        expect(
          modbusAddress.safeParse({ table: 'input', register: 0, type: 'float64', byteOrder: letters.join('') })
            .success,
        ).toBe(true);
      }),
    );
    for (const byteOrder of ['ABCDEFGG', 'ABCDEFG', 'abcdefgh', 'ABDC', '', 'little']) {
      const given = { table: 'input', register: 0, type: 'float64', byteOrder };
      expect(modbusAddress.safeParse(given).success).toBe(false);
    }
  });
});

describe('24: no noise behind the decimal point', () => {
  test.each([
    ['42c775c3', { type: 'float32' }, 99.73],
    ['26f5', { type: 'uint16', scale: 0.01 }, 99.73],
    ['42c775c3', { type: 'float32', scale: 0.001 }, 0.09973],
    ['42c775c3', { type: 'float32', scale: 10 }, 997.3],
    ['0003', { type: 'uint16', scale: 0.1 }, 0.3],
    ['4366199a', { type: 'float32', offset: -0.1 }, 230],
    ['fffffd8f', { type: 'int32', scale: 0.001, offset: 273.15 }, 272.525],
    ['0929fffe', { type: 'uint16', scaleFrom: { register: 1 } }, 23.45],
  ])('24: %s as %j is %d', (hex, given, value) => {
    expect(decode(hex, given)).toEqual(good(value));
  });
});
