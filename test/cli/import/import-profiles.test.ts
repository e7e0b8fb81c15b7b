import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { importEdgex } from '../../../cli/import/edgex.ts';
import { importWbTemplate } from '../../../cli/import/wb-template.ts';
import { sample, told } from './samples.ts';

describe('edgex', () => {
  const imported = importEdgex(sample('edgex.yaml'), 'edgex.yaml');
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

describe('wb-mqtt-serial', () => {
  const imported = importWbTemplate(sample('wb.template'), 'wb.json');
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
