import { expect, test } from 'vitest';
import { signalsOf } from '../../devices/simulator/signals.ts';
import { plantOf } from './support.ts';

const START = 1_795_000_000_000;
const HOUR = 3_600_000;

/** What the points of a device show at an instant, by name. */
async function shownBy(profile: string, { seed = 1, points = '{}', driver = 'modbus-rtu' } = {}) {
  const plant = await plantOf(`
channels: [{ name: line, driver: ${driver}, port: /dev/x }]
devices: [{ name: d, channel: line, profile: ${profile}, points: ${points} }]`);
  const [device] = plant.devices;
  if (device === undefined) throw new Error(profile);
  const signalOf = signalsOf(device, seed);
  const signals = device.points.map((point) => [point.name, signalOf(point)] as const);
  return (at: number) => {
    const values = new Map(signals.map(([name, signal]) => [name, signal(at)]));
    return (name: string) => values.get(name) as number;
  };
}

const times = (count: number, step: number) => Array.from({ length: count }, (_, i) => START + i * step);
const PHASES = ['l1', 'l2', 'l3'];
const near = (a: number, b: number, by: number) => expect(Math.abs(a - b), `${a} for ${b}`).toBeLessThanOrEqual(by);
const sum = (values: number[]) => values.reduce((all, value) => all + value, 0);

test.each([1, 2, 3])('seed %i: a three-phase meter obeys the laws of its phases and their sums', async (seed) => {
  const at = await shownBy('eastron/sdm630', {
    seed,
    points: '{ power: { typical: 14500 }, power-factor: { typical: 0.85 } }',
  });
  for (const time of times(300, 7919)) {
    const show = at(time);
    for (const phase of PHASES) {
      const [u, i, p] = [show(`voltage-${phase}`), show(`current-${phase}`), show(`power-${phase}`)];
      // Half a step of 0.1 V, 0.01 A and 0.001 of the power factor.
      near(p, u * i * show(`power-factor-${phase}`), 0.05 * i + 0.005 * u + 0.001 * p);
      near(show(`apparent-power-${phase}`), u * i, 0.05 * i + 0.005 * u + 0.1);
      near(show(`apparent-power-${phase}`), Math.hypot(p, show(`reactive-power-${phase}`)), 0.15);
      expect(u).toBeGreaterThan(217);
      expect(u).toBeLessThan(223);
    }
    for (const total of ['power', 'reactive-power'])
      near(show(total), sum(PHASES.map((l) => show(`${total}-${l}`))), 0.21);
    near(show('apparent-power'), Math.hypot(show('power'), show('reactive-power')), 0.15);
    near(show('power-factor'), show('power') / show('apparent-power'), 0.001);
    near(show('power-factor'), 0.85, 0.05);
    near(show('power'), 14_500, 14_500 * 0.16);
    expect(show('frequency')).toBeGreaterThan(59.9);
    expect(show('frequency')).toBeLessThan(60.1);
  }
});

test('voltages between phases are root 3 of those to neutral; little flows in the neutral', async () => {
  const at = await shownBy('schneider/pm5110');
  for (const time of times(100, 7919)) {
    const show = at(time);
    for (const [a, b] of [
      ['l1', 'l2'],
      ['l2', 'l3'],
      ['l3', 'l1'],
    ]) {
      const mean = (show(`voltage-${a}`) + show(`voltage-${b}`)) / 2;
      near(show(`voltage-${a}-${b}`), Math.sqrt(3) * mean, 0.2);
    }
    const amps = PHASES.map((phase) => show(`current-${phase}`));
    expect(show('current-n')).toBeLessThan(Math.max(...amps) - Math.min(...amps) + 0.02);
  }
});

test('energy is what the power came to, only grows, and none goes back', async () => {
  const at = await shownBy('eastron/sdm630');
  const seconds = times(3601, 1000).map((time) => at(time));
  const [first, last] = [seconds[0], seconds.at(-1)];
  if (first === undefined || last === undefined) throw new Error('no values');
  const kWh = sum(seconds.slice(1).map((show) => show('power'))) / 3600 / 1000;
  const kvarh = sum(seconds.slice(1).map((show) => show('reactive-power'))) / 3600 / 1000;
  near(last('import') - first('import'), kWh, 0.005);
  near(last('reactive-import') - first('reactive-import'), kvarh, 0.005);
  const counts = seconds.map((show) => show('import'));
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  expect(seconds.every((show) => show('export') === 0 && show('energy') === show('import'))).toBe(true);
});

test('a meter of one phase', async () => {
  const at = await shownBy('eastron/sdm120', {
    points: '{ power: { typical: 640 }, power-factor: { typical: 0.92 } }',
  });
  const show = at(START);
  near(show('power'), show('voltage') * show('current') * show('power-factor'), 1);
  near(show('power-factor'), 0.92, 0.02);
  near(show('power'), 640, 100);
});

test('a typical value of the configuration goes before that of the profile', async () => {
  const hot = await shownBy('xy-md02', { points: '{ temperature: { typical: 34.5 } }' });
  for (const time of times(50, 60_000)) near(hot(time)('temperature'), 34.5, 1.2);
  const ups = await shownBy('megatec/q1', { driver: 'text-line' });
  for (const time of times(50, 60_000)) near(ups(time)('battery-voltage'), 27.3, 0.2);
});

test('a dew point is never above its air', async () => {
  const at = await shownBy('nmea/weather', {
    driver: 'text-line',
    points: '{ temperature: { typical: 20 }, humidity: { typical: 50 } }',
  });
  for (const time of times(50, 60_000)) near(at(time)('dew-point'), 9.3, 1.5);
});

test('the same for a seed, other for another', async () => {
  const run = async (seed: number) => {
    const at = await shownBy('eastron/sdm120', { seed });
    return times(50, HOUR / 60).map((time) => at(time)('voltage'));
  };
  expect(await run(1)).toEqual(await run(1));
  expect(await run(1)).not.toEqual(await run(2));
});
