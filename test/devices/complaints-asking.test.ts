import { describe, expect, test } from 'vitest';
import { bad, good } from '../../core/reading.ts';
import { deviceWith } from '../support/poll-line.ts';
import { readOnce } from '../support/register-list.ts';
import { usePolledLines } from '../support/use-polled-lines.ts';

/** How devices are asked, as users of other gateways wished; numbered as in complaints-values.test.ts. */

const poll = usePolledLines();

describe('18: requests as the device wants them', () => {
  const coils =
    '      a: { address: { table: coil, register: 9 } }\n      b: { address: { table: coil, register: 12 } }\n';
  const words = Array.from({ length: 16 }, (_, i) => Number(i === 12));

  test('18: a device whose coils are read from 0 on only', async () => {
    const fromZero = (code: number, start: number) => code === 1 && start !== 0;
    const { newest, asked } = await readOnce(coils, words, '    limits: { bitsFromZero: true }', fromZero);
    expect(newest).toEqual({ a: good(false), b: good(true) });
    expect(asked).toEqual([[1, 0, 13]]);
  });

  test('18: a device that gives one value a request', async () => {
    const single = (code: number, _: number, count: number) => code === 1 && count > 1;
    const { newest, asked } = await readOnce(coils, words, '    limits: { onePointPerRequest: true }', single);
    expect(newest).toEqual({ a: good(false), b: good(true) });
    expect(asked).toEqual([
      [1, 9, 1],
      [1, 12, 1],
    ]);
  });
});

test('21: a busy device is a fault, not 0, and well again with the next answer', async () => {
  let isBusy = false;
  const line = await poll([deviceWith(1, [100])], () => ({ answer: isBusy ? 6 : 'values' }), {
    timeoutMs: 300,
  });
  const newest = () => line.newest.get('d1/p100');
  await expect.poll(newest, { timeout: 3000 }).toEqual(good(100));
  isBusy = true;
  await expect.poll(newest, { timeout: 3000 }).toEqual(bad('device-busy'));
  isBusy = false;
  await expect.poll(newest, { timeout: 3000 }).toEqual(good(100));
  // It answers, if only to say that it is busy: it has never been away.
  expect(line.moves).toEqual([]);
});

test('25: what never changes is read once, at the start', async () => {
  const device = deviceWith(1, [100, 200]);
  const points = device.points.map((point) =>
    point.name === 'p100' ? { ...point, rhythm: { once: true as const } } : point,
  );
  const line = await poll([{ ...device, points }], () => ({ answer: 'values' }), { timeoutMs: 300 });
  const timesOf = (register: number) => line.asked.filter((asked) => asked.register === register).length;
  await expect.poll(() => timesOf(200), { timeout: 3000 }).toBeGreaterThan(5);
  expect([timesOf(100), line.newest.get('d1/p100')]).toEqual([1, good(100)]);
  expect(line.tasks.find(({ once }) => once)?.rhythm?.next).toBe(Number.POSITIVE_INFINITY);
  const { device: configured } = await readOnce(
    '      serial: { every: once, address: { table: holding, register: 0, type: string, length: 2 } }\n',
    [0x4142, 0x4344],
  );
  expect(configured.points[0]?.rhythm).toEqual({ once: true });
});
