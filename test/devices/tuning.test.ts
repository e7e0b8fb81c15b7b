import { execFileSync } from 'node:child_process';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../core/clock.ts';
import { good } from '../../core/reading.ts';
import type { Channel, LeaseOptions } from '../../devices/channels/channel.ts';
import type { Step } from '../../devices/driver.ts';
import type { ChannelSpec } from '../../devices/plant-types.ts';
import { describeWith } from '../support/tools.ts';
import { codeOf, useChannels } from '../support/use-channels.ts';
import { drivers, later, readOf, rtuAnswer } from './far-end.ts';
import { loadPlant } from './support.ts';

const { far, start, pty } = useChannels();

/** Time to answer that a busy machine does not use up. */
const PATIENT_MS = 3000;

async function onPty(serve: (socket: Socket) => void, more: Partial<ChannelSpec> = {}) {
  const link = await pty(serve);
  const channel = start(link, { timeoutMs: PATIENT_MS, ...more });
  await channel.lease(async () => {});
  const speed = () => Number(execFileSync('stty', ['-F', link, 'speed'], { encoding: 'utf8' }));
  return { channel, speed };
}

const ask = (channel: Channel, step: Partial<Step>, options: LeaseOptions = {}) =>
  channel.lease(
    (line) =>
      line.exchange({ send: Buffer.of(1), until: (bytes) => (bytes.at(-1) === 0xff ? bytes.length : 0), ...step }),
    options,
  );

const answering = (socket: Socket) => void socket.on('data', () => socket.write(Buffer.of(7, 0xff)));

describe('a change of speed over TCP', () => {
  test('is refused where the server has its own speed, and the line goes on', async () => {
    const channel = start((await far(answering)).port);
    expect(await codeOf(ask(channel, { answerBaudRate: 300 }))).toBe('speed-fixed');
    expect(await codeOf(ask(channel, { answerBaudRate: 115_200 }))).toBe('no fault');
  });

  test('is allowed where the server follows; the next lease begins at the speed of the channel', async () => {
    const channel = start((await far(answering)).port, { followsSpeed: true });
    await channel.lease(async (line) => {
      await line.exchange({ send: Buffer.of(1), until: (bytes) => bytes.length, answerBaudRate: 300 });
      expect(line.serial.baudRate).toBe(300);
    });
    await channel.lease(async (line) => expect(line.serial.baudRate).toBe(115_200));
  });
});

describe('a reply of unknown length', () => {
  // Each byte comes in time, all of them together do not.
  const [TRICKLE_MS, timeoutMs] = [100, 700];
  const trickling = (count: number) => (socket: Socket) =>
    void socket.on('data', async () => {
      for (let i = 0; i < count; i++) {
        await later(TRICKLE_MS);
        socket.write(Buffer.of(i === count - 1 ? 0xff : 1));
      }
    });

  test('over TCP has time as long as it goes on', async () => {
    const channel = start((await far(trickling(10))).port, { timeoutMs });
    expect(await ask(channel, { atMost: 64 })).toHaveLength(10);
    expect(await codeOf(ask(channel, {}))).toBe('garbled');
  });

  test('that never ends is garbled', async () => {
    const channel = start(
      (await far((socket) => void socket.on('data', () => socket.write(Buffer.alloc(65, 1))))).port,
    );
    expect(await codeOf(ask(channel, { atMost: 64 }))).toBe('garbled');
  });

  describeWith('socat', 'on a pseudo-terminal', () => {
    test('has time as long as it goes on, and is garbled beyond its limit', async () => {
      const { channel } = await onPty(trickling(12), { timeoutMs });
      expect(await ask(channel, { atMost: 64 })).toHaveLength(12);
      expect(await codeOf(ask(channel, { atMost: 4 }))).toBe('garbled');
    });
  });
});

const poll = (channel: Channel, register: number, options: LeaseOptions = {}) =>
  channel
    .lease((line) => drivers.rtu.read(readOf(register), line, { unitId: 1 }), options)
    .then((got) => got.get('value'));

describe('an adapter that hears itself', () => {
  const echoing = (socket: Socket) =>
    void socket.on('data', async (request: Buffer) => {
      const heard = Buffer.from(request);
      if (heard[3] === 2) heard[0] = 9;
      socket.write(heard.subarray(0, 3));
      await later(5);
      socket.write(Buffer.concat([heard.subarray(3), rtuAnswer(request)]));
    });

  test('its echo is not taken for the answer; a damaged one is garbled', async () => {
    const channel = start((await far(echoing)).port, { echo: true });
    expect(await poll(channel, 1)).toEqual(good(1));
    expect(await codeOf(poll(channel, 2))).toBe('garbled');
    expect(await poll(channel, 3)).toEqual(good(3));
  });

  test('without the setting an echo is a fault, never a value', async () => {
    expect(await codeOf(poll(start((await far(echoing)).port), 1))).toBe('garbled');
  });
});

test('between two protocols the line rests, between two leases of one it does not', async () => {
  const settleMs = 60_000;
  const seen: string[] = [];
  let skippedMs = 0;
  // Time goes on as it does, but rests as long as this one are skipped.
  const clock: Clock = {
    ...systemClock,
    ticks: () => systemClock.ticks() + skippedMs,
    sleep: async (ms, signal) => {
      if (ms < settleMs / 2) return systemClock.sleep(ms, signal);
      seen.push('rest');
      skippedMs += ms;
    },
  };
  const end = await far((socket) =>
    socket.on('data', (request: Buffer) => {
      seen.push('asked');
      socket.write(rtuAnswer(request));
    }),
  );
  const channel = start(end.port, { settleMs, timeoutMs: PATIENT_MS }, clock);
  const seenOf = async (driver: string) => {
    seen.length = 0;
    await poll(channel, 1, { driver });
    return seen;
  };
  await seenOf('a');
  expect(await seenOf('a')).toEqual(['asked']);
  expect(await seenOf('b')).toEqual(['rest', 'asked']);
  expect(await seenOf('a')).toEqual(['rest', 'asked']);
  skippedMs += settleMs;
  expect(await seenOf('b')).toEqual(['asked']);
});

describeWith('socat', 'a change of speed on a pseudo-terminal', () => {
  test('comes after the request and before the answer, and is undone for the next lease even when the first failed', async () => {
    let [silent, expected, seen] = [false, 115_200, 0];
    const { channel, speed } = await onPty((socket) => {
      socket.on('data', async () => {
        // The answer waits for its speed: it never comes where the line is not set to it.
        for (seen = speed(); seen !== expected && socket.writable; seen = speed()) await later(20);
        if (!silent) socket.write(Buffer.of(7, 0xff));
      });
    });
    expect(speed()).toBe(115_200);
    expected = 2400;
    await ask(channel, { answerBaudRate: 2400 });
    expected = 115_200;
    await ask(channel, {});
    [silent, expected] = [true, 300];
    expect(await codeOf(ask(channel, { answerBaudRate: 300 }))).toBe('no-answer');
    expect(seen).toBe(300);
    [silent, expected] = [false, 115_200];
    await ask(channel, {});
    expect(seen).toBe(115_200);
  });

  test('throws the echo away with it; on a line that does not, the echo is skipped', async () => {
    const hearing = (socket: Socket) => {
      socket.on('data', async (request: Buffer) => {
        socket.write(request);
        await later(200);
        socket.write(Buffer.of(7, 0xff));
      });
    };
    const { channel } = await onPty(hearing, { echo: true });
    const step = { send: Buffer.of(1, 2, 3), answerBaudRate: 2400 };
    expect(Buffer.from(await ask(channel, step))).toEqual(Buffer.of(7, 0xff));
    const overTcp = start((await far(hearing)).port, { echo: true, followsSpeed: true, timeoutMs: PATIENT_MS });
    expect(Buffer.from(await ask(overTcp, step))).toEqual(Buffer.of(7, 0xff));
  });

  test('a lease may have a speed and a parity of its own', async () => {
    let seen = 0;
    const { channel, speed } = await onPty((socket) => {
      socket.on('data', () => {
        seen = speed();
        socket.write(Buffer.of(7, 0xff));
      });
    });
    const own = { baudRate: 2400, dataBits: 8, parity: 'even', stopBits: 1 } as const;
    await ask(channel, {}, { serial: own });
    expect(seen).toBe(2400);
    await channel.lease(async (line) => expect(line.serial).toEqual(own), { serial: own });
    await ask(channel, {});
    expect(seen).toBe(115_200);
  });
});

test('a device may have its own settings of the line, and none behind a device server that has its own', async () => {
  const yaml = (channel: string) => `
channels: [{ name: bus, driver: modbus-rtu, ${channel} }]
devices:
  - name: d
    channel: bus
    serial: { baudRate: 2400, parity: even }
    points: { a: { address: { table: holding, register: 1, type: int16 } } }`;
  const { plant, problems } = await loadPlant(
    yaml('port: /dev/x, baudRate: 9600, stopBits: 2, settle: 80ms, echo: true'),
  );
  expect(problems).toEqual([]);
  expect(plant.devices[0]?.serial).toEqual({ baudRate: 2400, dataBits: 8, parity: 'even', stopBits: 2 });
  expect(plant.channels[0]).toMatchObject({ settleMs: 80, echo: true });
  const refused = await loadPlant(yaml('port: "tcp://127.0.0.1:4001"'));
  expect(refused.problems.map(({ message }) => message)).toEqual([expect.stringContaining('set in the server')]);
  expect((await loadPlant(yaml('port: "tcp://127.0.0.1:4001", followsSpeed: true'))).problems).toEqual([]);
});
