import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bad, good } from '../../../core/reading.ts';
import { dlt645Address, dlt645Station } from '../../../devices/dlt645/address.ts';
import { dlt645 } from '../../../devices/dlt645/driver.ts';
import { decodeFrame, encodeFrame, frameLength, isFor } from '../../../devices/dlt645/frame.ts';
import { bytesOf, valueIn } from '../../../devices/dlt645/value.ts';
import type { Line } from '../../../devices/driver.ts';
import { startSimulator } from '../../../devices/simulator/simulator.ts';
import { LIMITS } from '../far-end.ts';
import { parts, plantOf, readAll, startChannel } from '../support.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const energy = (more = {}) => dlt645Address.parse({ id: '00010000', digits: 8, decimals: 2, ...more });

describe('frames', () => {
  test('the request for total energy is that of a recorded exchange (553668.com/manong/786292.html)', () => {
    const request = encodeFrame({ station: '000102030425', code: 0x11, data: bytes('00000100') }, 0);
    expect(request).toEqual(bytes('68 25 04 03 02 01 00 68 11 04 33 33 34 33 E1 16'));
  });

  test("the request of EBYTE's example, with four wake-up bytes", () => {
    const request = encodeFrame({ station: '652022122018', code: 0x11, data: bytes('00FF0102') });
    expect(request).toEqual(bytes('FE FE FE FE 68 18 20 12 22 20 65 68 11 04 33 32 34 35 A4 16'));
  });

  test('what is made is read again', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\d{12}$/),
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(16),
        (station, data, wakeUps) => {
          fc.pre(wakeUps < 16);
          const frame = { station, code: 0x11, fromMeter: true, refused: false, more: true, data: Buffer.from(data) };
          const wire = encodeFrame(frame, wakeUps);
          expect(frameLength(wire)).toBe(wire.length);
          expect(decodeFrame(wire)).toEqual(frame);
        },
      ),
    );
  });

  test('AA stands for any two digits', () => {
    expect(isFor('AAAAAAAAAAAA', '000000000001')).toBe(true);
    expect(isFor('AAAAAAAA0001', '123456780001')).toBe(true);
    expect(isFor('AAAAAAAA0001', '123456780002')).toBe(false);
  });
});

describe('values', () => {
  test.each([
    ['42 06 12 00', {}, good(1206.42)],
    ['42 06 12 80', { signed: true }, good(-1206.42)],
    ['00 00 00 80', { signed: true }, good(0)],
    ['FF FF FF FF', {}, bad('no-value')],
    ['FF FF FF FF', { signed: true }, bad('no-value')],
    ['4A 06 12 00', {}, bad('unexpected-data')],
    ['42 06 12', {}, bad('unexpected-data')],
    ['42 06 12 00 00', {}, bad('unexpected-data')],
    ['99 99 42 06 12 00', { at: 2 }, good(1206.42)],
    ['99 99 42 06 12', { at: 2 }, bad('unexpected-data')],
    ['42 06 12 00', { decimals: 0 }, good(120_642)],
    ['42 06 12 00', { decimals: 8 }, good(0.00120642)],
  ])('%s with %j', (data, more, outcome) => {
    expect(valueIn(bytes(data), energy(more))).toEqual(outcome);
  });

  test('status words, numbers and characters', () => {
    const at = (given: object) => dlt645Address.parse({ id: '04000501', ...given });
    expect(valueIn(bytes('0C 80'), at({ type: 'bits', length: 2, bits: { 2: 'battery low' } }))).toEqual(
      good('battery low, bit 3, bit 15'),
    );
    expect(valueIn(bytes('0C 80'), at({ type: 'bool', length: 2, bit: 15 }))).toEqual(good(true));
    expect(valueIn(bytes('0C 80'), at({ type: 'bool', length: 2, bit: 14 }))).toEqual(good(false));
    expect(valueIn(bytes('0C 80'), at({ type: 'uint', length: 2 }))).toEqual(good(0x800c));
    expect(valueIn(bytes('35 34 33 00'), at({ type: 'string', length: 4 }))).toEqual(good('345'));
  });

  test('every value that fits its digits is read as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -7_999_999, max: 7_999_999 }), fc.nat(6), (raw, decimals) => {
        const address = energy({ digits: 8, decimals, signed: true });
        const value = Number(`${raw}e-${decimals}`);
        expect(valueIn(bytesOf(value, address), address)).toEqual(good(value));
      }),
    );
  });
});

test.each([
  [{ id: '00010000' }, /six before the point/],
  [{ id: '1000', digits: 8 }, /eight hexadecimal/],
  [{ id: '00010000', digits: 7 }, /multiple/],
  [{ id: '00010000', digits: 4, decimals: 5 }, /more than `digits`/],
  [{ id: '00010000', type: 'bits' }, /bytes of the value/],
  [{ id: '00010000', type: 'uint', length: 5 }, /at most 4/],
  [{ id: '00010000', type: 'bool', length: 1, bit: 8 }, /outside 1 bytes/],
  [{ id: '00010000', type: 'string', length: 4, signed: true }, /only bcd/],
])('the address %j is refused', (given, message) => {
  const issues = dlt645Address.safeParse(given).error?.issues ?? [];
  expect(issues.map((issue) => issue.message).join('\n')).toMatch(message);
});

test('a station is twelve digits; left out it is anybody', () => {
  expect(dlt645Station.parse(undefined)).toBe('AAAAAAAAAAAA');
  expect(dlt645Station.parse('aaaaaaaa0001')).toBe('AAAAAAAA0001');
  for (const wrong of ['1', '00000000000A', '0000000000011'])
    expect(dlt645Station.safeParse(wrong).success).toBe(false);
});

describe('follow-on frames', () => {
  const station = '000000000001';
  const id = bytes('00000100');
  const [request] = dlt645.plan([{ name: 'a', address: energy({ at: 4 }) }], LIMITS);

  function lineOf(frames: Buffer[], asked: Buffer[] = []): Line {
    return {
      serial: { baudRate: 2400, dataBits: 8, parity: 'even', stopBits: 1 },
      retunable: true,
      tell: async () => {},
      exchange: async ({ send }) => {
        asked.push(Buffer.from(send));
        return frames[Math.min(asked.length, frames.length) - 1] as Buffer;
      },
    };
  }
  const reply = (code: number, more: boolean, data: string) =>
    encodeFrame({ station, code, fromMeter: true, more, data: Buffer.concat([id, bytes(data)]) }, 0);
  const read = (line: Line) => {
    if (request === undefined) throw new Error('no request');
    return dlt645.read(request, line, { unitId: 1, station });
  };

  test('are read on until the last, each by its number', async () => {
    const asked: Buffer[] = [];
    const frames = [reply(0x11, true, '99 99 99'), reply(0x12, true, '99 42 06 01'), reply(0x12, false, '12 00 02')];
    expect(Object.fromEntries(await read(lineOf(frames, asked)))).toEqual({ a: good(1206.42) });
    expect(asked.map((sent) => decodeFrame(sent)).map(({ code, data }) => [code, data.toString('hex')])).toEqual([
      [0x11, '00000100'],
      [0x12, '0000010001'],
      [0x12, '0000010002'],
    ]);
  });

  test('with another number are garbled, and so are such that never end', async () => {
    const other = [reply(0x11, true, '99'), reply(0x12, false, '42 06 12 00 07')];
    await expect(read(lineOf(other))).rejects.toMatchObject({ code: 'garbled' });
    let number = 0;
    const endless: Line = {
      ...lineOf([]),
      exchange: async () =>
        number++ === 0 ? reply(0x11, true, '99') : reply(0x12, true, `99 0${(number - 1).toString(16)}`),
    };
    await expect(read(endless)).rejects.toMatchObject({ code: 'garbled' });
    expect(number).toBe(16);
  });
});

const SHARED = `
channels: [{ name: bus, driver: modbus-rtu, port: /dev/x, baudRate: 115200, timeout: 100ms }]
devices:
  - { name: room, channel: bus, unitId: 2, profile: xy-md02 }
  - { name: one, channel: bus, station: "000000000001", profile: dlt645/single-phase }
  - { name: two, channel: bus, station: "000000000002", profile: dlt645/three-phase }
`;

test('meters and a Modbus sensor share a line; one meter fails, the others do not', async () => {
  const plant = await plantOf(SHARED);
  const simulator = await startSimulator(plant, parts);
  const { channel, stop } = startChannel({
    ...(plant.channels[0] as never as object),
    port: simulator.endpoints[0]?.port,
  } as never);
  const [room, one, two] = plant.devices;
  if (!room || !one || !two) throw new Error('no devices');
  const qualities = async (device: typeof room) =>
    readAll(channel, { ...device, timeoutMs: 150 }).then(
      (answers) => [...new Set([...answers.values()].map(({ quality }) => quality))],
      (error: { code: string }) => error.code,
    );
  for (let round = 0; round < 3; round++)
    for (const device of [room, one, two]) expect(await qualities(device)).toEqual(['good']);
  for (const [fault, code] of [
    ['dead', 'no-answer'],
    ['garbled', 'garbled'],
    ['slow', 'no-answer'],
    ['busy', 'exception-other'],
  ] as const) {
    simulator.setFault('one', fault);
    expect(await qualities(one)).toBe(code);
    expect(await qualities(two)).toEqual(['good']);
    expect(await qualities(room)).toEqual(['good']);
  }
  await stop();
  await simulator.stop();
});
