import { expect, test } from 'vitest';
import type { Rhythm } from '../../devices/plant-types.ts';
import { later } from '../devices/far-end.ts';
import { type Asked, type Behaviour, deviceWith } from '../support/poll-line.ts';
import { usePolledLines } from '../support/use-polled-lines.ts';

const poll = usePolledLines();

const ROOMY = { timeoutMs: 2000 };
const good = (value: number) => ({ quality: 'good', value });
const touches = (register: number, asked: Asked) =>
  asked.register <= register && register < asked.register + asked.count;
const refusing =
  (register: number, exception: number): Behaviour =>
  (asked) => ({ answer: touches(register, asked) ? exception : 'values' });

test.each([
  [2, 'illegal-address'],
  [3, 'illegal-value'],
])('exception %d for one register is told in the words of the device', async (exception, fault) => {
  const line = await poll([deviceWith(1, [10, 11, 12])], refusing(11, exception), ROOMY);
  await expect.poll(() => line.newest.get('d1/p11'), { timeout: 5000 }).toEqual({ quality: 'bad', fault });
  await expect.poll(() => line.newest.get('d1/p12'), { timeout: 5000 }).toEqual(good(12));
});

/** Points at both ends, and one between them with another rhythm: for the first rhythm it lies in a hole. */
const interleaved = (other: Rhythm, between = 15) =>
  deviceWith(1, [10, between, 18], (register) => (register === between ? other : { everyMs: 40 }));

test('a point in a hole that is refused for another register is read on', async () => {
  const line = await poll([interleaved({ everyMs: 70 })], refusing(12, 2), ROOMY);
  await expect.poll(() => line.plans[0]?.learnt?.refused, { timeout: 5000 }).toBeDefined();
  line.newest.clear();
  await expect
    .poll(() => [10, 15, 18].map((register) => line.newest.get(`d1/p${register}`)), { timeout: 5000 })
    .toEqual([10, 15, 18].map(good));
  // And nobody tries the hole again.
  line.asked.length = 0;
  await later(300);
  expect(line.asked.filter((asked) => touches(12, asked))).toEqual([]);
});

test('a hole of nothing but a point of another rhythm: the point is told', async () => {
  // Its own turn comes once a year.
  const device = deviceWith(1, [10, 11, 12], (register) =>
    register === 11 ? { schedule: '0 0 0 1 1 *' } : { everyMs: 40 },
  );
  const line = await poll([device], refusing(11, 2), ROOMY);
  await expect.poll(() => line.newest.get('d1/p12'), { timeout: 5000 }).toEqual(good(12));
  await expect
    .poll(() => line.newest.get('d1/p11'), { timeout: 5000 })
    .toEqual({ quality: 'bad', fault: 'illegal-address' });
});

test('a refusal that is over at once teaches nothing about the length of blocks', async () => {
  let refusals = 1;
  const line = await poll([deviceWith(1, [10, 11, 12, 13])], () => ({ answer: refusals-- > 0 ? 2 : 'values' }), ROOMY);
  await expect.poll(() => line.newest.size, { timeout: 5000 }).toBe(4);
  await later(200);
  expect(line.plans[0]?.learnt).toBeUndefined();
  expect(line.asked.at(-1)).toMatchObject({ register: 10, count: 4 });
});

test('many requests that wait for a line make Node warn of nothing', async () => {
  const warnings: Error[] = [];
  const hear = (warning: Error) => void warnings.push(warning);
  process.on('warning', hear);
  const registers = Array.from({ length: 30 }, (_, i) => i * 100);
  const line = await poll([deviceWith(1, registers)], () => ({ answer: 'values', afterMs: 5 }), {
    ...{ maxInFlight: 2, timeoutMs: 2000 },
  });
  await expect.poll(() => line.newest.size, { timeout: 5000 }).toBe(30);
  process.off('warning', hear);
  expect(warnings).toEqual([]);
});
