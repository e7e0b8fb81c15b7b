import { describe, expect, test } from 'vitest';
import { brokerUrl } from '../../../gateway/kubeedge/broker-url.ts';
import { decimalOf, scalarOf } from '../../../gateway/kubeedge/config-data.ts';
import { pointName } from '../../../gateway/kubeedge/device-of.ts';
import { cycleMs, Keys } from '../../../gateway/kubeedge/dialect.ts';
import { lineOf } from '../../../gateway/kubeedge/line-of.ts';
import { visitOf } from '../../../gateway/kubeedge/modbus-visitor.ts';
import { twinText, valueText, wantedValue } from '../../../gateway/kubeedge/twin-text.ts';
import { wantedDocument } from '../../../gateway/kubeedge/wanted.ts';
import { anyOf } from '../../partners/kubeedge/objects.ts';

describe('configData', () => {
  test.each([9600, 0.1, 0.01, -12.5, 1e-6, 502, 3.25, 65_535, 16_777_216])(
    '%d comes back as it was written',
    (value) => {
      expect(scalarOf(anyOf(value))).toBe(value);
    },
  );

  test('what is the default of its type comes as an empty value', () => {
    expect([scalarOf(anyOf(0)), scalarOf(anyOf(false)), scalarOf(anyOf(''))]).toEqual([0, false, '']);
  });

  test('texts, and what cannot be read', () => {
    expect(scalarOf(anyOf('/dev/ttyUSB0'))).toBe('/dev/ttyUSB0');
    expect(scalarOf(anyOf('é'.repeat(100)))).toBe('é'.repeat(100));
    expect(scalarOf(anyOf(true))).toBe(true);
    expect(scalarOf({ type_url: 'type.googleapis.com/google.protobuf.ListValue', value: Buffer.from([1]) })).toBe(
      undefined,
    );
    expect(scalarOf({ ...anyOf('abc'), value: Buffer.from([0x0a, 9, 65]) })).toBe(undefined);
    expect(scalarOf({ ...anyOf(1.5), value: Buffer.from([0x0d, 1]) })).toBe(undefined);
  });

  test('what no float can hold is no number', () => {
    expect([scalarOf(anyOf(1e39)), scalarOf(anyOf(Number.NaN))]).toEqual([undefined, undefined]);
    const double = Buffer.alloc(9);
    double[0] = 0x09;
    double.writeDoubleLE(Number.POSITIVE_INFINITY, 1);
    expect(scalarOf({ type_url: 'type.googleapis.com/google.protobuf.DoubleValue', value: double })).toBeUndefined();
  });

  test('beyond 2^24 a float32 has forgotten: such numbers are written as texts', () => {
    expect(scalarOf(anyOf(16_777_217))).toBe(16_777_216);
    expect(decimalOf(Math.fround(0.1))).toBe(0.1);
  });
});

describe('dialects', () => {
  const int = { name: 'x', description: '', type: 'INT', accessMode: 'ReadOnly', minimum: '', maximum: '', unit: '' };
  const visit = (given: Record<string, string | number | boolean>, model = {}) =>
    visitOf(new Keys(given), { ...int, ...model });

  test.each([
    [{ register: 'CoilRegister', offset: 3, limit: 1 }, {}, { table: 'coil', register: 3, type: 'bool' }],
    [{ register: 'DiscreteInputRegister', offset: '4' }, {}, { table: 'discrete', register: 4, type: 'bool' }],
    [{ register: 'InputRegister', offset: 0, limit: 1 }, {}, { table: 'input', register: 0, type: 'uint16' }],
    [{ register: 'HoldingRegister', offset: 1, limit: 2 }, {}, { table: 'holding', register: 1, type: 'uint32' }],
    [{ register: 'HoldingRegister', limit: 2 }, { minimum: '-50' }, { table: 'holding', register: 0, type: 'int32' }],
    [
      { register: 'HoldingRegister', offset: 2, limit: 2, dataType: 'float', isRegisterSwap: true, scale: 0.1 },
      {},
      { table: 'holding', register: 2, type: 'float32', byteOrder: 'CDAB', scale: 0.1 },
    ],
    [
      { register: 'HoldingRegister', limit: 4, isSwap: true, isRegisterSwap: true },
      { type: 'DOUBLE' },
      { table: 'holding', register: 0, type: 'float64', byteOrder: 'DCBA' },
    ],
    [
      { register: 'HoldingRegister', isSwap: true },
      {},
      { table: 'holding', register: 0, type: 'uint16', byteOrder: 'BADC' },
    ],
    [
      { register: 'HoldingRegister', limit: 8 },
      { type: 'STRING' },
      { table: 'holding', register: 0, type: 'string', length: 8 },
    ],
    [{ register: 'HoldingRegister', dataType: 'int32' }, {}, { table: 'holding', register: 0, type: 'int32' }],
    [
      { table: 'input', register: '7', type: 'uint32', byteOrder: 'CDAB' },
      {},
      { table: 'input', register: 7, type: 'uint32', byteOrder: 'CDAB' },
    ],
  ])('%j %j', (given, model, address) => {
    expect(visit(given as Record<string, string>, model)).toMatchObject({ address });
  });

  test('bytes are no point', () => {
    expect(visit({ register: 'HoldingRegister', limit: 3 })).toEqual({
      problem: 'a int of 3 registers cannot be read',
    });
    expect(visit({ register: 'HoldingRegister' }, { type: 'BYTES' })).toHaveProperty('problem');
  });

  const line = (given: Record<string, string | number | boolean>) => lineOf(new Keys(given), undefined, []);

  test('lines: the examples’ mapper, the pull request’s, v1alpha2’s', () => {
    const serial = { baudRate: 9600, dataBits: 8, parity: 'even', stopBits: 1 };
    const made = { name: 'ke-ttyusb0', driver: 'modbus-rtu', port: '/dev/ttyUSB0', ...serial };
    const keys = { baudRate: 9600, dataBits: 8, stopBits: 1 };
    expect(line({ communicateMode: 'RTU', serialName: '/dev/ttyUSB0', parity: 'even', ip: '', ...keys })).toMatchObject(
      { channel: { made } },
    );
    expect(line({ serialPort: '/dev/ttyUSB0', parity: 'E', ...keys })).toMatchObject({ channel: { made } });
    const old = Object.fromEntries(Object.entries(keys).map(([key, value]) => [`com.${key}`, value]));
    expect(line({ 'com.serialPort': '/dev/ttyUSB0', 'com.parity': 'even', ...old })).toMatchObject({
      channel: { made },
    });
    const tcp = { name: 'ke-10.0.0.9-502', driver: 'modbus-tcp', port: 'tcp://10.0.0.9:502' };
    expect(line({ communicateMode: 'TCP', ip: '10.0.0.9', port: '502' })).toEqual({
      channel: { made: tcp },
      serial: {},
    });
    expect(line({ 'tcp.ip': '10.0.0.9' })).toEqual({ channel: { made: tcp }, serial: {} });
    expect(line({ slaveID: 1 })).toHaveProperty('problem');
  });

  test('unknown keys are told, with what may have been meant', () => {
    expect(new Keys({ slaveID: 1, slaevID: 2 }).unknown(['slaveid'])).toEqual([
      '`slaevID` is not known here; did you mean `slaveid`?',
    ]);
  });

  test('cycles: milliseconds, nanoseconds, none', () => {
    expect(cycleMs(0)).toEqual({ ms: 1000 });
    expect(cycleMs(5000)).toEqual({ ms: 5000 });
    expect(cycleMs(1_000_000_000)).toMatchObject({ ms: 1000, note: expect.stringContaining('nanoseconds') });
    expect(cycleMs(1)).toMatchObject({ ms: 20, note: expect.stringContaining('too short') });
    expect(cycleMs(-1)).toHaveProperty('problem');
    expect(cycleMs(60_000)).toEqual({ ms: 60_000 });
    // 50 ms of a mapper that counts nanoseconds, or 13.9 hours.
    expect(cycleMs(5e7)).toMatchObject({
      ms: 5e7,
      note: expect.stringContaining('13.9 h; in nanoseconds it would be 50 ms'),
    });
    expect(cycleMs(9e7)).toMatchObject({ problem: expect.stringContaining('more than a day') });
    expect(cycleMs(1e15)).toMatchObject({ problem: expect.stringContaining('more than a day') });
  });

  test('names of points', () => {
    expect(['temperature', 'waterTemp', 'Total kWh', '_x'].map(pointName)).toEqual([
      'temperature',
      'water-temp',
      'total-k-wh',
      'x',
    ]);
  });

  test('addresses of brokers', () => {
    expect(['tcp://10.0.0.1:1883', 'broker:1883', 'mqtts://b:8883'].map(brokerUrl)).toEqual([
      'mqtt://10.0.0.1:1883',
      'mqtt://broker:1883',
      'mqtts://b:8883',
    ]);
    const wrong = [
      'http://x',
      'file:///etc/passwd',
      'a b',
      'b:99999',
      'b:0',
      'tcp://[::1',
      'tcp://u:50%off@b',
      '',
      'b?x',
    ];
    expect(wrong.filter((address) => brokerUrl(address) !== undefined)).toEqual([]);
    expect(brokerUrl('tcp://u:50%25off@[::1]:1883')).toBe('mqtt://u:50%25off@[::1]:1883');
  });
});

describe('twins', () => {
  test('only what EdgeCore takes', () => {
    expect(valueText(1e21)).toBe('1e21');
    expect(Number(valueText(1e21))).toBe(1e21);
    expect(valueText(-0.5)).toBe('-0.5');
    expect(valueText(true)).toBe('true');
    expect(valueText('21 °C {a}')).toBe('21__C__a_');
    expect(valueText('x'.repeat(600))).toHaveLength(512);
  });

  test('a fault is an empty text, never 0', () => {
    expect(twinText({ quality: 'bad', fault: 'no-answer' })).toBe('');
    expect(twinText(undefined)).toBe('');
  });

  test('desired texts', () => {
    expect([wantedValue('42.5', 'number'), wantedValue('1e3', 'number')]).toEqual([42.5, 1000]);
    expect([wantedValue('', 'number'), wantedValue('warm', 'number'), wantedValue('maybe', 'boolean')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([wantedValue('true', 'boolean'), wantedValue('0', 'boolean'), wantedValue(' a ', 'text')]).toEqual([
      true,
      false,
      ' a ',
    ]);
  });

  test('what is wanted as before keeps its version', () => {
    const want = (point: string, value: number) => ({ point, value, by: 'kubeedge: default/d' });
    const first = wantedDocument({ version: 0, text: '{"points":{}}' }, [want('d/a', 1)], 5);
    expect(first?.version).toBe(1);
    const held = first as NonNullable<typeof first>;
    expect(wantedDocument(held, [want('d/a', 1)], 6)).toBeUndefined();
    const second = wantedDocument(held, [want('d/a', 1), want('d/b', 2)], 7);
    expect(JSON.parse(second?.text ?? '').points).toMatchObject({
      'd/a': { version: 1 },
      'd/b': { version: 2, enforce: false },
    });
  });

  test('what nobody wants for a while rests; the same value afterwards is none to write again, another one is', () => {
    const want = (value: number) => [{ point: 'd/a', value, by: 'kubeedge: default/d' }];
    const pointsOf = (document: { text: string } | undefined) => JSON.parse(document?.text ?? '').points;
    const first = wantedDocument({ version: 0, text: '{"points":{}}' }, want(55), 5);
    const gone = wantedDocument(first as NonNullable<typeof first>, [], 6);
    expect(pointsOf(gone)).toMatchObject({ 'd/a': { version: 1, rests: true } });
    const held = gone as NonNullable<typeof gone>;
    expect(wantedDocument(held, [], 7)).toBeUndefined();
    expect(pointsOf(wantedDocument(held, want(55), 7))).toEqual(pointsOf(first));
    expect(pointsOf(wantedDocument(held, want(56), 7))).toMatchObject({ 'd/a': { version: 3, value: 56 } });
  });
});
