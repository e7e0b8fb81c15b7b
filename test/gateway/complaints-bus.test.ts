import { describe, expect, test } from 'vitest';
import { later } from '../devices/far-end.ts';
import { playLine } from '../support/played-line.ts';
import { type Behaviour, deviceWith, type PolledLine } from '../support/poll-line.ts';
import { usePolledLines } from '../support/use-polled-lines.ts';

/**
 * What users of other gateways complain about, one test each. The numbers are those of our collection of their issue threads; the
 * thread that says it best is named.
 */

const poll = usePolledLines();

const VALUES = { answer: 'values' } as const;
const SILENCE = { answer: 'silence' } as const;
const good = (value: number) => ({ quality: 'good', value });
const ROOMY = { timeoutMs: 500 };

/** Every point of these devices shows its own register's number. */
const allGood = (line: PolledLine, units: readonly number[], registers: readonly number[]) =>
  units.every((unit) => registers.every((at) => line.newest.get(`d${unit}/p${at}`)?.quality === 'good'));

describe('bus behaviour', () => {
  test('1: one dead slave does not slow down what is behind it (home-assistant/core 51326)', async () => {
    const units = [1, 2, 3, 4];
    const devices = units.map((unit) => deviceWith(unit, [100], 50));
    const line = await poll(devices, ({ unit }) => (unit === 1 ? SILENCE : VALUES), { timeoutMs: 40 });
    await later(3000);
    for (const unit of [2, 3, 4]) expect(line.askedOf(unit).length).toBeGreaterThan(3000 / 50 / 2);
    expect(line.askedOf(1).length * 40).toBeLessThanOrEqual(300 + 40);
    expect(line.newest.get('d1/p100')).toEqual({ quality: 'bad', fault: 'no-answer' });
  });

  test('3: a time-out leaves no connection out of step for ever (goburrow/modbus 64)', async () => {
    let late = true;
    const behaviour: Behaviour = ({ register }) => ({ answer: 'values', afterMs: late && register === 100 ? 60 : 0 });
    const line = await poll([deviceWith(1, [100, 200, 300])], behaviour, { timeoutMs: 30 });
    await later(600);
    for (const [point, outcome] of line.newest)
      if (outcome.quality === 'good') expect(outcome.value).toBe(Number(point.slice(4)));
    late = false;
    await expect.poll(() => allGood(line, [1], [100, 200, 300]), { timeout: 5000 }).toBe(true);
    for (const register of [100, 200, 300]) expect(line.newest.get(`d1/p${register}`)).toEqual(good(register));
  });

  test('5, 7: units behind one port are asked one after the other (edgexfoundry/device-modbus-go 685, FUXA 1947)', async () => {
    let [underWay, most] = [0, 0];
    const behaviour: Behaviour = () => {
      underWay += 1;
      most = Math.max(most, underWay);
      setTimeout(() => {
        underWay -= 1;
      }, 9);
      return { answer: 'values', afterMs: 10 };
    };
    const units = [1, 2, 3, 4, 5];
    const line = await poll(
      units.map((unit) => deviceWith(unit, [100, 200], 30)),
      behaviour,
      ROOMY,
    );
    await expect.poll(() => allGood(line, units, [100, 200]), { timeout: 5000 }).toBe(true);
    expect(most).toBe(1);
  });

  test('8: one time-out drops no request of others (node-red-contrib-modbus 409)', async () => {
    const units = [1, 2, 3, 4];
    const line = await poll(
      units.map((unit) => deviceWith(unit, [100, 200], 5000)),
      ({ unit }) => (unit === 2 ? SILENCE : VALUES),
      { timeoutMs: 60 },
    );
    await expect.poll(() => allGood(line, [1, 3, 4], [100, 200]), { timeout: 4000 }).toBe(true);
  });

  test('9: after a long outage it comes back by itself (home-assistant/core 142658)', async () => {
    let isOff = false;
    const line = await poll([deviceWith(1, [100])], () => (isOff ? SILENCE : VALUES), { timeoutMs: 30 });
    await expect.poll(() => allGood(line, [1], [100])).toBe(true);
    isOff = true;
    await expect.poll(() => allGood(line, [1], [100]), { timeout: 3000 }).toBe(false);
    await later(1500);
    isOff = false;
    await expect.poll(() => allGood(line, [1], [100]), { timeout: 5000 }).toBe(true);
  });

  test('10: a time-out of 60 ms is 60 ms (device-modbus-go 684)', async () => {
    const line = await poll([deviceWith(1, [100], 10)], () => SILENCE, { timeoutMs: 60, silentShare: 1 });
    await expect.poll(() => line.asked.length, { timeout: 3000 }).toBeGreaterThan(2);
    const [first, second] = line.asked;
    const waited = (second?.at ?? 0) - (first?.at ?? 0);
    expect(waited).toBeGreaterThan(55);
    expect(waited).toBeLessThan(250);
  });

  test('13: a busy slave is not asked again at once, nor is any other (telegraf 11782)', async () => {
    const { clock, asked, newest, moves, plans } = playLine(
      [deviceWith(1, [100], 1000), deviceWith(2, [100], 1000)],
      ({ unit }) => (unit === 1 ? { answer: 6 } : VALUES),
    );
    await clock.advance(10_000);
    for (const unit of [1, 2]) {
      const times = asked.filter((each) => each.unit === unit).map(({ at }) => at);
      // In each of its slots, and never else.
      expect(times.length).toBeGreaterThanOrEqual(10);
      for (const [i, at] of times.slice(1).entries()) expect(at - (times[i] as number)).toBeGreaterThan(900);
    }
    expect([newest.get('d1/p100'), newest.get('d2/p100')]).toEqual([
      { quality: 'bad', fault: 'device-busy' },
      good(100),
    ]);
    expect([moves, plans[0]?.learnt]).toEqual([[], undefined]);
  });
});

describe('batching', () => {
  const registers = (count: number) => Array.from({ length: count }, (_, i) => i);
  const firstRound = (line: PolledLine) => line.asked.map(({ register, count }) => [register, count]);

  test('14: fifty registers are one request (thingsboard-gateway 406)', async () => {
    const line = await poll([deviceWith(1, registers(50), 5000)], () => VALUES, ROOMY);
    await expect.poll(() => allGood(line, [1], registers(50))).toBe(true);
    expect(firstRound(line)).toEqual([[0, 50]]);
  });

  test('15: blocks are as long as the standard allows, and begin where they should (thingsboard 15122)', async () => {
    const line = await poll([deviceWith(1, registers(300), 5000)], () => VALUES, ROOMY);
    await expect.poll(() => allGood(line, [1], registers(300))).toBe(true);
    expect(firstRound(line)).toEqual([
      [0, 125],
      [125, 125],
      [250, 50],
    ]);
    for (const at of registers(300)) expect(line.newest.get(`d1/p${at}`)).toEqual(good(at));
  });

  test('16: a hole in the map costs that register alone (ioBroker.modbus 581, telegraf 13630)', async () => {
    const own = [11_174, 11_176, 11_178];
    const line = await poll(
      [deviceWith(1, own)],
      ({ register, count }) => (register <= 11_175 && register + count > 11_175 ? { answer: 2 } : VALUES),
      ROOMY,
    );
    await expect.poll(() => allGood(line, [1], own), { timeout: 5000 }).toBe(true);
    const learnt = line.asked.length;
    await later(300);
    expect(new Set(line.asked.slice(learnt).map(({ register, count }) => `${register}+${count}`))).toEqual(
      new Set(['11174+1', '11176+3']),
    );
  });

  test('17: the size of a block is set for each device (eg4_web_monitor 254)', async () => {
    const device = deviceWith(1, registers(40), 5000);
    const small = { ...device, limits: { ...device.limits, registers: 16 } };
    const line = await poll([small], () => VALUES, ROOMY);
    await expect.poll(() => allGood(line, [1], registers(40))).toBe(true);
    expect(firstRound(line)).toEqual([
      [0, 16],
      [16, 16],
      [32, 8],
    ]);
  });
});
