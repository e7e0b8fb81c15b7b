import { mkdtempSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { good } from '../../core/reading.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import { openPty } from '../../devices/simulator/pty.ts';
import { describeWith } from '../support/tools.ts';
import { channelAt, drivers, farEnd, later, readOf, rtuAnswer, tcpAnswer } from './far-end.ts';
import { startChannel } from './support.ts';

/** What a poll of a register brought: its value, or the fault's code. */
async function poll(channel: Channel, register: number, driver: keyof typeof drivers): Promise<unknown> {
  try {
    const answers = await channel.lease((line) => drivers[driver].read(readOf(register), line, { unitId: 1 }));
    return answers.get('value');
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}

/** Polls registers 1, 2, 3, …; each must bring its own number or a fault. */
async function pollMany(channel: Channel, driver: keyof typeof drivers, count: number): Promise<unknown[]> {
  const got: unknown[] = [];
  for (let register = 1; register <= count; register++) {
    const outcome = await poll(channel, register, driver);
    if (typeof outcome !== 'string') expect(outcome).toEqual(good(register));
    got.push(outcome);
  }
  return got;
}

/** A device that takes `ms` to answer for register 3, and its requests one after the other. */
const lateAtThree =
  (answer: (request: Buffer) => Buffer, registerAt: number, ms: number) =>
  (socket: Socket): void => {
    let busy = Promise.resolve();
    socket.on('data', (request: Buffer) => {
      busy = busy.then(async () => {
        if (request[registerAt] === 3) await later(ms);
        if (socket.writable) socket.write(answer(request));
      });
    });
  };

test('RTU over TCP: a late reply never answers another request', async () => {
  const far = await farEnd(lateAtThree(rtuAnswer, 3, 220));
  const { channel, stop } = startChannel(channelAt(far.port));
  const got = await pollMany(channel, 'rtu', 8);
  expect(got.filter((outcome) => outcome === 'no-answer')).toHaveLength(1);
  expect(got.slice(4)).toEqual([5, 6, 7, 8].map(good));
  expect(far.connections()).toBe(2);
  await stop();
  await far.stop();
});

test('RTU over TCP: an old answer that comes together with the new one is not taken for it', async () => {
  const far = await farEnd((socket) => {
    let last: Buffer = Buffer.alloc(0);
    socket.on('data', (request: Buffer) => {
      const answer = rtuAnswer(request);
      socket.write(request[3] === 3 ? Buffer.concat([last, answer]) : answer);
      last = answer;
    });
  });
  const { channel, stop } = startChannel(channelAt(far.port));
  expect(await pollMany(channel, 'rtu', 5)).toEqual([good(1), good(2), 'garbled', good(4), good(5)]);
  await stop();
  await far.stop();
});

test.each(['rtu', 'tcp'] as const)(
  'an answer that came while the gateway stood still is not missed (%s)',
  async (driver) => {
    const far = await farEnd((socket) => {
      socket.on('data', (request: Buffer) => {
        socket.write(driver === 'rtu' ? rtuAnswer(request) : tcpAnswer(request));
        if (request.includes(Buffer.of(3, 0, 2, 0, 1))) standStill(300);
      });
    });
    const { channel, stop } = startChannel(channelAt(far.port, { driver: `modbus-${driver}` }));
    expect(await pollMany(channel, driver, 4)).toEqual([1, 2, 3, 4].map(good));
    expect(far.connections()).toBe(1);
    await stop();
    await far.stop();
  },
);

/** Keeps the loop of this process from turning. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('Modbus TCP: answers with old transaction numbers are dropped, the connection stays', async () => {
  const far = await farEnd(lateAtThree(tcpAnswer, 9, 220));
  const { channel, stop } = startChannel(channelAt(far.port, { driver: 'modbus-tcp' }));
  const got = await pollMany(channel, 'tcp', 8);
  expect(got.filter((outcome) => outcome === 'no-answer')).toHaveLength(1);
  await later(120);
  expect(await pollMany(channel, 'tcp', 2)).toEqual([good(1), good(2)]);
  expect(far.connections()).toBe(1);
  await stop();
  await far.stop();
});

test('Modbus TCP: answers in any order find their requests', async () => {
  const far = await farEnd((socket) => {
    socket.on('data', async (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += 12) {
        const request = Buffer.from(bytes.subarray(at, at + 12));
        void later(Math.random() * 30).then(() => socket.write(tcpAnswer(request)));
      }
    });
  });
  const { channel, stop } = startChannel(
    channelAt(far.port, { driver: 'modbus-tcp', maxInFlight: 16, timeoutMs: 2000 }),
  );
  const registers = Array.from({ length: 200 }, (_, i) => i + 1);
  const got = await Promise.all(registers.map((register) => poll(channel, register, 'tcp')));
  expect(got).toEqual(registers.map(good));
  expect(far.connections()).toBe(1);
  await stop();
  await far.stop();
});

describeWith('socat', 'RTU on a pseudo-terminal', () => {
  async function onPty(
    serve: Parameters<typeof farEnd>[0],
    work: (channel: Channel) => Promise<void>,
    { baudRate = 115_200, timeoutMs = 150 } = {},
  ): Promise<void> {
    const far = await farEnd(serve);
    const link = join(mkdtempSync(join(tmpdir(), 'sluice-pty-')), 'line');
    const closePty = await openPty(link, { host: '127.0.0.1', port: far.number }, systemClock);
    const { channel, stop } = startChannel(
      channelAt(link, { timeoutMs, serial: { baudRate, dataBits: 8, parity: 'none', stopBits: 1 } }),
    );
    try {
      await work(channel);
    } finally {
      await stop();
      await closePty();
      await far.stop();
    }
  }

  test('a late reply never answers another request', async () => {
    await onPty(lateAtThree(rtuAnswer, 3, 220), async (channel) => {
      const got = await pollMany(channel, 'rtu', 8);
      expect(got.filter((outcome) => outcome === 'no-answer')).toHaveLength(1);
      expect(got.slice(3)).toEqual([4, 5, 6, 7, 8].map(good));
    });
  });

  test('an answer that comes twice spoils at most one poll', async () => {
    const serve: Parameters<typeof farEnd>[0] = (socket) => {
      socket.on('data', async (request: Buffer) => {
        socket.write(rtuAnswer(request));
        if (request[3] === 3) await later(2).then(() => socket.write(rtuAnswer(request)));
      });
    };
    await onPty(serve, async (channel) => {
      const got = await pollMany(channel, 'rtu', 8);
      expect(got.filter((outcome) => typeof outcome === 'string').length).toBeLessThanOrEqual(1);
      expect(got.slice(5)).toEqual([6, 7, 8].map(good));
    });
  });

  test('an answer byte by byte, and a garbled one', async () => {
    const serve: Parameters<typeof farEnd>[0] = (socket) => {
      socket.on('data', async (request: Buffer) => {
        const answer = rtuAnswer(request);
        if (request[3] === 2) answer[4] = 99;
        for (const byte of answer) {
          socket.write(Buffer.of(byte));
          await later(1);
        }
      });
    };
    await onPty(serve, async (channel) => {
      expect(await pollMany(channel, 'rtu', 4)).toEqual([good(1), 'garbled', good(3), good(4)]);
    });
  });

  test('the silent interval lies between an answer and the next request', async () => {
    const gaps: number[] = [];
    let answeredAt = 0;
    const serve: Parameters<typeof farEnd>[0] = (socket) => {
      socket.on('data', async (request: Buffer) => {
        if (answeredAt > 0) gaps.push(performance.now() - answeredAt);
        // Much later than request and answer take at 1200 baud (125 ms): the channel is awake when the answer comes.
        await later(400);
        answeredAt = performance.now();
        socket.write(rtuAnswer(request));
      });
    };
    await onPty(serve, async (channel) => expect(await pollMany(channel, 'rtu', 4)).toHaveLength(4), {
      ...{ baudRate: 1200, timeoutMs: 2000 },
    });
    expect(gaps).toHaveLength(3);
    // Six characters (50 ms) that a real answer's rest would take, less the 1.5 ms left to the poller; then 3.5 of silence (29 ms).
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(75);
  });
});
