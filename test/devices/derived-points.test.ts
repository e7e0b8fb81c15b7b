import { describe, expect, test } from 'vitest';
import { bad, good, type Outcome } from '../../core/reading.ts';
import { problemLine } from '../../core/settings.ts';
import { modbusTcp } from '../../devices/modbus/driver.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { nextCatalogue } from '../../gateway/catalogue.ts';
import { Intake } from '../../gateway/intake.ts';
import { DevicePlan } from '../../gateway/poll/device-plan.ts';
import { planTasks } from '../../gateway/poll/task.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { loadPlant, plantOf } from './support.ts';

const HEAD = `
channels: [{ name: plc, driver: modbus-tcp, port: "tcp://127.0.0.1:1502" }]
devices:
  - name: meter
    channel: plc
    every: 1s
    points:
`;
const at = (register: number, more = '') =>
  `{ address: { table: holding, register: ${register}, type: int16 }${more} }`;

async function problemsOf(points: string): Promise<string> {
  const { problems } = await loadPlant(HEAD + points);
  return problems.map(problemLine).join('\n');
}

async function intakeOf(points: string, alarms = '') {
  const plant = await plantOf(`${HEAD}${points}${alarms}`);
  const device = plant.devices[0] as DeviceSpec;
  const kept: [string, number, Outcome][] = [];
  const events: unknown[] = [];
  const catalogue = nextCatalogue(null, plant, { site: 'Test', timezone: 'Asia/Seoul' });
  const nameOf = (number: number) => catalogue.points.find((entry) => entry.number === number)?.point ?? '';
  const keeper = {
    reading: (number: number, time: number, outcome: Outcome) => void kept.push([nameOf(number), time, outcome]),
    event: (event: unknown) => void events.push(event),
  };
  const clock = new FakeClock();
  const intake = new Intake(plant, catalogue, keeper, clock);
  const answers = (given: Record<string, Outcome>) => intake.answers(device, new Map(Object.entries(given)));
  const of = (name: string) => kept.filter(([point]) => point === name).map(([, , outcome]) => outcome);
  return { device, kept, events, intake, catalogue, clock, answers, of };
}

const SUM = `
      p1: ${at(1)}
      p2: ${at(2)}
      total: { formula: p1 + p2, unit: W, title: { en: Total, ko: 합계 } }
`;

describe('a formula over points of one device', () => {
  test('is computed once a round, with its own stamp, and never of half a round', async () => {
    const { answers, of, kept, clock } = await intakeOf(SUM);
    answers({ p1: good(10) });
    expect(of('total')).toEqual([]);
    await clock.advance(5);
    answers({ p2: good(20) });
    expect(of('total')).toEqual([good(30)]);
    expect(kept.filter(([point]) => point !== 'p1').map(([, time]) => time)).toEqual([clock.now(), clock.now()]);
    // The next round: both have jumped; 110 + 20 never was.
    answers({ p1: good(110) });
    answers({ p2: good(220) });
    expect(of('total')).toEqual([good(30), good(330)]);
  });

  test('has the fault of its input, and is well again with it', async () => {
    const { answers, intake, device, of } = await intakeOf(SUM);
    answers({ p1: good(10), p2: bad('no-value') });
    answers({ p1: good(10), p2: good(1) });
    intake.fault(device, ['p1', 'p2'], 'no-answer');
    expect(of('total')).toEqual([bad('no-value'), good(11), bad('no-answer')]);
  });

  test('an input outside its valid range makes it bad; its own range holds too', async () => {
    const { answers, of, intake } = await intakeOf(`
      p1: ${at(1, ', valid: { max: 50 }')}
      twice: { formula: p1 * 2, valid: { max: 80 } }
`);
    for (const value of [20, 45, 51]) answers({ p1: good(value) });
    // Above 40 its own range is passed, above 50 its input's.
    expect(of('twice')).toEqual([good(40), bad('out-of-range')]);
    expect(intake.devices.get('meter')?.points.get('twice')?.newest).toEqual(bad('out-of-range'));
  });

  test('takes part in report by exception, alarms and catalogue', async () => {
    const { answers, of, events, catalogue } = await intakeOf(
      `
      p1: ${at(1)}
      half: { formula: p1 / 2, unit: W, deadband: 1 }
      high: { formula: p1 > 100 }
`,
      '    alarms: [{ point: half, above: 50, text: Too much }, { point: high, equals: true, text: High }]\n',
    );
    for (const value of [10, 11, 13, 120]) answers({ p1: good(value) });
    expect(of('half')).toEqual([good(5), good(6.5), good(60)]);
    expect(of('high')).toEqual([good(false), good(false), good(false), good(true)]);
    expect(events).toMatchObject([
      { event: 'device', online: true },
      { event: 'alarm', point: 'half', active: true, value: 60 },
      { event: 'alarm', point: 'high', active: true },
    ]);
    expect(catalogue.points.slice(1)).toMatchObject([
      { point: 'half', kind: 'number', type: 'float64', unit: 'W', everyMs: 1000, writable: false },
      { point: 'high', kind: 'boolean', type: 'bool', everyMs: 1000 },
    ]);
  });

  test('formulas over formulas, and inputs with a slower rhythm', async () => {
    const { answers, of, device } = await intakeOf(`
      cost: { formula: energy * price }
      price: ${at(5, ', every: 1h')}
      energy: { formula: e1 + e2 }
      e1: ${at(1)}
      e2: ${at(2)}
`);
    expect(device.points.map(({ rhythm }) => rhythm)).toMatchObject(
      [1000, 3_600_000, 1000, 1000, 1000].map((everyMs) => ({ everyMs })),
    );
    answers({ e1: good(1), e2: good(2) });
    expect(of('cost')).toEqual([]);
    answers({ price: good(10) });
    answers({ e1: good(2), e2: good(2) });
    answers({ e1: good(3), e2: good(3) });
    expect(of('energy')).toEqual([good(3), good(4), good(6)]);
    expect(of('cost')).toEqual([good(40), good(60)]);
  });

  test('no driver hears of it', async () => {
    const { device } = await intakeOf(SUM);
    const tasks = planTasks(new DevicePlan(device, modbusTcp as never, 'here', undefined, 0), 0);
    expect(tasks.flatMap(({ points }) => points.map(({ name }) => name))).toEqual(['p1', 'p2']);
  });
});

describe('formulas that cannot be', () => {
  test.each([
    ['t: { formula: p1 + pp2 }', /points\.t\.formula: there is no point `pp2` — did you mean `p2`\?/],
    ['t: { formula: p1-p2 }', /no point `p1-p2` — put a space on both sides of the minus: p1 - p2/],
    ['t: { formula: p1-100 }', /put a space on both sides of the minus: p1 - 100/],
    ['t: { formula: "p1 + name" }', /`name` is a text/],
    ['t: { formula: "t + p1" }', /comes round to itself: t -> t/],
    [
      't: { formula: "u + p1" }\n      u: { formula: "v" }\n      v: { formula: "t * 2" }',
      /comes round to itself: t -> u -> v -> t/,
    ],
    ['t: { formula: "1 + 2" }', /takes no point/],
    ['t: { formula: p1, writable: true }', /writable: a formula is computed/],
    ['t: { formula: p1, every: 2s }', /every: a formula is computed when/],
    ['t: { formula: "p1 > 2", deadband: 1 }', /deadband: a boolean has none/],
    ['t: { formula: p1, bits: { 1: On } }', /bits: are for type bits/],
    ['t: { formula: p1, address: { table: coil, register: 1 } }', /an `address` or a `formula`, not both/],
    ['t: { unit: W }', /needs an `address` or a `formula`/],
    ['t: { formula: sqr(p1) + cos(p2) }', /no function `sqr`.*no function `cos`/s],
  ])('%s', async (line, message) => {
    const text = await problemsOf(`
      p1: ${at(1)}
      p2: ${at(2)}
      name: { address: { table: holding, register: 8, type: string, length: 2 } }
      ${line}
`);
    expect(text).toMatch(message);
  });

  test('a formula over a point with a problem of its own is not told twice', async () => {
    const text = await problemsOf(`
      p1: { address: { table: holding, register: 99999, type: int16 } }
      t: { formula: p1 * 2 }
`);
    expect(text.split('\n').length).toBe(1);
  });

  test('all of them are told, each at its place', async () => {
    const text = await problemsOf(`
      p1: ${at(1)}
      a: { formula: "p1 +" }
      b: { formula: pp1 }
      c: { formula: c }
`);
    expect(text.split('\n').map((line) => line.split(':')[1])).toEqual(['10', '11', '12']);
  });
});
