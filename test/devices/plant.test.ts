import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { problemLine, SettingsFault } from '../../core/settings.ts';
import { REGISTERS_OF } from '../../devices/modbus/register-types.ts';
import { DATA_TYPES } from '../../devices/plant-types.ts';
import { loadPlant, plantOf } from './support.ts';

async function problemsOf(yaml: string): Promise<string[]> {
  try {
    return (await loadPlant(yaml)).problems.map(problemLine);
  } catch (error) {
    if (error instanceof SettingsFault) return error.problems.map(problemLine);
    throw error;
  }
}

const BUS = 'channels:\n  - { name: bus, driver: modbus-rtu, port: /dev/ttyUSB0 }\n';
const one = (device: string) => `${BUS}devices:\n  - ${device}`;
const point = (inner: string) => one(`{ name: d, channel: bus, points: { p: { ${inner} } } }`);
const holding = 'address: { table: holding, register: 1, type: int16 }';

describe('problems are found with file, line and a hint', () => {
  test.each([
    [
      '{ name: d, channel: buss, profile: eastron/sdm630 }',
      /:4: devices\[0\].channel: there is no channel `buss` — did you mean `bus`\?/,
    ],
    [
      '{ name: d, channel: bus, profile: eastron/sdm63 }',
      /there is no profile `eastron\/sdm63` — did you mean `eastron\/sdm630`\?/,
    ],
    ['{ name: status, channel: bus, profile: xy-md02 }', /is reserved/],
    ['{ name: Main Meter, channel: bus, profile: xy-md02 }', /lower-case/],
    ['{ name: d, channel: bus }', /has no points/],
    ['{ name: d, channel: bus, profil: xy-md02 }', /unknown key `profil` — did you mean `profile`\?/],
    ['{ name: d, channel: bus, driver: snmp, profile: xy-md02 }', /driver snmp is planned, not built yet/],
    ['{ name: d, channel: bus, unitId: 300, profile: xy-md02 }', /unitId/],
    ['{ name: d, channel: bus, every: 5s, schedule: "* * * * *", profile: xy-md02 }', /not both/],
    ['{ name: d, channel: bus, schedule: "every minute", profile: xy-md02 }', /no cron expression/],
    ['{ name: d, channel: bus, profile: xy-md02, points: { temprature: { title: x } } }', /needs an `address`/],
    [
      '{ name: d, channel: bus, profile: xy-md02, alarms: [{ point: temperature, above: 3, text: x }, { point: temperature, above: 5, text: y }] }',
      /another alarm `temperature\/above`/,
    ],
    [
      '{ name: d, channel: bus, profile: xy-md02, alarms: [{ point: temperature, equals: true, text: x }] }',
      /never equals true/,
    ],
    [
      '{ name: d, channel: bus, points: { on: { address: { table: coil, register: 1 } } }, alarms: [{ point: on, above: 0, text: x }] }',
      /on is a boolean: use `equals`/,
    ],
    ['{ name: d, channel: bus, unitId: 0, profile: xy-md02 }', /all devices of a line/],
    [
      '{ name: d, channel: bus, profile: xy-md02, alarms: [{ point: temperatur, above: 3, text: x }] }',
      /there is no point `temperatur` — did you mean `temperature`\?/,
    ],
    [
      '{ name: d, channel: bus, profile: xy-md02, limits: { forbidden: [{ table: input, from: 0, to: 1 }] } }',
      /forbidden range/,
    ],
  ])('%s', async (device, message) => {
    expect((await problemsOf(one(device))).join('\n')).toMatch(message);
  });

  test.each([
    ['address: { table: holding, register: 70000, type: int16 }', /register/],
    ['address: { table: holding, register: 65535, type: int32 }', /beyond register 65535/],
    ['address: { table: holding, regster: 1, type: int16 }', /unknown key `regster` — did you mean `register`\?/],
    ['address: { table: input, register: 1, type: int16 }, writable: true', /table input can only be read/],
    ['address: { table: holding, register: 1, type: bits }, writable: true', /type bits can only be read/],
    [
      'address: { table: holding, register: 1, type: float32, transform: four-quadrant-pf }, writable: true',
      /went through `four-quadrant-pf`/,
    ],
    ['address: { table: holding, register: 1, type: string, length: 124 }, writable: true', /124 registers are more/],
    ['address: { table: holding, register: 1, type: int16, writeWith: mask }, writable: true', /`mask` is for one bit/],
    [`${holding}, min: 3`, /not `writable`/],
    [`${holding}, writable: true, min: 5, max: 3`, /above `max`/],
    [`${holding}, valid: { min: 5, max: 3 }`, /above `max`/],
    ['address: { table: coil, register: 1 }, deadband: 2', /a boolean has none/],
    ['address: { table: coil, register: 1 }, counter: { mostPerHour: 5 }', /counter: a boolean has none/],
    [
      'address: { table: holding, register: 1, type: uint16 }, counter: { rollsOver: 5 }',
      /counter.rollsOver: unknown key/,
    ],
    [
      'address: { table: holding, register: 1, type: uint16 }, counter: { mostPerHour: 5 }, writable: true',
      /a total cannot be written/,
    ],
    ['address: { message: status }', /there is no message `status`/],
  ])('point { %s }', async (inner, message) => {
    expect((await problemsOf(point(inner))).join('\n')).toMatch(message);
  });

  test.each([
    ['{ name: c, driver: modbus-tcp, port: /dev/ttyUSB0 }', /needs tcp:\/\/host:port/],
    ['{ name: c, driver: modbus-rtu, port: "tcp://10.0.0.1" }', /not of the form/],
    ['{ name: c, driver: modbus-rtu, port: COM1 }', /neither/],
    ['{ name: c, driver: modbus-rtu, port: /dev/x, maxInFlight: 4 }', /only modbus-tcp/],
    ['{ name: c, driver: modbus-tcp, port: "tcp://h:502", maxInFlight: 65 }', /maxInFlight/],
    ['{ name: c, driver: modbus, port: /dev/x }', /there is no driver `modbus`/],
    ['{ name: c, driver: snmp, port: /dev/x }', /planned/],
    [
      '{ name: c, driver: modbus-rtu, port: /dev/x }\n  - { name: d, driver: text-line, port: /dev/x }',
      /channel `c` has this port/,
    ],
  ])('channel %s', async (channel, message) => {
    expect((await problemsOf(`channels:\n  - ${channel}`)).join('\n')).toMatch(message);
  });

  test('all at once, each at its line', async () => {
    const yaml = `${BUS}  - { name: bus, driver: text-line, port: /dev/ttyUSB1 }
devices:
  - { name: a, channel: bus, profile: xy-md02 }
  - { name: a, channel: nowhere, profile: xy-md02 }
  - name: b
    channel: bus
    points:
      p:
        address: { table: holding, register: 65536, type: int16 }
`;
    const lines = await problemsOf(yaml);
    expect(lines.map((line) => line.split(':')[1])).toEqual(['3', '6', '6', '11']);
  });

  test("a site profile's own mistake is reported once, in its file", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-profiles-'));
    const file = join(folder, 'mine.yaml');
    writeFileSync(
      file,
      'driver: modbus-rtu\nclass: other\nvendor: Me\nmodels: [x]\nsource: somewhere in a manual\npoints:\n  p:\n    address: { table: holding, register: 99999, type: int16 }\n',
    );
    const devices = [1, 2].map((i) => `  - { name: d${i}, channel: bus, profile: mine }`).join('\n');
    const lines = await problemsOf(`profilesDir: ${folder}\n${BUS}devices:\n${devices}`);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`${file}:8:`);
  });
});

describe('a good configuration', () => {
  test("the contract's boiler", async () => {
    const { devices } = await plantOf(`
channels:
  - { name: plc, driver: modbus-tcp, port: "tcp://10.0.0.20:502", timeout: 1s, maxInFlight: 1 }
devices:
  - name: boiler
    channel: plc
    unitId: 3
    every: 1s
    byteOrder: CDAB
    maxGap: 8
    points:
      water-temp: { unit: °C, address: { table: holding, register: 40, type: int16, scale: 0.1 }, deadband: 0.2, maxSilence: 5m }
      setpoint:   { unit: °C, address: { table: holding, register: 41, type: int16, scale: 0.1 }, writable: true, min: 20, max: 80 }
      running:    { address: { table: discrete, register: 0 } }
      energy:     { unit: kWh, address: { table: holding, register: 100, type: uint32 }, schedule: "0 */15 * * * *" }
      mode:       { address: { table: holding, register: 5, type: uint16 }, enum: { 0: { en: Off, ko: 꺼짐 }, 1: { en: On, ko: 켜짐 } } }
      faults:     { address: { table: holding, register: 6, type: bits }, bits: { 0: { en: Leak, ko: 누수 } } }
    alarms:
      - { point: water-temp, above: 75, deadband: 2, onDelay: 10s, priority: high, text: Boiler water too hot, action: Check the burner }
`);
    const [boiler] = devices;
    expect(boiler).toMatchObject({ driver: 'modbus-tcp', unitId: 3, limits: { maxGap: 8, registers: 125 } });
    const byName = Object.fromEntries(boiler?.points.map((given) => [given.name, given]) ?? []);
    expect(byName['water-temp']).toMatchObject({
      rhythm: { everyMs: 1000 },
      deadband: 0.2,
      maxSilenceMs: 300_000,
      kind: 'number',
    });
    expect(byName.energy).toMatchObject({ rhythm: { schedule: '0 */15 * * * *' }, address: { byteOrder: 'CDAB' } });
    expect(byName.running).toMatchObject({ kind: 'boolean', type: 'bool', writable: false });
    expect(byName.mode?.enum).toEqual({ 0: { en: 'Off', ko: '꺼짐' }, 1: { en: 'On', ko: '켜짐' } });
    expect(byName.faults).toMatchObject({ kind: 'text', address: { bits: { 0: 'Leak' } } });
    expect(boiler?.rules).toMatchObject([{ id: 'water-temp/above', onDelayMs: 10_000 }, { id: 'device/offline' }]);
  });

  test("a device's words replace its profile's, and a meter's profile travels over TCP too", async () => {
    const { devices } = await plantOf(`
channels: [{ name: far, driver: modbus-tcp, port: "tcp://10.0.0.9:502" }]
devices:
  - name: m
    channel: far
    profile: xy-md02
    every: 5s
    points: { temperature: { title: Cold aisle, every: 1s, address: { scale: 0.01 } } }
    alarms: [{ point: temperature, above: 27, text: Warm }]
`);
    const [device] = devices;
    expect(device).toMatchObject({ driver: 'modbus-tcp', class: 'climate', vendor: 'XY', model: 'XY-MD02' });
    expect(device?.points).toMatchObject([
      {
        name: 'temperature',
        title: { en: 'Cold aisle' },
        rhythm: { everyMs: 1000 },
        address: { scale: 0.01, register: 1 },
      },
      { name: 'humidity', rhythm: { everyMs: 5000 } },
    ]);
    expect(device?.rules.find((rule) => rule.id === 'temperature/above')?.condition).toMatchObject({ limit: 27 });
  });

  test('the register types are those of the contract', () => {
    expect(Object.keys(REGISTERS_OF).sort()).toEqual([...DATA_TYPES].sort());
  });
});
