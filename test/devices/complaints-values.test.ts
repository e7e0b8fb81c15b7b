import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { Fault } from '../../core/faults.ts';
import { bad, good, type Outcome } from '../../core/reading.ts';
import type { Driver, Line } from '../../devices/driver.ts';
import { type ModbusAddress, modbusAddress } from '../../devices/modbus/address.ts';
import { decoderOf } from '../../devices/modbus/decode.ts';
import { encodeValue } from '../../devices/modbus/encode.ts';
import { REGISTERS_OF } from '../../devices/modbus/register-types.ts';
import { findDriver } from '../../devices/registry.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { Intake } from '../../gateway/intake.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { deviceWith, PolledLine } from '../support/poll-line.ts';
import { plantOf } from './support.ts';

/** What users of other gateways complained about or wished for; the numbers are those of our own list. */

const lines: PolledLine[] = [];
afterEach(async () => {
  for (const line of lines.splice(0)) await line.stop();
});

const at = (given: Record<string, unknown>): ModbusAddress =>
  modbusAddress.parse({ table: 'holding', register: 0, ...given });
const decode = (hex: string, given: Record<string, unknown>): Outcome =>
  decoderOf(at(given))(Buffer.from(hex.replaceAll(' ', ''), 'hex'), 0);

/** A line to a Modbus TCP device whose registers and coils stand in a list; it notes what it is asked for. */
function deviceOf(
  words: readonly number[],
  refuses: (code: number, start: number, count: number) => boolean = () => false,
) {
  const asked: [code: number, start: number, count: number][] = [];
  const line: Line = {
    serial: { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
    retunable: true,
    tell: async () => {},
    async exchange({ send }) {
      const request = Buffer.from(send);
      const [code, start, count] = [request[7] as number, request.readUInt16BE(8), request.readUInt16BE(10)];
      asked.push([code, start, count]);
      const head = request.subarray(0, 7);
      const pdu = refuses(code, start, count) ? Buffer.of(code | 0x80, 2) : answerOf(code, words, start, count);
      const frame = Buffer.concat([head, pdu]);
      frame.writeUInt16BE(pdu.length + 1, 4);
      return frame;
    },
  };
  return { line, asked };
}

function answerOf(code: number, words: readonly number[], start: number, count: number): Buffer {
  const wanted = words.slice(start, start + count);
  if (code < 3) {
    const data = Buffer.alloc((count + 7) >> 3);
    wanted.forEach((on, i) => {
      data[i >> 3] = (data[i >> 3] as number) | ((on ? 1 : 0) << (i & 7));
    });
    return Buffer.concat([Buffer.of(code, data.length), data]);
  }
  const data = Buffer.alloc(count * 2);
  wanted.forEach((word, i) => void data.writeUInt16BE(word, i * 2));
  return Buffer.concat([Buffer.of(code, data.length), data]);
}

/** One poll of a configured device. */
async function read(points: string, words: readonly number[], more = '', refuses?: Parameters<typeof deviceOf>[1]) {
  const plant = await plantOf(`
channels: [{ name: plc, driver: modbus-tcp, port: "tcp://127.0.0.1:1502" }]
devices:
  - name: d
    channel: plc
${more}
    points:
${points}`);
  const [device] = plant.devices;
  const driver = findDriver('modbus-tcp') as Driver;
  if (device === undefined) throw new Error('no device');
  const { line, asked } = deviceOf(words, refuses);
  const newest: Record<string, Outcome> = {};
  for (const request of driver.plan(device.points, device.limits)) {
    try {
      for (const [name, outcome] of await driver.read(request, line, device)) newest[name] = outcome;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      for (const name of driver.covers(request)) newest[name] = bad(error.code);
    }
  }
  return { newest, asked, plant, device };
}

describe('18: requests as the device wants them', () => {
  const coils =
    '      a: { address: { table: coil, register: 9 } }\n      b: { address: { table: coil, register: 12 } }\n';
  const words = Array.from({ length: 16 }, (_, i) => Number(i === 12));

  test('18: a device whose coils are read from 0 on only', async () => {
    const fromZero = (code: number, start: number) => code === 1 && start !== 0;
    const { newest, asked } = await read(coils, words, '    limits: { bitsFromZero: true }', fromZero);
    expect(newest).toEqual({ a: good(false), b: good(true) });
    expect(asked).toEqual([[1, 0, 13]]);
  });

  test('18: a device that gives one value a request', async () => {
    const single = (code: number, _: number, count: number) => code === 1 && count > 1;
    const { newest, asked } = await read(coils, words, '    limits: { onePointPerRequest: true }', single);
    expect(newest).toEqual({ a: good(false), b: good(true) });
    expect(asked).toEqual([
      [1, 9, 1],
      [1, 12, 1],
    ]);
  });
});

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
    const { newest, plant, device } = await read(points, [7, 0xffff, 0xffff, 0]);
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

test('21: a busy device is a fault, not 0, and well again with the next answer', async () => {
  let isBusy = false;
  const line = await PolledLine.start([deviceWith(1, [100])], () => ({ answer: isBusy ? 6 : 'values' }), {
    timeoutMs: 300,
  });
  lines.push(line);
  const newest = () => line.newest.get('d1/p100');
  await expect.poll(newest, { timeout: 3000 }).toEqual(good(100));
  isBusy = true;
  await expect.poll(newest, { timeout: 3000 }).toEqual(bad('device-busy'));
  isBusy = false;
  await expect.poll(newest, { timeout: 3000 }).toEqual(good(100));
  // It answers, if only to say that it is busy: it has never been away.
  expect(line.moves).toEqual([]);
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
    const { newest } = await read(points, words);
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

test('25: what never changes is read once, at the start', async () => {
  const device = deviceWith(1, [100, 200]);
  const points = device.points.map((point) =>
    point.name === 'p100' ? { ...point, rhythm: { once: true as const } } : point,
  );
  const line = await PolledLine.start([{ ...device, points }], () => ({ answer: 'values' }), { timeoutMs: 300 });
  lines.push(line);
  const timesOf = (register: number) => line.asked.filter((asked) => asked.register === register).length;
  await expect.poll(() => timesOf(200), { timeout: 3000 }).toBeGreaterThan(5);
  expect([timesOf(100), line.newest.get('d1/p100')]).toEqual([1, good(100)]);
  expect(line.tasks.find(({ once }) => once)?.rhythm?.next).toBe(Number.POSITIVE_INFINITY);
  const { device: configured } = await read(
    '      serial: { every: once, address: { table: holding, register: 0, type: string, length: 2 } }\n',
    [0x4142, 0x4344],
  );
  expect(configured.points[0]?.rhythm).toEqual({ once: true });
});
