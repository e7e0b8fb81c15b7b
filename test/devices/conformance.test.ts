import { good } from '../../core/reading.ts';
import { dlt645Address } from '../../devices/dlt645/address.ts';
import { dlt645 } from '../../devices/dlt645/driver.ts';
import type { Driver } from '../../devices/driver.ts';
import { obisAddress } from '../../devices/iec62056/address.ts';
import { iec62056 } from '../../devices/iec62056/driver.ts';
import { mbusAddress } from '../../devices/mbus/address.ts';
import { mbus } from '../../devices/mbus/driver.ts';
import { modbusAddress } from '../../devices/modbus/address.ts';
import { putCrc } from '../../devices/modbus/crc16.ts';
import { modbusRtu, modbusTcp } from '../../devices/modbus/driver.ts';
import { textAddress } from '../../devices/text/address.ts';
import { textLine } from '../../devices/text/driver.ts';
import { conformance } from './conformance.ts';

const flip = (place: number) => (reply: Buffer) => {
  reply[place] = (reply[place] as number) ^ 1;
  return reply;
};

function withCrc(bytes: number[]): Buffer {
  const frame = Buffer.from([...bytes, 0, 0]);
  putCrc(frame, bytes.length);
  return frame;
}

conformance({
  driver: modbusRtu as unknown as Driver,
  points: [{ name: 'count', address: modbusAddress.parse({ table: 'holding', register: 7, type: 'uint16' }) }],
  device: () => (_, n) => withCrc([1, 3, 2, 0, n]),
  expected: (n) => ({ count: good(n) }),
  exchanges: 1,
  covered: [0],
  wrong: {
    'another unit': { at: 0, change: () => withCrc([2, 3, 2, 0, 9]), code: 'garbled' },
    'another function': { at: 0, change: () => withCrc([1, 4, 2, 0, 9]), code: 'garbled' },
    'another length': { at: 0, change: () => withCrc([1, 3, 4, 0, 9, 0, 9]), code: 'garbled' },
    'exception 2': { at: 0, change: () => withCrc([1, 0x83, 2]), code: 'illegal-address' },
  },
});

/** With the transaction number of its request. */
const tcpReply = (request: Buffer, n: number) =>
  Buffer.concat([request.subarray(0, 4), Buffer.of(0, 5, 1, 3, 2, 0, n)]);

const put =
  (place: number, ...bytes: number[]) =>
  (reply: Buffer) => {
    reply.set(bytes, place);
    return reply;
  };

conformance({
  driver: modbusTcp as unknown as Driver,
  points: [{ name: 'count', address: modbusAddress.parse({ table: 'holding', register: 7, type: 'uint16' }) }],
  isTcpOnly: true,
  device: () => tcpReply,
  expected: (n) => ({ count: good(n) }),
  exchanges: 1,
  // Nothing covers the data but TCP itself.
  covered: [],
  wrong: {
    'another unit': { at: 0, change: put(6, 2), code: 'garbled' },
    'another function': { at: 0, change: put(7, 4), code: 'garbled' },
    'another protocol': { at: 0, change: put(2, 0, 1), code: 'garbled' },
    'another count of data': { at: 0, change: put(8, 4), code: 'garbled' },
    'a header that claims less': { at: 0, change: put(5, 3), code: 'garbled' },
    'a header that claims more': { at: 0, change: put(5, 8), code: 'garbled' },
    'a header that claims nothing': { at: 0, change: put(5, 0), code: 'garbled' },
    'a header that claims 64 KiB': { at: 0, change: put(4, 0xff, 0xff), code: 'garbled' },
    'more data than asked for': {
      at: 0,
      change: (reply) => Buffer.concat([put(5, 7)(put(8, 4)(reply)), Buffer.of(0, 9)]),
      code: 'garbled',
    },
    // Nobody waits for it: it is dropped, and the connection stays.
    'another transaction': { at: 0, change: put(0, 0xee, 0xee), code: 'no-answer' },
    'exception 2': {
      at: 0,
      change: (reply) => Buffer.concat([reply.subarray(0, 4), Buffer.of(0, 3, 1, 0x83, 2)]),
      code: 'illegal-address',
    },
    'an exception to another function': {
      at: 0,
      change: (reply) => Buffer.concat([reply.subarray(0, 4), Buffer.of(0, 3, 1, 0x84, 2)]),
      code: 'garbled',
    },
  },
});

conformance({
  driver: textLine as unknown as Driver,
  points: [
    {
      name: 'count',
      address: textAddress.parse({
        send: 'Q\r',
        start: '(',
        end: '\r',
        checksum: 'xor',
        match: '^N(?<n>[0-9]+)$',
        group: 'n',
      }),
    },
  ],
  device: () => (_, n) => {
    const body = `N${n}`;
    const xor = [...Buffer.from(body)].reduce((a, b) => a ^ b, 0);
    return Buffer.from(`(${body}*${xor.toString(16).padStart(2, '0')}\r`);
  },
  expected: (n) => ({ count: good(n) }),
  exchanges: 1,
  covered: [0],
  wrong: {
    'a wrong checksum': { at: 0, change: flip(-1 + 2), code: 'garbled' },
    'a line of another kind': { at: 0, change: () => Buffer.from('(X*58\r'), code: 'bad-text' },
  },
});

/** Meter 000000000001 answers for total energy; control code, shifted data and checksum by hand. */
function energyFrame(n: number, { control = 0x91, station = 1, id = [0, 0, 1, 0] } = {}): Buffer {
  const bcd = (value: number) => Number.parseInt(String(value % 100).padStart(2, '0'), 16);
  const data = [...id, bcd(n), bcd(Math.floor(n / 100)), 0, 0].map((byte) => (byte + 0x33) & 0xff);
  const frame = [0x68, station, 0, 0, 0, 0, 0, 0x68, control, data.length, ...data];
  return Buffer.from([0xfe, 0xfe, ...frame, frame.reduce((a, b) => (a + b) & 0xff, 0), 0x16]);
}

function refused(word: number): Buffer {
  const frame = [0x68, 1, 0, 0, 0, 0, 0, 0x68, 0xd1, 1, (word + 0x33) & 0xff];
  return Buffer.from([...frame, frame.reduce((a, b) => (a + b) & 0xff, 0), 0x16]);
}

conformance({
  driver: dlt645 as unknown as Driver,
  points: [{ name: 'energy', address: dlt645Address.parse({ id: '00010000', digits: 8, decimals: 2 }) }],
  target: { unitId: 1, station: '000000000001' },
  device: () => (_, n) => energyFrame(n),
  expected: (n) => ({ energy: good(n / 100) }),
  exchanges: 1,
  covered: [0],
  wrong: {
    'another meter': { at: 0, change: () => energyFrame(9, { station: 2 }), code: 'garbled' },
    'other data': { at: 0, change: () => energyFrame(9, { id: [0, 0, 2, 0] }), code: 'garbled' },
    'the master itself': { at: 0, change: () => energyFrame(9, { control: 0x11 }), code: 'garbled' },
    'another command': { at: 0, change: () => energyFrame(9, { control: 0x93 }), code: 'garbled' },
    'no such data': { at: 0, change: () => refused(0x02), code: 'illegal-address' },
    'no permission': { at: 0, change: () => refused(0x04), code: 'access-denied' },
    'another error': { at: 0, change: () => refused(0x01), code: 'exception-other' },
  },
});

/** An M-Bus long frame; checksum by hand. */
function longFrame(control: number, address: number, ci: number, data: number[]): Buffer {
  const body = [control, address, ci, ...data];
  return Buffer.from([0x68, body.length, body.length, 0x68, ...body, body.reduce((a, b) => (a + b) & 0xff, 0), 0x16]);
}

const HEADER = [0x78, 0x56, 0x34, 0x12, 0x24, 0x40, 1, 7, 0x55, 0, 0, 0];

/** Meter 5 in two telegrams: volume now, and at the end of the last period. */
function meterFive() {
  return (request: Buffer, n: number): Buffer => {
    if (request[1] === 0x40) return Buffer.of(0xe5);
    const isFirst = request[1] === 0x7b;
    return longFrame(0x08, 5, 0x72, [...HEADER, isFirst ? 0x01 : 0x41, 0x13, n, ...(isFirst ? [0x1f] : [])]);
  };
}

conformance({
  driver: mbus as unknown as Driver,
  points: [
    { name: 'now', address: mbusAddress.parse({ quantity: 'volume', unit: 'l' }) },
    { name: 'last', address: mbusAddress.parse({ quantity: 'volume', storage: 1, unit: 'l' }) },
  ],
  target: { unitId: 5 },
  device: meterFive,
  expected: (n) => ({ now: good(n), last: good(n) }),
  exchanges: 3,
  covered: [0, 1, 2],
  wrong: {
    'another meter': { at: 1, change: () => longFrame(0x08, 6, 0x72, [...HEADER, 1, 0x13, 9]), code: 'garbled' },
    'a telegram without data': { at: 2, change: () => Buffer.of(0xe5), code: 'no-value' },
    'a busy meter': { at: 1, change: () => longFrame(0x08, 5, 0x70, [8]), code: 'device-busy' },
    'a record without its end': {
      at: 1,
      change: () => longFrame(0x08, 5, 0x72, [...HEADER, 4, 0x13, 9]),
      code: 'unexpected-data',
    },
  },
});

/** A data block; the block check by hand: XOR behind STX up to ETX. */
function dataBlock(text: string): Buffer {
  const body = Buffer.from(`${text}\r\n!\r\n\x03`);
  return Buffer.from([2, ...body, body.reduce((a, b) => a ^ b, 0)]);
}

conformance({
  driver: iec62056 as unknown as Driver,
  points: [{ name: 'total', address: obisAddress.parse({ obis: '1.8.0', unit: 'kWh' }) }],
  target: { unitId: 1 },
  // Seven bits, at the speed that the meter offers: nothing changes on the way.
  channel: { serial: { baudRate: 9600, dataBits: 7, parity: 'even', stopBits: 1 } },
  device: () => (request, n) => (request[0] === 0x2f ? Buffer.from('/LGZ5\\2ZMD\r\n') : dataBlock(`1.8.0(${n}.5*kWh)`)),
  expected: (n) => ({ total: good(n + 0.5) }),
  exchanges: 2,
  // A damaged block is asked for again and is right then; an identification has no checksum, but nothing hangs on its text.
  covered: [],
  wrong: {
    'a meter of mode B': { at: 0, change: () => Buffer.from('/LGZAx\r\n'), code: 'unexpected-data' },
    'its own sign-on': { at: 0, change: () => Buffer.from('/?!\r\n'), code: 'garbled' },
    'no such data': { at: 1, change: () => dataBlock('2.8.0(1*kWh)'), code: 'illegal-address' },
    'another unit': { at: 1, change: () => dataBlock('1.8.0(1*kW)'), code: 'wrong-unit' },
  },
});
