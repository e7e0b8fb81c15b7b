import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { good } from '../../core/reading.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import { putCrc } from '../../devices/modbus/crc16.ts';
import { describeWith } from '../support/tools.ts';
import { orCode, useChannels } from '../support/use-channels.ts';
import { drivers, later, readOf, rtuAnswer, tcpAnswer } from './far-end.ts';

/** What users of other gateways complain about the line itself; numbered as in test/gateway/complaints-bus.test.ts. */

const { far, start, pty, plugIn } = useChannels();

/** The outcome, or the fault's code. */
function ask(channel: Channel, unitId: number, register: number, driver: keyof typeof drivers): Promise<unknown> {
  const answers = channel.lease((line) => drivers[driver].read(readOf(register), line, { unitId }));
  return orCode(answers.then((got) => got.get('value')));
}

const each =
  (answer: (request: Buffer) => Buffer | undefined) =>
  (socket: Socket): void => {
    socket.on('data', (request: Buffer) => {
      const reply = answer(request);
      if (reply) socket.write(reply);
    });
  };

describe.each([
  ['rtu', rtuAnswer, 0],
  ['tcp', tcpAnswer, 6],
] as const)('over %s', (driver, answer, unitAt) => {
  test('2: the late answer of one slave is never the answer of the next (pymodbus 2636)', async () => {
    const end = await far((socket) => {
      socket.on('data', async (request: Buffer) => {
        // Unit 1 answers when unit 2 has been asked.
        if (request[unitAt] === 1) await later(220);
        if (socket.writable) socket.write(answer(request));
      });
    });
    const channel = start(end.port, { driver: driver === 'tcp' ? 'modbus-tcp' : 'modbus-rtu' });
    for (let round = 0; round < 4; round++) {
      expect(await ask(channel, 1, 100 + round, driver)).toBe('no-answer');
      const outcome = await ask(channel, 2, 200 + round, driver);
      // A fault is allowed where nothing tells late from now; another unit's value never is.
      if (typeof outcome !== 'string') expect(outcome).toEqual(good(200 + round));
    }
    expect(await ask(channel, 2, 300, driver)).toEqual(good(300));
  });

  test('4: an answer of another unit is a fault of that request alone (neuron 2148, device-modbus-go 147)', async () => {
    let strange = true;
    const reply = (request: Buffer) => {
      const bytes = answer(request);
      if (!strange) return bytes;
      strange = false;
      bytes[unitAt] = 49;
      if (driver === 'rtu') putCrc(bytes, bytes.length - 2);
      return bytes;
    };
    const end = await far(each(reply));
    const channel = start(end.port, { driver: driver === 'tcp' ? 'modbus-tcp' : 'modbus-rtu' });
    expect(await ask(channel, 3, 1, driver)).toBe('garbled');
    expect(await ask(channel, 3, 2, driver)).toEqual(good(2));
    expect(await ask(channel, 4, 3, driver)).toEqual(good(3));
  });
});

test('6: a device that serves one connection sees one (device-modbus-go 356)', async () => {
  const end = await far(each(tcpAnswer));
  const channel = start(end.port, { driver: 'modbus-tcp', maxInFlight: 4 });
  await Promise.all([1, 2, 3, 4, 5, 6].map((unit) => ask(channel, unit, unit, 'tcp')));
  expect([end.connections(), end.open()]).toEqual([1, 1]);
});

describeWith('socat', 'on a serial port', () => {
  const serve = (socket: Socket) => {
    // Byte by byte, as long as 1200 baud would take.
    socket.on('data', async (request: Buffer) => {
      for (const byte of rtuAnswer(request)) {
        await later(9);
        if (socket.writable) socket.write(Buffer.from([byte]));
      }
    });
  };

  test('11: at a low speed the answer is heard to its end (FUXA 1107)', async () => {
    const channel = start(await pty(serve), {
      timeoutMs: 500,
      serial: { baudRate: 1200, dataBits: 8, parity: 'none', stopBits: 1 },
    });
    for (const register of [1, 2, 3]) expect(await ask(channel, 1, register, 'rtu')).toEqual(good(register));
  });

  test('12: a port that has another name after a restart is found by what it is (device-modbus-go 636)', async () => {
    const end = await far(each(rtuAnswer));
    const folder = mkdtempSync(join(tmpdir(), 'sluice-by-id-'));
    const [first, second, byId] = ['ttyUSB0', 'ttyUSB1', 'usb-xyz'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const unplug = await plugIn(first, end);
    symlinkSync(first, byId);
    const channel = start(byId);
    expect(await ask(channel, 1, 5, 'rtu')).toEqual(good(5));
    await unplug();
    expect(typeof (await ask(channel, 1, 6, 'rtu'))).toBe('string');
    rmSync(byId);
    await plugIn(second, end);
    symlinkSync(second, byId);
    await expect.poll(() => channel.state.state, { timeout: 8000 }).toBe('open');
    expect(await ask(channel, 1, 7, 'rtu')).toEqual(good(7));
  });
});
