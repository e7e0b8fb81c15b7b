import { rmSync } from 'node:fs';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { good } from '../../core/reading.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import { Idleness } from '../../devices/channels/idleness.ts';
import { LeaseQueue } from '../../devices/channels/lease-queue.ts';
import { openChannel } from '../../devices/channels/open-channel.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { describeWith } from '../support/tools.ts';
import { codeOf, newLink, useChannels } from '../support/use-channels.ts';
import { channelAt, drivers, farEnd, later, readOf, rtuAnswer, tcpAnswer } from './far-end.ts';

const { far, start, pty, plugIn } = useChannels();

const poll = (channel: Channel, register: number, driver: keyof typeof drivers = 'tcp') =>
  channel.lease((line) => drivers[driver].read(readOf(register), line, { unitId: 1 })).then((got) => got.get('value'));

const answering = (socket: import('node:net').Socket) => {
  socket.on('data', (request: Buffer) => socket.write(tcpAnswer(request)));
};

test('a device that serves one connection at a time gets it back when nobody asks', async () => {
  const end = await far(answering);
  const channel = start(end.port, { driver: 'modbus-tcp', closeAfterMs: 60 });
  for (let round = 1; round <= 3; round++) {
    expect(await codeOf(poll(channel, round))).toBe('no fault');
    expect(await codeOf(poll(channel, round))).toBe('no fault');
    expect(end.connections()).toBe(round);
    await expect.poll(() => end.open(), { timeout: 2000 }).toBe(0);
    expect(channel.state).toEqual({ state: 'open' });
  }
});

test('such a line is opened again after an outage that was longer than its rest', async () => {
  let isDown = false;
  const end = await far((socket) => {
    if (isDown) socket.destroy();
    else answering(socket);
  });
  const channel = start(end.port, { driver: 'modbus-tcp', closeAfterMs: 60 });
  expect(await codeOf(poll(channel, 1))).toBe('no fault');
  await expect.poll(() => end.open()).toBe(0);
  isDown = true;
  expect(await codeOf(poll(channel, 2))).not.toBe('no fault');
  await later(300);
  isDown = false;
  await expect.poll(() => codeOf(poll(channel, 3)), { timeout: 8000 }).toBe('no fault');
});

test('a line that is closed for good is not closed again later, and keeps nobody waiting for it', async () => {
  const clock = new FakeClock();
  let closed = 0;
  const idle = new Idleness(1000, clock, () => ++closed > 0);
  idle.began();
  idle.end();
  idle.began();
  await clock.advance(5000);
  expect(closed).toBe(0);
});

test('a line that wants a pause after it was opened gets it', async () => {
  const times: number[] = [];
  const end = await far((socket) => {
    times.push(performance.now());
    socket.on('data', (request: Buffer) => {
      times.push(performance.now());
      socket.write(tcpAnswer(request));
    });
  });
  expect(await codeOf(poll(start(end.port, { driver: 'modbus-tcp', connectPauseMs: 150 }), 1))).toBe('no fault');
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(140);
});

test('a refused connection is a fault at once', async () => {
  const end = await farEnd(answering);
  await end.stop();
  const channel = start(end.port, { driver: 'modbus-tcp' });
  expect(await codeOf(poll(channel, 1))).toBe('connection-refused');
  expect(channel.state).toMatchObject({ state: 'faulted', fault: 'connection-refused' });
  expect(await codeOf(poll(channel, 1))).toBe('connection-refused');
});

test('a reset in the middle of a request settles it, and the line comes back', async () => {
  const end = await far((socket, connection) => {
    if (connection === 0) socket.on('data', () => socket.resetAndDestroy());
    else answering(socket);
  });
  const channel = start(end.port, { driver: 'modbus-tcp', timeoutMs: 5000 });
  expect(await codeOf(poll(channel, 1))).toBe('line-closed');
  await expect.poll(() => channel.state.state, { timeout: 5000 }).toBe('open');
  expect(await poll(channel, 7)).toEqual(good(7));
});

test('an end of the connection settles what is pending', async () => {
  const end = await far((socket) => {
    socket.on('data', () => socket.end());
  });
  const channel = start(end.port, { driver: 'modbus-tcp', timeoutMs: 5000 });
  expect(await codeOf(poll(channel, 1))).toBe('line-closed');
});

test('a peer that accepts and hangs up is not hammered', async () => {
  const end = await far((socket) => socket.end());
  const channel = start(end.port, { driver: 'modbus-tcp' });
  await later(700);
  expect(end.connections()).toBeGreaterThan(1);
  expect(end.connections()).toBeLessThan(15);
  expect(['faulted', 'opening']).toContain(channel.state.state);
});

test('garbage closes the connection; the next poll works', async () => {
  const end = await far((socket, connection) => {
    if (connection > 0) answering(socket);
    else socket.on('data', () => socket.write(Buffer.alloc(24, 0x5a)));
  });
  const channel = start(end.port, { driver: 'modbus-tcp' });
  expect(await codeOf(poll(channel, 1))).toBe('garbled');
  expect(await poll(channel, 2)).toEqual(good(2));
  expect(end.connections()).toBe(2);
});

test('a connection that swallows everything is renewed after three missed answers', async () => {
  const end = await far((socket, connection) => {
    if (connection > 0) answering(socket);
  });
  const channel = start(end.port, { driver: 'modbus-tcp', timeoutMs: 40 });
  for (let i = 0; i < 3; i++) expect(await codeOf(poll(channel, 1))).toBe('no-answer');
  expect(await poll(channel, 2)).toEqual(good(2));
});

test.each([
  [1, 'illegal-function'],
  [2, 'illegal-address'],
  [3, 'illegal-value'],
  [4, 'device-failure'],
  [5, 'device-busy'],
  [6, 'device-busy'],
  [10, 'gateway-path'],
  [11, 'gateway-target'],
  [99, 'exception-other'],
])('exception %d is the fault %s', async (number, code) => {
  const end = await far((socket) => {
    socket.on('data', (request: Buffer) =>
      socket.write(Buffer.from([...request.subarray(0, 4), 0, 3, 1, 0x83, number])),
    );
  });
  const channel = start(end.port, { driver: 'modbus-tcp' });
  expect(await codeOf(poll(channel, 1))).toBe(code);
  expect(channel.state.state).toBe('open');
});

test.each([
  ['another unit', (request: Buffer) => Buffer.from([...request.subarray(0, 4), 0, 5, 9, 3, 2, 0, 1])],
  ['a byte count that lies', (request: Buffer) => Buffer.from([...request.subarray(0, 4), 0, 5, 1, 3, 250, 0, 1])],
  ['another function', (request: Buffer) => Buffer.from([...request.subarray(0, 4), 0, 5, 1, 4, 2, 0, 1])],
  ['a short answer', (request: Buffer) => Buffer.from([...request.subarray(0, 4), 0, 3, 1, 3, 0])],
])('%s in the answer is garbled', async (_, answer) => {
  const end = await far((socket) => {
    socket.on('data', (request: Buffer) => socket.write(answer(request)));
  });
  expect(await codeOf(poll(start(end.port, { driver: 'modbus-tcp' }), 1))).toBe('garbled');
});

test('one lease at a time on RTU over TCP; writes overtake polls', async () => {
  const seen: number[] = [];
  const end = await far((socket) => {
    socket.on('data', async (request: Buffer) => {
      seen.push(request[3] as number);
      await later(10);
      socket.write(rtuAnswer(request));
    });
  });
  const channel = start(end.port);
  const work = (register: number, urgency: 'poll' | 'write') =>
    channel.lease((line) => drivers.rtu.read(readOf(register), line, { unitId: 1 }), { urgency });
  await work(1, 'poll');
  await Promise.all([work(2, 'poll'), work(3, 'poll'), work(4, 'write'), work(5, 'poll'), work(6, 'write')]);
  expect(seen).toEqual([1, 2, 4, 6, 3, 5]);
  expect(channel.statistics()).toMatchObject({ exchanges: 6, faults: 0, bytesOut: 48, bytesIn: 42 });
  expect(channel.statistics().busyMs).toBeGreaterThan(50);
});

test('a lease gives up waiting when its signal aborts, and the line is not lost', async () => {
  const queue = new LeaseQueue(['slot']);
  expect(queue.take()).toBe('slot');
  const leaving = new AbortController();
  const gone = queue.wait({ signal: leaving.signal });
  const next = queue.wait({});
  leaving.abort();
  await expect(gone).rejects.toThrow();
  queue.give('slot');
  expect(await next).toBe('slot');
});

test('a missing port, and what is no port', async () => {
  expect(await codeOf(poll(start('/dev/does-not-exist'), 1, 'rtu'))).toBe('port-missing');
  expect(await codeOf(poll(start('/etc/hostname'), 1, 'rtu'))).toBe('port-missing');
});

test('going down and coming back are logged once each', { timeout: 45_000 }, async () => {
  const lines: { msg: string }[] = [];
  const sink = new Writable({
    write(chunk, _, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const end = await farEnd(answering);
  await end.stop();
  const channel = openChannel(channelAt(end.port), { clock: systemClock, log: pino(sink) });
  const stopping = new AbortController();
  const done = channel.run(stopping.signal);
  await later(900);
  expect(lines.map(({ msg }) => msg)).toEqual(['channel line is down']);
  await far(answering, end.number);
  await expect.poll(() => channel.state.state, { timeout: 35_000 }).toBe('open');
  await later(100);
  stopping.abort();
  await done;
  expect(lines.map(({ msg }) => msg)).toEqual(['channel line is down', 'no longer: channel line is down']);
});

describeWith('socat', 'serial ports', () => {
  test('a port that another program holds is busy', async () => {
    const link = await pty((socket) => socket.on('data', (request: Buffer) => socket.write(rtuAnswer(request))));
    const first = start(link);
    expect(await poll(first, 5, 'rtu')).toEqual(good(5));
    expect(await codeOf(poll(start(link), 1, 'rtu'))).toBe('port-busy');
  });

  test('an unplugged adapter is noticed, and found again', async () => {
    const serve: Parameters<typeof farEnd>[0] = (socket) =>
      socket.on('data', (request: Buffer) => socket.write(rtuAnswer(request)));
    const end = await far(serve);
    const link = newLink();
    const unplug = await plugIn(link, end);
    const channel = start(link);
    expect(await poll(channel, 5, 'rtu')).toEqual(good(5));
    await unplug();
    expect(['line-closed', 'port-missing']).toContain(await codeOf(poll(channel, 6, 'rtu')));
    rmSync(link, { force: true });
    await plugIn(link, end);
    await expect.poll(() => channel.state.state, { timeout: 8000 }).toBe('open');
    expect(await poll(channel, 7, 'rtu')).toEqual(good(7));
  });
});
