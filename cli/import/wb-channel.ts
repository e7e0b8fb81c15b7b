import type { Path } from '../../core/settings.ts';
import type { DraftAddress, DraftPoint, DraftTable } from './draft.ts';
import { type Fields, lookup, type Note, noteRest, numberOf, textOf } from './source.ts';
import { knownUnit } from './units.ts';

const CHANNEL = [
  ...['name', 'reg_type', 'address', 'format', 'type', 'scale', 'offset', 'word_order', 'byte_order', 'error_value'],
  ...['unsupported_value', 'units', 'enum', 'enum_titles', 'readonly', 'min', 'max', 'read_period_ms', 'on_value'],
  ...['off_value', 'string_data_size'],
  // Words that change no reading.
  ...['id', 'group', 'round_to', 'enabled', 'order', 'description', 'semantic', 'sporadic', 'fw'],
];

const TABLES: Readonly<Record<string, DraftTable>> = {
  ...{ coil: 'coil', discrete: 'discrete', input: 'input', holding: 'holding' },
  ...{ holding_single: 'holding', holding_multi: 'holding' },
};

const FORMATS: Readonly<Record<string, string>> = {
  ...{ u16: 'uint16', s16: 'int16', u24: 'uint24', s24: 'int24', u32: 'uint32', s32: 'int32', u64: 'uint64' },
  ...{ s64: 'int64', float: 'float32', double: 'float64', bcd16: 'bcd16', bcd32: 'bcd32', string: 'string' },
  string8: 'string',
};
/** One byte of a register: the whole of it is read, and the other byte is 0 in what is seen of such devices. */
const BYTES: Readonly<Record<string, string>> = { u8: 'uint16', s8: 'int16' };

/** Kinds of channels that imply a unit. */
const UNITS: Readonly<Record<string, string>> = {
  ...{ temperature: '°C', rel_humidity: '%', atmospheric_pressure: 'hPa', voltage: 'V', current: 'A', power: 'W' },
  ...{ power_consumption: 'kWh', wind_speed: 'm/s', rainfall: 'mm', pressure: 'bar', lux: 'lx', concentration: 'ppm' },
};

/** A channel of a template; undefined after noting why it is left out. */
export function channelPoint(channel: Fields, name: string, path: Path, note: Note): DraftPoint | undefined {
  noteRest(channel, CHANNEL, path, note);
  const address = toAddress(channel, path, note);
  if (address === undefined) return undefined;
  const every = numberOf(channel.read_period_ms);
  const states = address.type === 'bool' || address.type === undefined ? undefined : enumOf(channel);
  return {
    title: name,
    unit: address.type === 'bool' || address.type === undefined ? undefined : unitOf(channel, path, note),
    address,
    ...(every === undefined ? {} : { every: `${every}ms` }),
    ...(states === undefined ? {} : { enum: states }),
    ...writing(channel, address),
  };
}

function toAddress(channel: Fields, path: Path, note: Note): DraftAddress | undefined {
  const table = lookup(TABLES, textOf(channel.reg_type) ?? 'holding');
  const place = /^(0x[0-9a-f]+|\d+)(?::(\d+):(\d+))?$/i.exec(textOf(channel.address) ?? '');
  if (table === undefined) return leaveOut(note, [...path, 'reg_type'], 'is no table');
  if (place === null) return leaveOut(note, [...path, 'address'], 'is no address of one register');
  const [, number, shift, width] = place;
  const at = { table, register: Number(number) };
  if (isInverted(channel)) return leaveOut(note, [...path, 'on_value'], 'is on at 0 and off at another value');
  if (table === 'coil' || table === 'discrete') return at;
  if (width === '1') return { ...at, type: 'bool', bit: Number(shift) };
  if (width !== undefined) return leaveOut(note, [...path, 'address'], `is ${width} bits of a register`);
  return withType(at, channel, path, note);
}

function withType(
  at: Pick<DraftAddress, 'table' | 'register'>,
  channel: Fields,
  path: Path,
  note: Note,
): DraftAddress | undefined {
  const format = textOf(channel.format) ?? 'u16';
  const type = lookup(FORMATS, format) ?? lookup(BYTES, format);
  if (type === undefined) return leaveOut(note, [...path, 'format'], `there is no type \`${format}\``);
  if (lookup(BYTES, format) !== undefined) note([...path, 'format'], 'is one byte: the whole register is read');
  const writeWith = channel.reg_type === 'holding_multi' ? { writeWith: 'multiple' as const } : {};
  if (type === 'string') {
    const half = format === 'string' ? { half: 'low' as const } : {};
    return { ...at, type, length: numberOf(channel.string_data_size) ?? 1, ...half };
  }
  if (textOf(channel.type) === 'switch' && channel.on_value === undefined) return { ...at, type: 'bool' };
  const codes = [textOf(channel.error_value), textOf(channel.unsupported_value)].filter((code) => code !== undefined);
  return {
    ...{ ...at, type, byteOrder: orderOf(channel), scale: numberOf(channel.scale), offset: numberOf(channel.offset) },
    ...(codes.length === 0 ? {} : { invalid: codes }),
    ...writeWith,
  };
}

function leaveOut(note: Note, path: Path, message: string): undefined {
  note(path, `${message}: the channel is left out`);
}

function isInverted({ on_value, off_value }: Fields): boolean {
  return numberOf(on_value) === 0 && (numberOf(off_value) ?? 1) !== 0;
}

function orderOf({ word_order, byte_order }: Fields): string | undefined {
  const [words, bytes] = [word_order === 'little_endian', byte_order === 'little_endian'];
  if (words && bytes) return 'DCBA';
  return bytes ? 'BADC' : words ? 'CDAB' : undefined;
}

/** `enum` with its titles, or the two values of a switch. */
function enumOf(channel: Fields): Record<string, string> | undefined {
  const [on, off] = [numberOf(channel.on_value), numberOf(channel.off_value)];
  if (on !== undefined) return { [String(off ?? 0)]: 'Off', [String(on)]: 'On' };
  const [values, titles] = [channel.enum, channel.enum_titles];
  if (!Array.isArray(values)) return undefined;
  const texts = Array.isArray(titles) ? titles : values;
  return Object.fromEntries(values.map((value, i) => [String(value), String(texts[i] ?? value)]));
}

function unitOf(channel: Fields, path: Path, note: Note): string | undefined {
  const unit = textOf(channel.units);
  if (unit === undefined) return lookup(UNITS, textOf(channel.type) ?? '');
  const known = knownUnit(unit);
  if (known === undefined) note([...path, 'units'], `\`${unit}\` is not in the list of units and is left out`);
  return known;
}

/** Holding registers and coils of a template are written unless it says otherwise. */
function writing({ readonly, min, max }: Fields, { table, bit }: DraftAddress): Partial<DraftPoint> {
  if ((table !== 'holding' && table !== 'coil') || textOf(readonly) === 'true') return {};
  return bit === undefined ? { writable: true, min: numberOf(min), max: numberOf(max) } : { writable: true };
}
