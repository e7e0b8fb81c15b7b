import type { Path } from '../../core/settings.ts';
import type { DraftAddress, DraftPoint, DraftTable } from './draft.ts';
import { type Fields, fieldsOf, lookup, type Note, noteRest, numberOf, secondsText, textOf } from './source.ts';

export interface Entity {
  readonly name: string;
  readonly point: DraftPoint;
}

/** Words of every entity; those after the second line change no reading. */
const COMMON = [
  ...['name', 'address', 'slave', 'device_address', 'scan_interval'],
  ...['unique_id', 'device_class', 'state_class', 'lazy_error_count', 'precision', 'offset_precision'],
];
const SENSOR = [
  ...['input_type', 'data_type', 'count', 'structure', 'swap', 'scale', 'offset', 'unit_of_measurement', 'nan_value'],
  ...['min_value', 'max_value', 'virtual_count', 'slave_count'],
];
const CLIMATE = [
  ...['input_type', 'data_type', 'count', 'structure', 'swap', 'scale', 'offset', 'target_temp_register', 'min_temp'],
  ...['max_temp', 'temp_step', 'temperature_unit'],
];

const TABLES: Readonly<Record<string, DraftTable>> = {
  ...{
    holding: 'holding',
    input: 'input',
    coil: 'coil',
    discrete_input: 'discrete',
    holdings: 'holding',
    coils: 'coil',
  },
};
const ORDERS: Readonly<Record<string, string>> = { byte: 'BADC', word: 'CDAB', word_byte: 'DCBA' };
const TYPES = [...['int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float16', 'float32', 'float64', 'string']];
const REGISTERS: Readonly<Record<string, number>> = {
  int32: 2,
  uint32: 2,
  float32: 2,
  int64: 4,
  uint64: 4,
  float64: 4,
};
/** Structures of Python's struct that are one of our types. */
const STRUCTURES: Readonly<Record<string, string>> = {
  ...{ '>h': 'int16', '>H': 'uint16', '>i': 'int32', '>I': 'uint32', '>l': 'int32', '>L': 'uint32' },
  ...{ '>q': 'int64', '>Q': 'uint64', '>f': 'float32', '>d': 'float64', '>e': 'float16' },
};

export function sensorPoints(given: Fields, path: Path, note: Note): readonly Entity[] {
  noteRest(given, [...COMMON, ...SENSOR], path, note);
  const address = registers(given, path, note);
  if (address === undefined) return [];
  const name = textOf(given.name) ?? 'sensor';
  const [min, max] = [numberOf(given.min_value), numberOf(given.max_value)];
  if (min !== undefined || max !== undefined)
    note(
      [...path, min === undefined ? 'max_value' : 'min_value'],
      'becomes `valid`: what lies outside is a fault, where it was cut to the limit',
    );
  const point: DraftPoint = {
    ...{ title: name, unit: textOf(given.unit_of_measurement), address, every: everyOf(given) },
    ...(min === undefined && max === undefined ? {} : { valid: { min, max } }),
  };
  return repeated({ name, point }, given);
}

/** `virtual_count: 2` makes two more of the same behind it. */
function repeated({ name, point }: Entity, given: Fields): readonly Entity[] {
  const more = numberOf(given.virtual_count) ?? numberOf(given.slave_count) ?? 0;
  const { address } = point;
  const size = address.type === 'string' ? (address.length ?? 1) : (REGISTERS[address.type ?? ''] ?? 1);
  return Array.from({ length: more + 1 }, (_, i) => {
    const own = i === 0 ? name : `${name} ${i}`;
    return {
      name: own,
      point: { ...point, title: own, address: { ...address, register: address.register + i * size } },
    };
  });
}

export function binarySensorPoint(given: Fields, path: Path, note: Note): readonly Entity[] {
  noteRest(given, [...COMMON, 'input_type', 'virtual_count', 'slave_count'], path, note);
  const table = tableOf(given, 'input_type', 'coil', path, note);
  const register = placeOf(given, 'address', path, note);
  if (table === undefined || register === undefined) return [];
  const isBit = table === 'coil' || table === 'discrete';
  const more = numberOf(given.virtual_count) ?? numberOf(given.slave_count) ?? 0;
  if (more > 0 && !isBit) note([...path, 'virtual_count'], 'is not translated for bits of registers');
  const name = textOf(given.name) ?? 'binary sensor';
  return Array.from({ length: isBit ? more + 1 : 1 }, (_, i) => {
    const own = i === 0 ? name : `${name} ${i}`;
    const address: DraftAddress = isBit ? { table, register: register + i } : { table, register, type: 'bool', bit: 0 };
    return { name: own, point: { title: own, address, every: everyOf(given) } };
  });
}

export function switchPoint(given: Fields, path: Path, note: Note): readonly Entity[] {
  noteRest(given, [...COMMON, 'write_type', 'command_on', 'command_off', 'verify'], path, note);
  const table = tableOf(given, 'write_type', 'holding', path, note);
  const register = placeOf(given, 'address', path, note);
  if (table === undefined || register === undefined) return [];
  const verify = numberOf(fieldsOf(given.verify).address);
  if (verify !== undefined && verify !== register)
    note([...path, 'verify'], `is not translated: what is written at ${register} is read back there, not at ${verify}`);
  const name = textOf(given.name) ?? 'switch';
  const every = everyOf(given);
  const several = /s$/.test(textOf(given.write_type) ?? '') ? { writeWith: 'multiple' as const } : {};
  if (table === 'coil')
    return [{ name, point: { title: name, address: { table, register, ...several }, every, writable: true } }];
  const [off, on] = [numberOf(given.command_off) ?? 0, numberOf(given.command_on) ?? 1];
  const range = { min: Math.min(off, on), max: Math.max(off, on) };
  const states = { [String(off)]: 'Off', [String(on)]: 'On' };
  const address = { table, register, type: 'uint16', ...several };
  return [{ name, point: { title: name, address, every, writable: true, ...range, enum: states } }];
}

/** The temperature, and the set point as a point of its own. */
export function climatePoints(given: Fields, path: Path, note: Note): readonly Entity[] {
  noteRest(given, [...COMMON, ...CLIMATE], path, note);
  const address = registers(given, path, note);
  if (address === undefined) return [];
  const name = textOf(given.name) ?? 'climate';
  const unit = textOf(given.temperature_unit)?.toUpperCase() === 'F' ? '°F' : '°C';
  const shared = { unit, every: everyOf(given) };
  const target = Array.isArray(given.target_temp_register) ? undefined : numberOf(given.target_temp_register);
  if (target === undefined) note([...path, 'target_temp_register'], 'is no single register: the set point is left out');
  const range = { min: numberOf(given.min_temp) ?? 5, max: numberOf(given.max_temp) ?? 35 };
  const setPoint = { ...address, table: 'holding' as const, register: target ?? 0 };
  return [
    { name, point: { title: name, address, ...shared } },
    ...(target === undefined
      ? []
      : [
          {
            name: `${name} set point`,
            point: { title: `${name} set point`, address: setPoint, ...shared, writable: true as const, ...range },
          },
        ]),
  ];
}

function registers(given: Fields, path: Path, note: Note): DraftAddress | undefined {
  const table = tableOf(given, 'input_type', 'holding', path, note);
  const register = placeOf(given, 'address', path, note);
  const type = typeOf(given, path, note);
  if (table === undefined || register === undefined || type === undefined) return undefined;
  const swap = textOf(given.swap) ?? 'none';
  if (swap !== 'none' && lookup(ORDERS, swap) === undefined) note([...path, 'swap'], `there is no order \`${swap}\``);
  const numbers = { scale: numberOf(given.scale), offset: numberOf(given.offset) };
  return {
    ...{ table, register, type, byteOrder: lookup(ORDERS, swap) },
    ...(type === 'string' ? { length: numberOf(given.count) ?? 1 } : { ...numbers, invalid: nanOf(given) }),
  };
}

/** Hexadecimal stays what it is: YAML has read it as a number already. */
function nanOf(given: Fields): number | undefined {
  return numberOf(given.nan_value);
}

function typeOf(given: Fields, path: Path, note: Note): string | undefined {
  const type = textOf(given.data_type) ?? 'int16';
  if (TYPES.includes(type)) return type;
  const structure = lookup(STRUCTURES, textOf(given.structure) ?? '');
  if (type === 'custom' && structure !== undefined) return structure;
  note([...path, type === 'custom' ? 'structure' : 'data_type'], 'is no type of ours: the entity is left out');
  return undefined;
}

function tableOf(given: Fields, key: string, preset: string, path: Path, note: Note): DraftTable | undefined {
  const table = lookup(TABLES, textOf(given[key]) ?? preset);
  if (table === undefined) note([...path, key], 'is no table: the entity is left out');
  return table;
}

function placeOf(given: Fields, key: string, path: Path, note: Note): number | undefined {
  const register = numberOf(given[key]);
  if (register === undefined) note([...path, key], 'is no register: the entity is left out');
  return register;
}

function everyOf(given: Fields): string {
  // Home Assistant's own default.
  const seconds = numberOf(given.scan_interval) ?? 15;
  return secondsText(seconds === 0 ? 15 : seconds);
}
