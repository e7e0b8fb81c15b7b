import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseSettings, problemLine, SettingsFault, surveySettings } from '../../core/settings.ts';
import { channelsSchema, devicesSchema } from '../../devices/plant.ts';
import { resolvePlant } from '../../devices/resolve-plant.ts';

const schema = z.strictObject({ channels: channelsSchema, devices: devicesSchema });

const POINTS = `
channels: [{ name: plc, driver: modbus-tcp, port: "tcp://10.0.0.1:502" }]
devices:
  - name: ahu
    channel: plc
    every: 5s
    points:
      supply: { unit: °C, address: { table: holding, register: 0, type: int16, scale: 0.1 }, valid: { min: -20, max: 80 } }
      setpoint: { unit: °C, address: { table: holding, register: 1, type: int16, scale: 0.1 } }
      state: { address: { table: holding, register: 2, type: uint16 } }
      serial: { address: { table: holding, register: 3, type: uint16 }, every: once }
      fan: { address: { table: coil, register: 0 } }
      run: { address: { table: coil, register: 1 } }
      faults: { address: { table: holding, register: 4, type: bits }, bits: { 0: Fire } }
    alarms:
`;

const list = (alarms: readonly string[]) => POINTS + alarms.map((alarm) => `      - { text: x, ${alarm} }\n`).join('');

async function resolve(alarms: readonly string[]) {
  const { plant, problems } = await resolvePlant(parseSettings(schema, list(alarms), 'f'));
  return { rules: plant.devices[0]?.rules ?? [], problems: problems.map(problemLine) };
}

describe('a rule that contradicts itself, or its plant, is refused with place and reason', () => {
  test.each([
    [
      'an unknown point',
      ['point: suply, above: 3'],
      /alarms\[0\]\.point: there is no point `suply` — did you mean `supply`/,
    ],
    [
      'an unknown point to differ from',
      ['point: supply, deviation: { from: set, above: 3 }'],
      /deviation\.from: there is no point `set`/,
    ],
    [
      'an unknown command',
      ['point: run, discrepancy: { command: fn, within: 30s }'],
      /discrepancy\.command: there is no point `fn`/,
    ],
    [
      'an unknown point that suppresses',
      ['point: supply, above: 30, suppressWhen: [{ point: fam, equals: false }]'],
      /suppressWhen\[0\]\.point: .* did you mean `fan`/,
    ],
    ['an unknown point in a formula', ['id: a, expression: "suply > 3"'], /expression: there is no point `suply`/],
    [
      'a low limit above a high one',
      ['point: supply, above: 20', 'point: supply, below: 25'],
      /alarms\[1\]\.below: 25 is not below the limit of `supply\/above`, 20/,
    ],
    [
      'a deadband wider than the band',
      ['point: supply, above: 20, deadband: 6', 'point: supply, below: 15'],
      /alarms\[0\]\.deadband: 6 reaches to the limit of `supply\/below`/,
    ],
    [
      'a deadband wider than a deviation',
      ['point: supply, deviation: { from: 20, above: 2 }, deadband: 2'],
      /deadband: is as wide as the deviation/,
    ],
    [
      'a limit that is never reached',
      ['point: supply, above: 80'],
      /above: supply is valid up to 80: it never gets above 80/,
    ],
    ['a low limit that is never reached', ['point: supply, below: -30'], /below: supply is valid from -20/],
    [
      'a share of no range',
      ['point: setpoint, above: 30, deadband: 2%'],
      /deadband: a share is of the valid range, and setpoint has none/,
    ],
    ['a deadband for what has none', ['point: fan, equals: false, deadband: 1'], /deadband: is for `above`/],
    ['a limit of a yes or no', ['point: fan, above: 0'], /above: fan is a boolean: use `equals`/],
    ['a value of another kind', ['point: fan, equals: 1'], /equals: fan is a boolean and never equals 1/],
    ['a bit of a text', ['point: faults, bit: 0'], /bit: faults is a text: only a number has bits/],
    [
      'silence shorter than the rhythm',
      ['point: supply, stale: 5s'],
      /stale: supply is read every 5 s: it has to be longer/,
    ],
    [
      'a window shorter than the rhythm',
      ['point: supply, rate: { above: 2, per: 4s }'],
      /rate\.per: supply is read every 5 s/,
    ],
    ['standstill of what is read once', ['point: serial, flatline: 1h'], /flatline: serial is read once/],
    [
      'an off-delay of what is latched',
      ['point: fan, equals: false, latch: true, offDelay: 10s'],
      /offDelay: a latched alarm stays/,
    ],
    [
      'a reminder of what nobody acknowledges',
      ['point: fan, equals: false, priority: low, reAlarm: { every: 15m }'],
      /reAlarm: .* needs `ack: true`/,
    ],
    [
      'windows that overlap',
      [
        'point: fan, equals: true, schedule: { windows: [{ from: "08:00", to: "12:00" }, { days: [mon], from: "11:00", to: "13:00" }] }',
      ],
      /schedule\.windows\[1\]: overlaps with window 1/,
    ],
    [
      'an empty window',
      ['point: fan, equals: true, schedule: { windows: [{ from: "08:00", to: "08:00" }] }'],
      /schedule\.windows\[0\]: is empty/,
    ],
    ['a formula that is a number', ['id: a, expression: "supply - setpoint"'], /expression: comes to a number/],
    ['a formula over nothing', ['id: a, expression: "1 > 0"'], /expression: takes no point/],
    ['a rule about nothing', ['above: 3'], /`above` is about a point: give `point`/],
    ['a formula without a name', ['expression: "supply > 3"'], /give it an `id`/],
    ['the name of a built-in one', ['id: offline, expression: "supply > 3"'], /id: `offline` is built in/],
    [
      'two of one name',
      ['id: hi, point: supply, above: 30', 'id: hi, point: supply, above: 40'],
      /alarms\[1\]\.id: there is another alarm `supply\/hi`/,
    ],
    [
      'a command of another kind',
      ['point: run, discrepancy: { command: state, within: 30s }'],
      /discrepancy\.command: state is a number and never is true/,
    ],
  ])('%s', async (_name, alarms, expected) => {
    expect((await resolve(alarms)).problems.join('\n')).toMatch(expected);
  });

  test.each([
    [
      'two conditions',
      'point: supply, above: 3, below: 1',
      /needs exactly one of `above`, `below`, `equals`, `bit`, `rate`/,
    ],
    ['none', 'point: supply', /needs exactly one of/],
    ['a rate of nothing', 'point: supply, rate: { per: 5m }', /needs `above`/],
    [
      'a time of day that is none',
      'point: fan, equals: true, schedule: { windows: [{ from: "25:00", to: "26:00" }] }',
      /expected a time of day/,
    ],
    ['a key that is none', 'point: supply, above: 3, ondelay: 3s', /unknown key `ondelay` — did you mean `onDelay`/],
    ['an address that is none', 'point: supply, above: 3, url: "ftp://x"', /expected http/],
  ])('by its form: %s', (_name, alarm, expected) => {
    const { problems } = surveySettings(schema, list([alarm]), 'f');
    expect(problems.map(problemLine).join('\n')).toMatch(expected);
    expect(() => parseSettings(schema, list([alarm]), 'f')).toThrow(SettingsFault);
  });

  test('all problems at once', async () => {
    const { problems } = await resolve(['point: suply, above: 3', 'point: fan, above: 0', 'point: supply, below: -30']);
    expect(problems).toHaveLength(3);
  });
});

describe('good rules', () => {
  test('high-high to low-low stand side by side under names of their own; shares are of the valid range', async () => {
    const { rules, problems } = await resolve([
      'id: high-high, point: supply, above: 40, deadband: 1%',
      'point: supply, above: 30, deadband: 1, onDelay: 1m, offDelay: 2m, group: heat, reAlarm: { every: 15m, count: 3 }',
      'point: supply, below: 10',
      'id: low-low, point: supply, below: 5, priority: low, class: process, cause: y, action: z, url: "https://example.com/a"',
      'id: heats-idle, expression: "supply > setpoint + 5 && !fan"',
      'point: run, discrepancy: { command: fan, within: 30s }',
      'id: wrong-mode, point: state, bit: { number: 3, set: false }',
    ]);
    expect(problems).toEqual([]);
    expect(rules.map(({ id }) => id)).toEqual([
      'supply/high-high',
      'supply/above',
      'supply/below',
      'supply/low-low',
      'device/heats-idle',
      'run/discrepancy',
      'state/wrong-mode',
      'device/offline',
    ]);
    expect(rules[0]).toMatchObject({
      condition: { kind: 'above', limit: 40, deadband: 1 },
      ack: true,
      shelvable: true,
    });
    expect(rules[1]).toMatchObject({
      onDelayMs: 60_000,
      offDelayMs: 120_000,
      group: 'heat',
      reAlarmMs: 900_000,
      reAlarmCount: 3,
    });
    expect(rules[3]).toMatchObject({ ack: false, class: 'process', cause: { ko: 'y' }, url: 'https://example.com/a' });
    expect(rules[4]).toMatchObject({
      point: '',
      condition: { kind: 'expression', inputs: ['supply', 'setpoint', 'fan'] },
    });
    expect(rules[4]?.formula?.evaluate([30, 20, false])).toEqual({ quality: 'good', value: true });
    expect(rules[6]).toMatchObject({ condition: { kind: 'bit', bit: 3, set: false } });
  });

  test('a device goes without alarms of its profile, and has its own word on being offline', async () => {
    const device = (more: string) =>
      parseSettings(
        schema,
        `channels: [{ name: bus, driver: modbus-rtu, port: /dev/x }]\ndevices: [{ name: d, channel: bus, profile: xy-md02, ${more} }]\n`,
        'f',
      );
    const { plant } = await resolvePlant(
      device('withoutAlarms: [temperature/warm, temperature/rate], offlineAlarm: false'),
    );
    expect(plant.devices[0]?.rules.map(({ id }) => id)).toEqual([
      'temperature/high',
      'temperature/above',
      'humidity/above',
    ]);
    const own = await resolvePlant(device('offlineAlarm: { priority: critical, onDelay: 5s }'));
    expect(own.plant.devices[0]?.rules.at(-1)).toMatchObject({
      id: 'device/offline',
      priority: 'critical',
      onDelayMs: 5000,
    });
    const { problems } = await resolvePlant(device('withoutAlarms: [temperature/warmm]'));
    expect(problems.map(problemLine).join()).toMatch(
      /withoutAlarms\[0\]: the profile has no alarm .* did you mean `temperature\/warm`/,
    );
  });
});
