import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { importHomeAssistant } from '../../../cli/import/home-assistant.ts';
import { importTelegraf } from '../../../cli/import/telegraf.ts';
import { sample, told } from './samples.ts';

describe('telegraf', () => {
  const imported = importTelegraf(sample('telegraf.conf'), 'telegraf.conf');
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
  const imported = importHomeAssistant(sample('home-assistant.yaml'), 'ha.yaml');
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
