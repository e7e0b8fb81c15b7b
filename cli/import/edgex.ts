import { z } from 'zod';
import { type Path, type Problem, parseSettings } from '../../core/settings.ts';
import { type DraftAddress, type DraftPoint, type DraftTable, profileYaml } from './draft.ts';
import type { Imported } from './importer.ts';
import { Names } from './names.ts';
import { type Fields, fieldsOf, listOf, lookup, type Note, noteRest, numberOf, textOf } from './source.ts';
import { knownUnit } from './units.ts';

const TABLES: Readonly<Record<string, DraftTable>> = {
  ...{ COILS: 'coil', DISCRETES_INPUT: 'discrete', INPUT_REGISTERS: 'input', HOLDING_REGISTERS: 'holding' },
};

const TYPES: Readonly<Record<string, string>> = {
  ...{ bool: 'bool', int16: 'int16', uint16: 'uint16', int32: 'int32', uint32: 'uint32', int64: 'int64' },
  ...{ uint64: 'uint64', float32: 'float32', float64: 'float64', string: 'string' },
};

const ATTRIBUTES = ['primaryTable', 'startingAddress', 'rawType', 'isByteSwap', 'isWordSwap', 'stringRegisterSize'];
const PROPERTIES = ['valueType', 'readWrite', 'units', 'scale', 'offset', 'minimum', 'maximum', 'defaultValue'];
/** Words of a resource that change no reading. */
const RESOURCE = ['name', 'isHidden', 'description', 'attributes', 'properties', 'tag', 'tags'];
/** Words of a profile that change no reading; its commands only group readings. */
const PROFILE = [
  ...['apiVersion', 'name', 'manufacturer', 'model', 'labels', 'description', 'id', 'created', 'modified'],
  ...['deviceResources', 'deviceCommands', 'coreCommands'],
];

/** A device profile of EdgeX for device-modbus-go. */
export function importEdgex(text: string, file: string): Imported {
  const loaded = parseSettings(z.unknown(), text, file);
  const given = fieldsOf(loaded.value);
  const problems: Problem[] = [];
  const note: Note = (...problem) => problems.push(loaded.problem(...problem));
  noteRest(given, PROFILE, [], note);
  const names = new Names();
  const points: Record<string, DraftPoint> = {};
  for (const [i, resource] of listOf(given.deviceResources).entries()) {
    const point = toPoint(resource, ['deviceResources', i], note);
    if (point !== undefined) points[names.take(textOf(resource.name) ?? 'point')] = point;
  }
  const name = textOf(given.name) ?? file;
  const yaml = profileYaml(`Imported from ${file}, a device profile of EdgeX.`, {
    ...{ driver: 'modbus-rtu', title: name, points },
    vendor: textOf(given.manufacturer) ?? 'Imported',
    model: textOf(given.model) ?? name,
    source: `imported from the EdgeX profile ${name} (${file}); name the maker's document here`,
  });
  return { kind: 'profile', yaml, points: Object.keys(points).length, problems };
}

function toPoint(resource: Fields, path: Path, note: Note): DraftPoint | undefined {
  noteRest(resource, RESOURCE, path, note);
  const [attributes, properties] = [fieldsOf(resource.attributes), fieldsOf(resource.properties)];
  const at = { attributes: [...path, 'attributes'], properties: [...path, 'properties'] };
  noteRest(attributes, ATTRIBUTES, at.attributes, note);
  noteRest(properties, PROPERTIES, at.properties, note);
  const mode = (textOf(properties.readWrite) ?? 'R').toUpperCase();
  if (!mode.includes('R')) {
    note([...at.properties, 'readWrite'], 'cannot be read: the resource is left out');
    return undefined;
  }
  const address = toAddress(attributes, properties, at.attributes, note);
  if (address === undefined) return undefined;
  const writable = mode.includes('W') && isWritable(address, at.properties, note);
  return {
    title: textOf(resource.description) ?? textOf(resource.name),
    unit: unitOf(properties, at.properties, note),
    address,
    ...rangeOf(properties, writable, at.properties, note),
  };
}

function isWritable({ table }: DraftAddress, path: Path, note: Note): boolean {
  const can = table === 'holding' || table === 'coil';
  if (!can) note([...path, 'readWrite'], `table ${table} can only be read: is imported as read only`);
  return can;
}

/** In EdgeX the limits are for writing. */
function rangeOf(properties: Fields, writable: boolean, path: Path, note: Note): Partial<DraftPoint> {
  const [min, max] = [numberOf(properties.minimum), numberOf(properties.maximum)];
  if (writable) return { writable: true, min, max };
  for (const [key, value] of [['minimum', min] as const, ['maximum', max] as const])
    if (value !== undefined) note([...path, key], 'limits what is written, and this is read only');
  return {};
}

function toAddress(attributes: Fields, properties: Fields, path: Path, note: Note): DraftAddress | undefined {
  const table = lookup(TABLES, (textOf(attributes.primaryTable) ?? '').toUpperCase());
  const place = /^(\d+)(?:\.(\d+))?$/.exec(textOf(attributes.startingAddress) ?? '');
  const raw = textOf(attributes.rawType) ?? textOf(properties.valueType) ?? '';
  const type = lookup(TYPES, raw.toLowerCase());
  if (table === undefined) note([...path, 'primaryTable'], 'is no table: the resource is left out');
  if (place === null) note([...path, 'startingAddress'], 'is no address: the resource is left out');
  if (type === undefined) note([...path, 'rawType'], `there is no type \`${raw}\`: the resource is left out`);
  if (table === undefined || place === null || type === undefined) return undefined;
  const [, register, bit] = place;
  if (table === 'coil' || table === 'discrete') return { table, register: Number(register) };
  // 10.10 is bit 10, but YAML has read it as the number 10.1.
  if (bit !== undefined && typeof attributes.startingAddress === 'number')
    note([...path, 'startingAddress'], `is taken as bit ${bit}`, 'put it in quotes if it ends in 0');
  return {
    ...{ table, register: Number(register), type, byteOrder: orderOf(attributes) },
    ...(bit === undefined ? {} : { bit: Number(bit) }),
    ...sizeAndScale(type, attributes, properties),
  };
}

function sizeAndScale(type: string, attributes: Fields, properties: Fields): Partial<DraftAddress> {
  if (type === 'bool') return {};
  return type === 'string' ? { length: numberOf(attributes.stringRegisterSize) } : scaling(properties);
}

function scaling(properties: Fields): Partial<DraftAddress> {
  return { scale: numberOf(properties.scale), offset: numberOf(properties.offset) };
}

function orderOf(attributes: Fields): string | undefined {
  const [bytes, words] = ['isByteSwap', 'isWordSwap'].map((key) => textOf(attributes[key])?.toLowerCase() === 'true');
  if (bytes && words) return 'DCBA';
  return bytes ? 'BADC' : words ? 'CDAB' : undefined;
}

function unitOf(properties: Fields, path: Path, note: Note): string | undefined {
  const unit = textOf(properties.units);
  if (unit === undefined) return undefined;
  const known = knownUnit(unit);
  if (known === undefined) note([...path, 'units'], `\`${unit}\` is not in the list of units and is left out`);
  return known;
}
