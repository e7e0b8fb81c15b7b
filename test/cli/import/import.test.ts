import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { importCsv } from '../../../cli/import/csv-points.ts';
import { importEdgex } from '../../../cli/import/edgex.ts';
import { guessSource, type Source } from '../../../cli/import/guess.ts';
import { importHomeAssistant } from '../../../cli/import/home-assistant.ts';
import type { Imported, Importer } from '../../../cli/import/importer.ts';
import { importNeuron } from '../../../cli/import/neuron.ts';
import { importTelegraf } from '../../../cli/import/telegraf.ts';
import { importWbTemplate } from '../../../cli/import/wb-template.ts';
import { type Problem, parseSettings, problemLine } from '../../../core/settings.ts';
import { checkProfile } from '../../../devices/profile-check.ts';
import { profileSchema } from '../../../devices/profile-schema.ts';
import { resolvePlant } from '../../../devices/resolve-plant.ts';
import { gatewaySchema } from '../../../gateway/settings.ts';

const FILES: readonly (readonly [Source, string, Importer])[] = [
  ['telegraf', 'telegraf.conf', importTelegraf],
  ['home-assistant', 'home-assistant.yaml', importHomeAssistant],
  ['edgex', 'edgex.yaml', importEdgex],
  ['neuron', 'neuron.csv', importNeuron],
  ['wb', 'wb.template', importWbTemplate],
  ['csv', 'points.csv', importCsv],
];
const read = (file: string) => readFileSync(join(import.meta.dirname, 'files', file), 'utf8');
const told = ({ problems }: Imported) => problems.map(problemLine);

/** What `sluice check` and `profiles check` say of a result. */
async function problemsOf({ kind, yaml }: Imported): Promise<readonly Problem[]> {
  if (kind === 'profile') return checkProfile(parseSettings(profileSchema, yaml, 'result'));
  return (await resolvePlant(parseSettings(gatewaySchema, yaml, 'result'), { file: 'result' })).problems;
}

describe.each(FILES)('%s', (source, file, importer) => {
  test('is told from the others by its content', () => {
    expect(guessSource(read(file))).toBe(source);
  });

  test('what is imported passes the check', async () => {
    // A register beyond the last is left to the check, which names it.
    const text = read(file).replace('high;;;input;65535', 'high;;;input;65533');
    const imported = importer(text, file);
    expect(await problemsOf(imported)).toEqual([]);
    expect(imported.points).toBeGreaterThan(3);
  });

  test('every problem has its place', () => {
    const text = read(file);
    const lines = text.split('\n').length;
    for (const problem of importer(text, file).problems) {
      expect(problem.file).toBe(file);
      expect(problem.path, problem.message).not.toBe('');
      expect(problem.line).toBeGreaterThan(0);
      expect(problem.line).toBeLessThanOrEqual(lines);
    }
  });
});

describe('telegraf', () => {
  const imported = importTelegraf(read('telegraf.conf'), 'telegraf.conf');
  const { channels, devices } = parse(imported.yaml);

  test('inputs are channels, their units devices', () => {
    expect(channels).toEqual([
      { name: 'boiler-house', driver: 'modbus-tcp', port: 'tcp://10.0.0.20:502', timeout: '1s' },
      { name: 'bus', driver: 'modbus-rtu', port: '/dev/ttyUSB0', baudRate: 19200, parity: 'even' },
    ]);
    expect(
      devices.map(({ name, channel, unitId, limits }: Record<string, unknown>) => [name, channel, unitId, limits]),
    ).toEqual([
      ['boiler-house-1', 'boiler-house', 1, undefined],
      ['bus-3', 'bus', 3, { pause: '20ms', bitsFromZero: true }],
    ]);
  });

  test('fields are points: types, orders, scales, rhythm', () => {
    const [boiler, bus] = devices;
    expect(boiler.points['power-factor']).toEqual({
      title: 'power_factor',
      address: { table: 'holding', register: 8, type: 'int16', scale: 0.01 },
      every: '10s',
    });
    expect(boiler.points.start.address).toEqual({ table: 'discrete', register: 0 });
    expect(boiler.points.energy.address).toMatchObject({ type: 'uint32', scale: 0.001 });
    expect(boiler.points.speed.address).toMatchObject({ type: 'int16', byteOrder: 'BADC' });
    expect(boiler.points.level.address).toMatchObject({ table: 'input', type: 'float32', byteOrder: 'CDAB' });
    expect(bus.points.voltage).toMatchObject({
      every: '2s',
      address: { type: 'int16', byteOrder: 'DCBA', scale: 0.1 },
    });
    expect(bus.points.label.address).toMatchObject({ type: 'string', length: 4 });
    expect(bus.points.alarm.address).toMatchObject({ type: 'bool', bit: 3 });
    expect(Object.keys(bus.points)).toEqual(['voltage', 'energy', 'label', 'alarm']);
  });

  test('what is not translated is told, each with its place', () => {
    expect(told(imported)).toEqual([
      expect.stringMatching(/outputs: is not about Modbus/),
      expect.stringMatching(
        /telegraf.conf:4: inputs.modbus\[0\].holding_registers\[3\].address: is no run of registers/,
      ),
      expect.stringMatching(
        /telegraf.conf:20: inputs.modbus\[1\].workarounds.close_connection_after_gather: is not translated/,
      ),
      expect.stringMatching(/inputs.modbus\[1\].request\[0\].tags: is not translated/),
      expect.stringMatching(/request\[0\].fields\[5\].type: there is no type `UINT8L`/),
      expect.stringMatching(/inputs.modbus\[2\].transmission_mode: Modbus ASCII is not spoken/),
    ]);
  });

  test('text that is no TOML is said so, with its line', () => {
    expect(() => importTelegraf('[[inputs.modbus]]\nname = ', 'x.conf')).toThrow(/x\.conf:2/);
  });
});

describe('home assistant', () => {
  const imported = importHomeAssistant(read('home-assistant.yaml'), 'ha.yaml');
  const { channels, devices } = parse(imported.yaml);
  const points = devices[0].points;

  test('a hub is a channel, sensors and switches are points', () => {
    expect(channels).toEqual([{ name: 'hvac', driver: 'modbus-tcp', port: 'tcp://10.0.0.30:502', timeout: '5s' }]);
    expect(devices.map(({ unitId, limits }: Record<string, unknown>) => [unitId, limits])).toEqual([
      [2, { pause: '30ms' }],
      [1, { pause: '30ms' }],
    ]);
    expect(points['air-in']).toEqual({
      title: 'Air in',
      unit: '°C',
      address: { table: 'input', register: 1, type: 'int16', scale: 0.1, invalid: 0x8000 },
      every: '5s',
    });
    expect(points.energy.address).toMatchObject({ type: 'uint32', byteOrder: 'CDAB', register: 10 });
    expect(points['energy-1'].address).toMatchObject({ register: 12 });
    expect(points.pump.address).toEqual({ table: 'discrete', register: 3 });
    expect(points.fault.address).toEqual({ table: 'holding', register: 60, type: 'bool', bit: 0 });
    expect(points.boost).toMatchObject({ writable: true, address: { table: 'coil', register: 4 } });
    expect(points.mode).toMatchObject({ writable: true, min: 2, max: 5, enum: { 2: 'Off', 5: 'On' } });
    expect(points['hall-set-point']).toMatchObject({ writable: true, min: 15, max: 30, address: { register: 45 } });
  });

  test('what is not translated is told, each with its line', () => {
    expect(told(imported)).toEqual([
      expect.stringMatching(/ha.yaml:6: modbus\[0\].delay: is not translated/),
      expect.stringMatching(/sensors\[2\].structure: is no type of ours/),
      expect.stringMatching(/sensors\[3\]: names no device: unit 1 is taken/),
      expect.stringMatching(/sensors\[3\].zero_suppress: is not translated/),
      expect.stringMatching(/sensors\[3\].min_value: becomes `valid`/),
      expect.stringMatching(/switches\[1\].verify: is not translated/),
      expect.stringMatching(/ha.yaml:\d+: modbus\[0\].climates\[0\].hvac_mode_register: is not translated/),
      expect.stringMatching(/modbus\[0\].covers\[0\]: is not translated/),
      expect.stringMatching(/modbus\[1\].type: `udp` is no line of ours/),
    ]);
  });
});

describe('edgex', () => {
  const imported = importEdgex(read('edgex.yaml'), 'edgex.yaml');
  const { points, vendor, models } = parse(imported.yaml);

  test('a device profile is a profile', () => {
    expect([vendor, models]).toEqual(['Audon Electronics', ['Temperature']]);
    expect(points['thermostat-l']).toEqual({
      title: 'Lower alarm threshold of the temperature',
      unit: '°',
      address: { table: 'holding', register: 3999, type: 'int16', scale: 0.1 },
      writable: true,
      min: -50,
      max: 120,
    });
    expect(points.temperature).toMatchObject({ unit: '°C', address: { register: 4003 } });
    expect(points.counter.address).toEqual({ table: 'input', register: 10, type: 'uint32', byteOrder: 'DCBA' });
    expect(points.door).toEqual({
      title: 'Door',
      address: { table: 'holding', register: 10, type: 'bool', bit: 12 },
      writable: true,
    });
    expect(points.relay).toMatchObject({ writable: true, address: { table: 'coil', register: 2 } });
    expect(points.serial.address).toMatchObject({ type: 'string', length: 8 });
  });

  test('what is not translated is told, each with its line', () => {
    expect(told(imported)).toEqual([
      expect.stringMatching(/edgex.yaml:18: deviceResources\[2\].properties.mask: is not translated/),
      expect.stringMatching(/deviceResources\[6\].properties.readWrite: cannot be read/),
      expect.stringMatching(/deviceResources\[7\].attributes.rawType: there is no type `Int16Array`/),
    ]);
  });
});

describe('neuron', () => {
  const imported = importNeuron(read('neuron.csv'), 'neuron.csv');
  const { devices } = parse(imported.yaml);

  test('tags are points of the units in their addresses', () => {
    expect(devices.map(({ unitId }: { unitId: number }) => unitId)).toEqual([1, 2]);
    const [one, two] = devices;
    expect(one.points.temperature).toEqual({
      title: 'Boiler, water',
      address: { table: 'holding', register: 0, type: 'int16', scale: 0.1 },
      every: '1000ms',
    });
    expect(one.points.pressure.address).toEqual({ table: 'input', register: 10, type: 'float32', byteOrder: 'CDAB' });
    expect(one.points.running).toMatchObject({ writable: true, address: { register: 2, type: 'bool', bit: 5 } });
    expect(one.points.setpoint).toMatchObject({ writable: true, address: { table: 'holding', register: 20 } });
    expect(two.points.name.address).toEqual({
      table: 'holding',
      register: 99,
      type: 'string',
      length: 10,
      byteOrder: 'BADC',
    });
    expect(two.points.valve).toMatchObject({ writable: true, address: { table: 'coil', register: 6 } });
  });

  test('what is not translated is told, each with its line', () => {
    expect(told(imported)).toEqual([
      expect.stringMatching(/neuron.csv:1: channels: the sheet says nothing of the connection/),
      expect.stringMatching(/neuron.csv:3: attribute: table input can only be read/),
      expect.stringMatching(/neuron.csv:8: attribute: `Write` cannot be read/),
      expect.stringMatching(/neuron.csv:9: type: there is no type `INT8`/),
      expect.stringMatching(/neuron.csv:10: address: `DB1.DBW2` is no address/),
    ]);
  });
});

describe('wb-mqtt-serial', () => {
  const imported = importWbTemplate(read('wb.template'), 'wb.json');
  const { points, limits, title } = parse(imported.yaml);

  test('channels are points', () => {
    expect(title).toBe('ACME five');
    expect(limits).toEqual({ maxGap: 4, registers: 10, pause: '5ms' });
    expect(points['air-temperature']).toEqual({
      title: 'Air temperature',
      unit: '°C',
      address: { table: 'input', register: 1, type: 'int16', scale: 0.1, invalid: ['0x7FFF'] },
    });
    expect(points.energy).toMatchObject({ unit: 'kWh', address: { register: 16, type: 'uint64', byteOrder: 'CDAB' } });
    expect(points['set-point']).toMatchObject({ unit: '°C', writable: true, min: -50, max: 50, every: '500ms' });
    expect(points.run).toEqual({ title: 'Run', address: { table: 'holding', register: 2100, type: 'bool', bit: 1 } });
    expect(points.start).toMatchObject({ writable: true, address: { register: 2000, bit: 0 } });
    expect(points.mode.enum).toEqual({ 0: 'Heat', 1: 'Cool' });
    expect(points.relay).toMatchObject({ writable: true, address: { table: 'coil', register: 3 } });
    expect(points.label.address).toMatchObject({ type: 'string', length: 6, half: 'low' });
  });

  test('what is not translated is told, each with its line', () => {
    expect(told(imported)).toEqual([
      expect.stringMatching(/wb.json:11: device.response_timeout_ms: is not translated/),
      expect.stringMatching(/device.setup\[0\]: writes at the start/),
      expect.stringMatching(/device.parameters\[0\]: is a setting of the device/),
      expect.stringMatching(/channels\[5\].address: is 2 bits of a register/),
      expect.stringMatching(/channels\[6\].units: `fathoms` is not in the list/),
      expect.stringMatching(/channels\[8\].on_value: is on at 0/),
      expect.stringMatching(/channels\[10\].url: is not translated/),
      expect.stringMatching(/channels\[10\].format: is one byte/),
      expect.stringMatching(/channels\[11\].format: there is no type `char8`/),
    ]);
  });

  test('a Jinja template is refused', () => {
    expect(() => importWbTemplate('{ "device": {% for i in x %} }', 'x.jinja')).toThrow(/Jinja/);
  });
});

describe('csv', () => {
  const imported = importCsv(read('points.csv'), 'points.csv');
  const { points } = parse(imported.yaml);

  test('rows are points', () => {
    expect(points.voltage).toEqual({
      title: { en: 'Voltage', ko: '전압' },
      unit: 'V',
      address: { table: 'holding', register: 0, type: 'uint16', scale: 0.1, invalid: ['0xFFFF'] },
      every: '5s',
    });
    expect(points.power).toMatchObject({
      title: 'Active power\ntotal',
      address: { table: 'input', register: 20, type: 'float32', byteOrder: 'CDAB' },
      valid: { min: -10, max: 10 },
    });
    expect(points['set-point']).toMatchObject({ writable: true, min: 20, max: 80 });
    expect(points.mode.enum).toEqual({ 0: 'Off', 1: 'On' });
    expect(points.relay).toEqual({ title: 'relay', address: { table: 'coil', register: 3 }, writable: true });
  });

  test('what is not translated is told, each with its line', async () => {
    expect(told(imported)).toEqual([
      expect.stringMatching(/points.csv:1: colour: the column is not translated/),
      expect.stringMatching(/points.csv:9: unit: `fathoms` is not in the list/),
      expect.stringMatching(/points.csv:10: table: `magic` is no table/),
      expect.stringMatching(/points.csv:11: doc: `` is no register number/),
    ]);
    expect((await problemsOf(imported)).map(problemLine)).toEqual([
      expect.stringMatching(/points.high.address.register: a uint32 at 65535 ends beyond register 65535/),
    ]);
  });

  test('a sheet without the columns that are needed is refused', () => {
    expect(() => importCsv('name;kind\na;b\n', 'x.csv')).toThrow(/table: there is no such column/);
  });
});
