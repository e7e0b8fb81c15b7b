import { describe, expect, test } from 'vitest';
import { later } from '../devices/far-end.ts';
import { livedClock } from '../support/lived-clock.ts';
import { type Behaviour, deviceWith, type PolledLine } from '../support/poll-line.ts';
import { usePolledLines } from '../support/use-polled-lines.ts';

const poll = usePolledLines();

/** Points so far apart that each is a request of its own. */
const REGISTERS = [100, 200, 300];
const VALUES = { answer: 'values' } as const;
const SILENCE = { answer: 'silence' } as const;

/** Polls devices 1 and 2 on one line, where `silent` says which requests are left unanswered. */
function pollTwo(silent: (unit: number, register: number) => boolean, more: Parameters<typeof poll>[2] = {}) {
  const behaviour: Behaviour = ({ unit, register }) => (silent(unit, register) ? SILENCE : VALUES);
  return poll([deviceWith(1, REGISTERS), deviceWith(2, REGISTERS)], behaviour, more);
}

const good = (value: number) => ({ quality: 'good', value });
const NO_ANSWER = { quality: 'bad', fault: 'no-answer' };
const REFUSED = { quality: 'bad', fault: 'illegal-address' };

test.each([100, 200, 300])('register %i, left unanswered, hides no other and no device', async (dead) => {
  const { newest, moves } = await pollTwo((unit, register) => unit === 1 && register === dead);
  await later(900);
  for (const register of REGISTERS) {
    expect(newest.get(`d1/p${register}`)).toEqual(register === dead ? NO_ANSWER : good(register));
    expect(newest.get(`d2/p${register}`)).toEqual(good(register));
  }
  expect(moves).toEqual([]);
});

test('a device that comes back is found, also by another request than the first', async () => {
  let isOff = true;
  const { newest, moves, asked } = await pollTwo((unit, register) => unit === 1 && (isOff || register === 100));
  await later(700);
  expect(newest.get('d1/p300')).toEqual(NO_ANSWER);
  expect(newest.get('d2/p300')).toEqual(good(300));
  expect(new Set(moves)).toEqual(new Set(['d1 no-answer']));
  // Three rounds of two questions, then one question now and then: the line is for those that answer.
  expect(asked.filter(({ unit }) => unit === 1).length).toBeLessThan(12);
  isOff = false;
  await expect.poll(() => newest.get('d1/p300'), { timeout: 5000 }).toEqual(good(300));
  expect(newest.get('d1/p100')).toEqual(NO_ANSWER);
});

test('a stop waits for no answer and makes no fault of what it broke off', async () => {
  const line = await pollTwo(() => true, { timeoutMs: 30_000 });
  await later(100);
  const began = livedClock.ticks();
  await line.stop();
  expect(livedClock.ticks() - began).toBeLessThan(500);
  expect([line.newest.size, line.moves]).toEqual([0, []]);
});

/** Milliseconds of line time that requests of a unit took: each waits out the time-out. */
const costOf = (line: PolledLine, unit: number, timeoutMs: number) => line.askedOf(unit).length * timeoutMs;

describe('what does not answer costs the line a tenth of its time', () => {
  test.each([
    ['one device of three', [1]],
    ['two devices of three, together', [1, 2]],
  ])('%s', async (_what, dead) => {
    const timeoutMs = 40;
    const devices = [1, 2, 3].map((unit) => deviceWith(unit, [100], 50));
    const line = await poll(devices, ({ unit }) => (dead.includes(unit) ? SILENCE : VALUES), { timeoutMs });
    await later(4000);
    const cost = dead.reduce((sum, unit) => sum + costOf(line, unit, timeoutMs), 0);
    // The first silence of each comes before anything is known of it.
    expect(cost).toBeLessThanOrEqual(0.1 * 4000 + dead.length * timeoutMs);
    expect(cost).toBeGreaterThan(0);
    // Those that answer lose no more slots than that, and a busy machine's.
    expect(line.askedOf(3).length).toBeGreaterThan(4000 / 50 / 2);
  });

  test('a request that stays unanswered while the device answers others', async () => {
    const timeoutMs = 40;
    const line = await poll([deviceWith(1, [100, 200], 50)], ({ register }) => (register === 200 ? SILENCE : VALUES), {
      timeoutMs,
    });
    await later(4000);
    const silent = line.asked.filter(({ register }) => register === 200).length;
    expect(silent * timeoutMs).toBeLessThanOrEqual(0.1 * 4000 + timeoutMs);
    expect(line.newest.get('d1/p100')).toEqual(good(100));
    expect(line.newest.get('d1/p200')).toEqual(NO_ANSWER);
  });

  test('where nobody answers, nobody is protected: all are found again soon', async () => {
    let isOff = true;
    const devices = [1, 2, 3].map((unit) => deviceWith(unit, [100], 50));
    const line = await poll(devices, () => (isOff ? SILENCE : VALUES), { timeoutMs: 40 });
    await later(600);
    expect([1, 2, 3].map((unit) => line.newest.get(`d${unit}/p100`))).toEqual([NO_ANSWER, NO_ANSWER, NO_ANSWER]);
    isOff = false;
    const isBack = () => [1, 2, 3].every((unit) => line.newest.get(`d${unit}/p100`)?.quality === 'good');
    await expect.poll(isBack, { timeout: 4000 }).toBe(true);
  });
});

describe('what a device refuses', () => {
  const MAP = [0, 1, 2, 3, 4, 5, 6, 7];
  const holds = (asked: { register: number; count: number }, register: number) =>
    asked.register <= register && asked.register + asked.count > register;

  test('leaves polling alone; all others come from then on in as few requests as can be', async () => {
    const line = await poll([deviceWith(1, MAP)], (asked) => (holds(asked, 5) ? { answer: 2 } : VALUES), {
      timeoutMs: 500,
    });
    await expect.poll(() => line.plans[0]?.learnt, { timeout: 5000 }).toBeDefined();
    const found = line.asked.length;
    await later(400);
    for (const register of MAP) {
      expect(line.newest.get(`d1/p${register}`)).toEqual(register === 5 ? REFUSED : good(register));
    }
    const after = line.asked.slice(found + 1);
    expect(after.length).toBeGreaterThan(2);
    expect(new Set(after.map(({ register, count }) => `${register}+${count}`))).toEqual(new Set(['0+5', '6+2']));
    expect(line.moves).toEqual([]);
  });

  test('has its fault from the start, where it is known from before', async () => {
    const learnt = { place: 'here', refused: [{ table: 'holding', from: 5, to: 5 }] };
    const line = await poll([deviceWith(1, MAP)], () => VALUES, { timeoutMs: 500 }, learnt);
    await expect.poll(() => line.newest.get('d1/p4'), { timeout: 5000 }).toEqual(good(4));
    expect(line.newest.get('d1/p5')).toEqual(REFUSED);
  });

  test('a hole between two points is read around', async () => {
    const line = await poll([deviceWith(1, [0, 1, 6, 7])], (asked) => (holds(asked, 3) ? { answer: 2 } : VALUES), {
      timeoutMs: 500,
    });
    await expect
      .poll(() => line.plans[0]?.learnt?.refused, { timeout: 5000 })
      .toEqual([{ table: 'holding', from: 2, to: 5 }]);
    await later(200);
    for (const register of [0, 1, 6, 7]) expect(line.newest.get(`d1/p${register}`)).toEqual(good(register));
  });
});

test('a device that wants a pause after an answer gets it', async () => {
  const device = deviceWith(1, [100, 200, 300], 1000);
  const slow = { ...device, limits: { ...device.limits, pauseMs: 80 } };
  const line = await poll([slow], () => VALUES, { timeoutMs: 500 });
  await expect.poll(() => line.asked.length, { timeout: 3000 }).toBe(3);
  const gaps = line.asked.slice(1).map(({ at }, i) => at - (line.asked[i]?.at ?? 0));
  for (const gap of gaps) expect(gap).toBeGreaterThan(75);
});

test('what is read once is read once, and again when the device has been away', async () => {
  let isOff = false;
  const device = deviceWith(1, REGISTERS);
  const points = device.points.map((point) =>
    point.name === 'p100' ? { ...point, rhythm: { once: true as const } } : point,
  );
  const line = await poll([{ ...device, points }], () => (isOff ? SILENCE : VALUES));
  const times = () => line.asked.filter(({ register }) => register === 100).length;
  await expect.poll(() => line.newest.get('d1/p100'), { timeout: 3000 }).toEqual(good(100));
  await expect.poll(() => line.asked.length, { timeout: 3000 }).toBeGreaterThan(8);
  expect(times()).toBe(1);
  // Nor is it due in the long run.
  expect(line.tasks.find(({ once }) => once)?.rhythm?.next).toBe(Number.POSITIVE_INFINITY);
  isOff = true;
  await expect.poll(() => line.moves.length, { timeout: 3000 }).toBeGreaterThan(0);
  isOff = false;
  await expect.poll(times, { timeout: 5000 }).toBe(2);
});

test('what is read once and refused as a block is read in parts, and asked for no more', async () => {
  const device = deviceWith(1, [0, 1, 2, 3], () => ({ once: true }));
  const refuses = (asked: { register: number; count: number }) =>
    asked.register <= 2 && asked.register + asked.count > 2;
  const line = await poll([device], (asked) => (refuses(asked) ? { answer: 2 } : VALUES), { timeoutMs: 500 });
  await expect.poll(() => line.newest.size, { timeout: 3000 }).toBe(4);
  await expect.poll(() => line.plans[0]?.learnt, { timeout: 3000 }).toBeDefined();
  for (const register of [0, 1, 3]) expect(line.newest.get(`d1/p${register}`)).toEqual(good(register));
  expect(line.newest.get('d1/p2')).toEqual({ quality: 'bad', fault: 'illegal-address' });
  expect(line.tasks[0]?.rhythm?.next).toBe(Number.POSITIVE_INFINITY);
});
