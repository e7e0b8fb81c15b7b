import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { importCsv } from '../../../cli/import/csv-points.ts';
import { importNeuron } from '../../../cli/import/neuron.ts';
import { problemLine } from '../../../core/settings.ts';
import { problemsOf, sample, told } from './samples.ts';

describe('neuron', () => {
  const imported = importNeuron(sample('neuron.csv'), 'neuron.csv');
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

describe('csv', () => {
  const imported = importCsv(sample('points.csv'), 'points.csv');
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
