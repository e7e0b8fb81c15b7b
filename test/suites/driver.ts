import { describe, expect, test } from 'vitest';
import { Fault } from '../../core/faults.ts';
import type { Answers, Driver, DriverPoint, Line, Step } from '../../devices/driver.ts';
import { STANDARD_LIMITS } from '../../devices/limits.ts';

export interface DriverCase {
  readonly driver: Driver;
  readonly points: readonly DriverPoint[];
  /** What an honest device sends back. */
  answer(request: Buffer): Buffer;
  /** What the points must come to then. */
  readonly expected: Record<string, unknown>;
}

const LIMITS = STANDARD_LIMITS;
const TARGET = { unitId: 1 };
const LINE = {
  serial: { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
  retunable: true,
  tell: async () => {},
} as const;

/** A line that shows `until` what has come so far, so many bytes more each time, as a channel does. */
function lineOf(answer: (request: Buffer) => Buffer, step: number): Line {
  return {
    ...LINE,
    async exchange({ send, until, owns }: Step) {
      const reply = answer(Buffer.from(send));
      for (let have = 0; ; have = Math.min(have + step, reply.length)) {
        const length = until(reply.subarray(0, have));
        if (length > 0) {
          if (owns && !owns(reply.subarray(0, length))) throw new Fault('no-answer');
          return reply.subarray(0, length);
        }
        if (have === reply.length) throw new Fault('no-answer');
      }
    },
  };
}

/** What every driver must do, whatever its protocol. */
export function driverSuite({ driver, points, answer, expected }: DriverCase): void {
  const readAll = async (change: (request: Buffer) => Buffer, step = 4096): Promise<Record<string, unknown>> => {
    const all: [string, unknown][] = [];
    for (const request of driver.plan(points, LIMITS)) {
      const answers: Answers = await driver.read(request, lineOf(change, step), TARGET);
      expect([...answers.keys()].sort()).toEqual([...driver.covers(request)].sort());
      all.push(...answers);
    }
    return Object.fromEntries(all);
  };

  describe(`driver ${driver.name}`, () => {
    test('a plan covers every point once', () => {
      const covered = driver.plan(points, LIMITS).flatMap((request) => driver.covers(request));
      expect([...covered].sort()).toEqual(points.map(({ name }) => name).sort());
    });

    test.each([1, 2, 3, 7, 4096])('an answer in pieces of %d bytes', async (step) => {
      expect(await readAll(answer, step)).toEqual(expected);
    });

    test('an answer cut off anywhere is a fault, never a value', async () => {
      const length = Math.max(...(await lengths(answer)));
      for (let cut = 0; cut < length; cut++) {
        await expect(
          readAll((request) => answer(request).subarray(0, Math.min(cut, answer(request).length - 1))),
        ).rejects.toBeInstanceOf(Fault);
      }
    });

    test('garbage is a fault, never a value', async () => {
      for (const filler of [0x00, 0x5a, 0xff]) {
        await expect(readAll((request) => Buffer.alloc(answer(request).length, filler))).rejects.toBeInstanceOf(Fault);
      }
      await expect(readAll(() => Buffer.alloc(0))).rejects.toMatchObject({ code: 'no-answer' });
    });

    test('a fault of the line comes through as it is', async () => {
      const line: Line = { ...LINE, exchange: () => Promise.reject(new Fault('line-closed')) };
      const [request] = driver.plan(points, LIMITS);
      await expect(driver.read(request, line, TARGET)).rejects.toMatchObject({ code: 'line-closed' });
    });

    test('a fault leaves nothing behind: the next read on the same line is right', async () => {
      let broken = true;
      const line = lineOf((request) => (broken ? Buffer.alloc(300, 0x5a) : answer(request)), 4096);
      const [request] = driver.plan(points, LIMITS);
      await expect(driver.read(request, line, TARGET)).rejects.toBeInstanceOf(Fault);
      broken = false;
      for (const [name, outcome] of await driver.read(request, line, TARGET)) expect(outcome).toEqual(expected[name]);
    });

    async function lengths(reply: (request: Buffer) => Buffer): Promise<number[]> {
      const seen: number[] = [];
      await readAll((request) => {
        seen.push(reply(request).length);
        return reply(request);
      });
      return seen;
    }
  });
}
