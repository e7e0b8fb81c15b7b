import { describe, expect, test } from 'vitest';
import { Fault } from '../../../core/faults.ts';
import { bad, good, type Value } from '../../../core/reading.ts';
import type { Driver, Line, WriteResult } from '../../../devices/driver.ts';
import { type ModbusAddress, modbusAddress } from '../../../devices/modbus/address.ts';
import { putCrc } from '../../../devices/modbus/crc16.ts';
import { modbusRtu, modbusTcp } from '../../../devices/modbus/driver.ts';

const UNIT = 7;

/** A device on paper: 100 holding registers and coils, written as the standard says, by hand. */
class Paper {
  readonly words = new Uint16Array(100);
  readonly coils = new Uint8Array(100);
  /** Function codes that came. */
  readonly heard: number[] = [];
  /** Undefined: silent. */
  before: (code: number, pdu: Buffer) => Buffer | 'silent' | undefined = () => undefined;

  answer(pdu: Buffer): Buffer | undefined {
    const code = pdu[0] as number;
    this.heard.push(code);
    const early = this.before(code, pdu);
    if (early !== undefined) return early === 'silent' ? undefined : early;
    const [start, second] = [pdu.readUInt16BE(1), pdu.readUInt16BE(3)];
    if (code === 1) return Buffer.of(1, 1, this.coils[start] as number);
    if (code === 3) {
      const data = Buffer.alloc(second * 2);
      for (let i = 0; i < second; i++) data.writeUInt16BE(this.words[start + i] as number, i * 2);
      return Buffer.concat([Buffer.of(3, data.length), data]);
    }
    if (code === 5) this.coils[start] = second === 0xff00 ? 1 : 0;
    else if (code === 6) this.words[start] = second;
    else if (code === 15) this.coils[start] = (pdu[6] as number) & 1;
    else if (code === 16) for (let i = 0; i < second; i++) this.words[start + i] = pdu.readUInt16BE(6 + i * 2);
    else if (code === 22) {
      const or = pdu.readUInt16BE(5);
      this.words[start] = ((this.words[start] as number) & second) | (or & ~second);
      return pdu;
    } else return Buffer.of(code | 0x80, 1);
    return pdu.subarray(0, 5);
  }
}

interface Framing {
  readonly driver: Driver;
  pduOf(frame: Buffer): Buffer;
  frame(request: Buffer, pdu: Buffer): Buffer;
}

const FRAMINGS: readonly Framing[] = [
  {
    driver: modbusRtu as unknown as Driver,
    pduOf: (frame) => frame.subarray(1, -2),
    frame(_, pdu) {
      const frame = Buffer.concat([Buffer.of(UNIT), pdu, Buffer.alloc(2)]);
      putCrc(frame, frame.length - 2);
      return frame;
    },
  },
  {
    driver: modbusTcp as unknown as Driver,
    pduOf: (frame) => frame.subarray(7),
    frame(request, pdu) {
      const head = Buffer.from(request.subarray(0, 7));
      head.writeUInt16BE(pdu.length + 1, 4);
      return Buffer.concat([head, pdu]);
    },
  },
];

describe.each(FRAMINGS)('writing by $driver.name', ({ driver, pduOf, frame }) => {
  const at = (given: Record<string, unknown>): ModbusAddress =>
    modbusAddress.parse({ table: 'holding', register: 10, ...given });

  function write(paper: Paper, given: Record<string, unknown>, value: Value): Promise<WriteResult> {
    const line: Line = {
      serial: { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
      retunable: false,
      tell: async () => {},
      async exchange({ send, until }) {
        const request = Buffer.from(send);
        const reply = paper.answer(Buffer.from(pduOf(request)));
        if (reply === undefined) throw new Fault('no-answer');
        const bytes = frame(request, reply);
        if (until(bytes) !== bytes.length) throw new Fault('no-answer', 'the reply never ended');
        return bytes;
      },
    };
    const point = { name: 'p', address: at(given) };
    if (driver.write === undefined) throw new Error('no write');
    return driver.write(point, value, line, { unitId: UNIT });
  }

  test.each<[string, Record<string, unknown>, Value, number[], Value]>([
    ['a register by 6', { type: 'int16', scale: 0.1 }, 55.5, [6, 3], 55.5],
    ['a register by 16', { type: 'int16', writeWith: 'multiple' }, -3, [16, 3], -3],
    ['two registers by 16', { type: 'float32', byteOrder: 'CDAB' }, 1.25, [16, 3], 1.25],
    ['a text', { type: 'string', length: 4, half: 'low' }, 'AB1', [16, 3], 'AB1'],
    ['a coil by 5', { table: 'coil' }, true, [5, 1], true],
    ['a coil by 15', { table: 'coil', writeWith: 'multiple' }, true, [15, 1], true],
    ['the nearest step', { type: 'int16', scale: 0.1 }, 55.55, [6, 3], 55.6],
    ['what is not read back', { type: 'uint16', readBack: false }, 1, [6], 1],
  ])('%s', async (_, given, value, codes, wrote) => {
    const paper = new Paper();
    const result = await write(paper, given, value);
    expect(result).toMatchObject({ result: 'done', wrote });
    if (given.readBack !== false) expect(result).toMatchObject({ readBack: good(wrote) });
    expect(paper.heard).toEqual(codes);
  });

  test('one bit: the others stay, whatever the byte order', async () => {
    for (const [order, word, expected] of [
      ['ABCD', 0b1010_0000_0000_0101, 0b1010_0000_0000_1101],
      ['BADC', 0b1010_0000_0000_0101, 0b1010_1000_0000_0101],
    ] as const) {
      const paper = new Paper();
      paper.words[10] = word;
      const bit = { type: 'bool', bit: 3, byteOrder: order };
      expect(await write(paper, bit, true)).toMatchObject({ result: 'done', readBack: good(true) });
      expect(paper.words[10]).toBe(expected);
      expect(await write(paper, bit, false)).toMatchObject({ result: 'done', readBack: good(false) });
      expect(paper.words[10]).toBe(word);
      expect(paper.heard).toEqual([3, 6, 3, 3, 6, 3]);
    }
  });

  test('one bit by mask write: the device changes it by itself', async () => {
    const paper = new Paper();
    paper.words[10] = 0xff00;
    const bit = { type: 'bool', bit: 0, writeWith: 'mask' };
    expect(await write(paper, bit, true)).toMatchObject({ result: 'done', readBack: good(true) });
    expect(paper.words[10]).toBe(0xff01);
    expect(await write(paper, { ...bit, bit: 15 }, false)).toMatchObject({ result: 'done' });
    expect(paper.words[10]).toBe(0x7f01);
    expect(paper.heard).toEqual([22, 3, 22, 3]);
  });

  test('one bit of a register that says it has no value is left alone', async () => {
    const paper = new Paper();
    paper.words[10] = 0xffff;
    const result = await write(paper, { type: 'bool', bit: 3, invalid: 0xffff }, false);
    expect(result).toMatchObject({ result: 'failed', fault: 'no-value' });
    expect(paper.words[10]).toBe(0xffff);
  });

  test('a value with a scale factor: the factor is read first', async () => {
    const paper = new Paper();
    paper.words[12] = 0xfffe;
    const given = { type: 'uint16', scaleFrom: { register: 12 } };
    expect(await write(paper, given, 23.45)).toEqual({ result: 'done', wrote: 23.45, readBack: good(23.45) });
    expect(paper.words[10]).toBe(2345);
    expect(paper.heard).toEqual([3, 6, 3]);
    paper.words[12] = 0x8000;
    expect(await write(paper, given, 1)).toMatchObject({ result: 'failed', fault: 'no-scale' });
    expect(paper.words[10]).toBe(2345);
  });

  test.each([1, 2, 3, 4, 6, 10])('exception %d: refused', async (exception) => {
    const paper = new Paper();
    paper.before = (code) => (code === 6 ? Buffer.of(0x86, exception) : undefined);
    expect(await write(paper, { type: 'int16' }, 1)).toMatchObject({ result: 'refused', exception });
    expect(paper.heard).toEqual([6]);
  });

  test.each([5, 11])('exception %d: it may have been done', async (exception) => {
    const paper = new Paper();
    paper.before = (code) => (code === 6 ? Buffer.of(0x86, exception) : undefined);
    expect(await write(paper, { type: 'int16' }, 1)).toMatchObject({ result: 'unknown', exception });
  });

  test('no answer, or a garbled one: not known', async () => {
    const paper = new Paper();
    paper.before = (code, pdu) => {
      paper.words[10] = pdu.readUInt16BE(3);
      return code === 6 ? 'silent' : undefined;
    };
    expect(await write(paper, { type: 'int16' }, 8)).toMatchObject({ result: 'unknown', fault: 'no-answer' });
    // It was carried out, and yet nobody can know.
    expect(paper.words[10]).toBe(8);
    paper.before = (code) => (code === 6 ? Buffer.of(6, 0, 99, 0, 1) : undefined);
    expect(await write(paper, { type: 'int16' }, 9)).toMatchObject({ result: 'unknown', fault: 'garbled' });
  });

  test('the device holds something else', async () => {
    const paper = new Paper();
    paper.before = (code, pdu) => {
      if (code === 6) paper.words[10] = Math.min(50, pdu.readUInt16BE(3));
      return code === 6 ? pdu : undefined;
    };
    expect(await write(paper, { type: 'uint16' }, 80)).toEqual({ result: 'differs', wrote: 80, readBack: good(50) });
    expect(await write(paper, { type: 'uint16' }, 40)).toMatchObject({ result: 'done' });
  });

  test('acknowledged, but not to be read back', async () => {
    const paper = new Paper();
    paper.before = (code) => (code === 3 ? 'silent' : undefined);
    expect(await write(paper, { type: 'uint16' }, 80)).toEqual({
      result: 'done',
      wrote: 80,
      readBack: bad('no-answer'),
    });
  });

  test('the bit is not written when the others cannot be read', async () => {
    const paper = new Paper();
    paper.before = (code) => (code === 3 ? 'silent' : undefined);
    expect(await write(paper, { type: 'bool', bit: 1 }, true)).toMatchObject({ result: 'failed', fault: 'no-answer' });
    expect(paper.heard).toEqual([3]);
  });

  test.each<[Record<string, unknown>, Value, RegExp]>([
    [{ type: 'uint16' }, 70_000, /70000 does not fit uint16, which holds 0 to 65535/],
    [{ type: 'int16', scale: 0.1 }, 3276.8, /does not fit int16/],
    [{ type: 'uint16', invalid: 0xffff }, 65_535, /65535 is the device's own code/],
    [{ type: 'uint16' }, 'on', /is no number/],
    [{ table: 'coil' }, 'on', /neither true nor false/],
    [{ table: 'input', type: 'uint16' }, 1, /table input cannot be written/],
  ])('%j and %j: nothing is sent', async (given, value, message) => {
    const paper = new Paper();
    const result = await write(paper, given, value);
    expect(result).toMatchObject({ result: 'failed', fault: 'value-unfit', detail: expect.stringMatching(message) });
    expect(paper.heard).toEqual([]);
  });
});
