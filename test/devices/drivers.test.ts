import { good } from '../../core/reading.ts';
import type { Driver } from '../../devices/driver.ts';
import { modbusAddress } from '../../devices/modbus/address.ts';
import { crc16 } from '../../devices/modbus/crc16.ts';
import { modbusRtu, modbusTcp } from '../../devices/modbus/driver.ts';
import { textAddress } from '../../devices/text/address.ts';
import { textLine } from '../../devices/text/driver.ts';
import { driverSuite } from '../suites/driver.ts';

const registers = [
  { name: 'voltage', address: modbusAddress.parse({ table: 'input', register: 0, type: 'float32' }) },
  { name: 'current', address: modbusAddress.parse({ table: 'input', register: 6, type: 'float32' }) },
  { name: 'alarm', address: modbusAddress.parse({ table: 'discrete', register: 3 }) },
];
const expected = { voltage: good(230.1), current: good(12.75), alarm: good(true) };

/** Function 2: bit 0 of one byte; function 4: eight registers, the words made with Python's struct. */
function pdu(code: number): Buffer {
  return code === 2 ? Buffer.from([1, 2, 1, 1]) : Buffer.from('0104104366199a0000000000000000414c0000', 'hex');
}

function overRtu(request: Buffer): Buffer {
  const body = pdu(request[1] as number);
  const crc = crc16(body);
  return Buffer.from([...body, crc & 0xff, crc >> 8]);
}

function overTcp(request: Buffer): Buffer {
  const body = pdu(request[7] as number);
  return Buffer.from([...request.subarray(0, 4), 0, body.length, ...body]);
}

driverSuite({ driver: modbusRtu as unknown as Driver, points: registers, answer: overRtu, expected });
driverSuite({ driver: modbusTcp as unknown as Driver, points: registers, answer: overTcp, expected });

const status = { send: 'Q1\r', start: '(', end: '\r', match: '^(?<volts>[0-9.]+) (?<load>[0-9]+)$' };
driverSuite({
  driver: textLine as unknown as Driver,
  points: [
    { name: 'volts', address: textAddress.parse({ ...status, group: 'volts' }) },
    { name: 'load', address: textAddress.parse({ ...status, group: 'load' }) },
    {
      name: 'model',
      address: textAddress.parse({ send: 'I\r', start: '#', end: '\r', split: ' ', field: 0, type: 'string' }),
    },
  ],
  answer: (request) => Buffer.from(request[0] === 0x51 ? '(226.5 014\r' : '#Acme X1\r', 'latin1'),
  expected: { volts: good(226.5), load: good(14), model: good('Acme') },
});
