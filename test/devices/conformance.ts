import { mkdtempSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { Fault, type FaultCode } from '../../core/faults.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import type { Driver, DriverPoint, Target } from '../../devices/driver.ts';
import type { ChannelSpec } from '../../devices/plant-types.ts';
import { openPty } from '../../devices/simulator/pty.ts';
import { livedClock } from '../support/lived-clock.ts';
import { describeWith } from '../support/tools.ts';
import { channelAt, farEnd, LIMITS, later } from './far-end.ts';
import { startChannel } from './support.ts';

/** A change of the reply to exchange number `at` (from 0) of a read, and what the read must come to. */
export interface Damage {
  readonly at: number;
  readonly change: (reply: Buffer) => Buffer;
  readonly code: FaultCode;
}

export interface Conformance {
  readonly driver: Driver;
  /** All of one request. */
  readonly points: readonly DriverPoint[];
  readonly target?: Target;
  readonly channel?: Partial<ChannelSpec>;
  /** An honest device as it is at the beginning of a connection: what it answers to a request, in reading number `n`. */
  device(): (request: Buffer, n: number) => Buffer | undefined;
  /** What the points come to in reading number `n`: another value each time, so that an old answer shows. */
  expected(n: number): Record<string, unknown>;
  /** Exchanges of one read. */
  readonly exchanges: number;
  /** Replies (by exchange) whose every byte a checksum or the protocol's form covers. */
  readonly covered: readonly number[];
  /** Left out: spoken on serial lines too. */
  readonly isTcpOnly?: boolean;
  /** What only this protocol can get wrong. */
  readonly wrong?: Readonly<Record<string, Damage>>;
}

/** Long enough for a busy machine, short enough for hundreds of silences. */
const TIMEOUT_MS = 80;
const PTY_TIMEOUT_MS = 250;
/** For what must come: a busy machine is no fault. */
const PATIENT_MS = 3000;

type Reply = (socket: Socket, honest: Buffer, exchange: number) => unknown;
const honestly: Reply = (socket, honest) => socket.write(honest);

/** The device with its readings counted, and a way to answer otherwise. */
class Stage {
  reading = 0;
  reply: Reply = honestly;
  readonly #device: Conformance['device'];

  constructor(device: Conformance['device']) {
    this.#device = device;
  }

  readonly serve = (socket: Socket): void => {
    const answer = this.#device();
    let exchange = 0;
    let seen = 0;
    socket.on('data', (request: Buffer) => {
      if (seen !== this.reading) exchange = 0;
      seen = this.reading;
      const honest = answer(request, this.reading);
      if (honest !== undefined) this.reply(socket, honest, exchange++);
    });
  };
}

const onlyAt =
  (at: number, change: (reply: Buffer) => Buffer): Reply =>
  (socket, honest, exchange) =>
    socket.write(exchange === at ? change(Buffer.from(honest)) : honest);

/** What every driver must do with replies that are not right: a fault with the right code, and the next read is right. */
export function conformance(given: Conformance): void {
  const { driver, points, target = { unitId: 1 }, exchanges, covered, wrong = {} } = given;
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function overTcp() {
    const stage = new Stage(given.device);
    const far = await farEnd(stage.serve);
    cleanups.push(far.stop);
    return open(stage, far.port);
  }

  async function onPty() {
    const stage = new Stage(given.device);
    const far = await farEnd(stage.serve);
    cleanups.push(far.stop);
    const link = join(mkdtempSync(join(tmpdir(), 'sluice-pty-')), 'line');
    cleanups.push(await openPty(link, { host: '127.0.0.1', port: far.number }, systemClock));
    return open(stage, link, PTY_TIMEOUT_MS);
  }

  function open(stage: Stage, port: string, timeoutMs = TIMEOUT_MS) {
    const { channel, stop } = startChannel(channelAt(port, { driver: driver.name, timeoutMs, ...given.channel }));
    cleanups.push(stop);
    return { stage, read: (ms = PATIENT_MS) => readOnce(channel, stage, ms), timeoutMs };
  }

  /** The values, or the fault's code. */
  async function readOnce(channel: Channel, stage: Stage, timeoutMs: number): Promise<unknown> {
    const [request, ...more] = driver.plan(points, LIMITS);
    expect(more).toEqual([]);
    stage.reading += 1;
    try {
      const answers = await channel.lease((line) => driver.read(request, line, target), {
        driver: driver.name,
        timeoutMs,
      });
      const bad = [...answers.values()].find(({ quality }) => quality === 'bad');
      return bad?.quality === 'bad' ? bad.fault : Object.fromEntries(answers);
    } catch (error) {
      if (error instanceof Fault) return error.code;
      throw error;
    }
  }

  type Stand = ReturnType<typeof open>;

  /** One read with another reply, then an honest one that must be right. Returns what the first came to. */
  async function readWith({ stage, read, timeoutMs }: Stand, reply: Reply, patient = false): Promise<unknown> {
    stage.reply = reply;
    const outcome = await read(patient ? PATIENT_MS : timeoutMs);
    stage.reply = honestly;
    expect(await read(), 'the next read').toEqual(given.expected(stage.reading));
    return outcome;
  }

  async function lengthsOf(stand: Stand): Promise<number[]> {
    const lengths: number[] = [];
    await readWith(
      stand,
      (socket, honest) => {
        lengths.push(honest.length);
        socket.write(honest);
      },
      true,
    );
    return lengths;
  }

  const places = Array.from({ length: exchanges }, (_, at) => at);

  describe(`conformance of ${driver.name}`, () => {
    test('honest replies, and such that come byte by byte', async () => {
      const stand = await overTcp();
      expect(await stand.read()).toEqual(given.expected(1));
      expect(await lengthsOf(stand)).toHaveLength(exchanges);
      const bytewise = await readWith(
        stand,
        async (socket, honest) => {
          for (const byte of honest) {
            socket.write(Buffer.of(byte));
            await later(0);
          }
        },
        true,
      );
      expect(bytewise).toEqual(given.expected(stand.stage.reading - 1));
    });

    test.each(places)('reply %d: silence is no-answer, and so is a reply that comes too late', async (at) => {
      const stand = await overTcp();
      expect(await readWith(stand, (socket, honest, exchange) => exchange === at || socket.write(honest))).toBe(
        'no-answer',
      );
      const late: Reply = async (socket, honest, exchange) => {
        if (exchange === at) await later(TIMEOUT_MS * 1.4);
        if (socket.writable) socket.write(honest);
      };
      expect(await readWith(stand, late)).toBe('no-answer');
    });

    test.each(places)('reply %d: cut off anywhere it is garbled', { timeout: 60_000 }, async (at) => {
      const stand = await overTcp();
      const length = (await lengthsOf(stand))[at] ?? 0;
      for (let cut = 1; cut < length; cut += length > 60 ? 5 : 1) {
        expect(
          await readWith(
            stand,
            onlyAt(at, (reply) => reply.subarray(0, cut)),
          ),
          `${cut} bytes`,
        ).toBe('garbled');
      }
    });

    test.each(places)('reply %d: with more behind it, it is right or garbled', async (at) => {
      const stand = await overTcp();
      for (const more of [
        (reply: Buffer) => reply.subarray(0, 1),
        (reply: Buffer) => reply,
        () => Buffer.alloc(90, 0x5a),
      ]) {
        const outcome = await readWith(
          stand,
          onlyAt(at, (reply) => Buffer.concat([reply, more(reply)])),
        );
        if (outcome !== 'garbled' && outcome !== 'line-closed')
          expect(outcome).toEqual(given.expected(stand.stage.reading - 1));
      }
    });

    test.each(places)('reply %d: garbage is garbled within the time-out', async (at) => {
      const stand = await overTcp();
      for (const garbage of [
        Buffer.alloc(40, 0x5a),
        Buffer.alloc(40, 0xff),
        Buffer.alloc(300, 0x68),
        Buffer.alloc(20_000_000, 0x33),
      ]) {
        const begin = livedClock.ticks();
        expect(
          await readWith(
            stand,
            onlyAt(at, () => garbage),
          ),
          `${garbage[0]}`,
        ).toBe('garbled');
        expect(livedClock.ticks() - begin).toBeLessThan(TIMEOUT_MS * (exchanges + 4) + 400);
      }
    });

    test.each(covered)(
      'reply %d: one damaged byte anywhere is a fault, never a value',
      { timeout: 60_000 },
      async (at) => {
        const stand = await overTcp();
        const length = (await lengthsOf(stand))[at] ?? 0;
        for (let place = 0; place < length; place += length > 60 ? 3 : 1) {
          const damage = (reply: Buffer) => {
            reply[place] = (reply[place] as number) ^ 0x02;
            return reply;
          };
          expect(await readWith(stand, onlyAt(at, damage)), `byte ${place}`).toEqual(expect.any(String));
        }
      },
    );

    test.each(Object.entries(wrong))('%s', async (_, { at, change, code }) => {
      expect(await readWith(await overTcp(), onlyAt(at, change))).toBe(code);
    });

    if (given.isTcpOnly === true) return;
    describeWith('socat', 'on a pseudo-terminal', () => {
      test.each(places)('reply %d: silent, cut off, damaged, late; each time the next read is right', async (at) => {
        const stand = await onPty();
        await stand.read();
        expect(await readWith(stand, (socket, honest, exchange) => exchange === at || socket.write(honest))).toBe(
          'no-answer',
        );
        expect(
          await readWith(
            stand,
            onlyAt(at, (reply) => (reply.length > 1 ? reply.subarray(0, -1) : Buffer.of(1))),
          ),
        ).toBe('garbled');
        expect(
          await readWith(
            stand,
            onlyAt(at, () => Buffer.alloc(40, 0x5a)),
          ),
        ).toBe('garbled');
        const late: Reply = async (socket, honest, exchange) => {
          if (exchange === at) await later(PTY_TIMEOUT_MS * 1.4);
          if (socket.writable) socket.write(honest);
        };
        expect(await readWith(stand, late)).toBe('no-answer');
      });
    });
  });
}
