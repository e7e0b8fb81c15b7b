import type { Path } from '../../core/settings.ts';
import type { DraftAddress, DraftPoint, DraftTable } from './draft.ts';
import { type Fields, listOf, lookup, type Note, noteRest, numberOf, textOf } from './source.ts';

export interface TelegrafField {
  readonly unitId: number;
  readonly name: string;
  readonly measurement?: string | undefined;
  readonly point: DraftPoint;
}

/** What fields take from their input. */
export interface FieldOwner {
  readonly every?: string | undefined;
  readonly half?: 'high' | 'low' | undefined;
}

const REGISTER_STYLE: Readonly<Record<string, DraftTable>> = {
  ...{ discrete_inputs: 'discrete', coils: 'coil', holding_registers: 'holding', input_registers: 'input' },
};

/** `output` only says how Telegraf keeps the number. */
const OLD_FIELD = ['name', 'address', 'byte_order', 'data_type', 'scale', 'measurement', 'bit'];
const NEW_FIELD = ['address', 'name', 'type', 'scale', 'measurement', 'omit', 'bit', 'length', 'output', 'register'];
const OWNER = [
  'slave_id',
  'byte_order',
  'register',
  'measurement',
  'fields',
  'optimization',
  'optimization_max_register_fill',
];

const TYPES: Readonly<Record<string, string>> = {
  ...{ INT16: 'int16', UINT16: 'uint16', INT32: 'int32', UINT32: 'uint32', INT64: 'int64', UINT64: 'uint64' },
  ...{ FLOAT16: 'float16', FLOAT32: 'float32', FLOAT64: 'float64', STRING: 'string', BIT: 'bool' },
  ...{ 'FLOAT16-IEEE': 'float16', 'FLOAT32-IEEE': 'float32', 'FLOAT64-IEEE': 'float64' },
};

/** Signed and unsigned integers by the number of their registers: what FIXED and UFIXED stand for. */
const FIXED: Readonly<Record<number, string>> = { 1: 'int16', 2: 'int32', 4: 'int64' };

/** Fields of the style `register`: four lists of one unit. */
export function registerFields(input: Fields, owner: FieldOwner, path: Path, note: Note): readonly TelegrafField[] {
  const unitId = numberOf(input.slave_id) ?? 1;
  return Object.entries(REGISTER_STYLE).flatMap(([key, table]) =>
    listOf(input[key]).flatMap((field, i) => {
      const at = [...path, key, i];
      noteRest(field, OLD_FIELD, at, note);
      const address = oldAddress(field, table, owner, at, note);
      return address === undefined ? [] : [toField(field, unitId, address, owner, undefined)];
    }),
  );
}

/** Fields of a `request` or `metric`. */
export function styledFields(
  given: Fields,
  style: 'request' | 'metric',
  owner: FieldOwner,
  path: Path,
  note: Note,
): readonly TelegrafField[] {
  noteRest(given, OWNER, path, note);
  const unitId = numberOf(given.slave_id) ?? 0;
  const order = orderOf(given.byte_order);
  return listOf(given.fields).flatMap((field, i) => {
    if (field.omit === true) return [];
    const at = [...path, 'fields', i];
    noteRest(field, NEW_FIELD, at, note);
    const table = (textOf(style === 'metric' ? field.register : given.register) ?? 'holding') as DraftTable;
    const address = newAddress(field, table, order, owner, at, note);
    return address === undefined ? [] : [toField(field, unitId, address, owner, textOf(given.measurement))];
  });
}

function toField(
  field: Fields,
  unitId: number,
  address: DraftAddress,
  { every }: FieldOwner,
  measurement: string | undefined,
): TelegrafField {
  const name = textOf(field.name) ?? 'field';
  return {
    unitId,
    name,
    measurement: textOf(field.measurement) ?? measurement,
    point: { title: name, address, every },
  };
}

function oldAddress(
  field: Fields,
  table: DraftTable,
  owner: FieldOwner,
  path: Path,
  note: Note,
): DraftAddress | undefined {
  const registers = Array.isArray(field.address) ? field.address.map(Number) : [];
  const [register] = registers;
  if (register === undefined || registers.some((each, i) => each !== register + i)) {
    note([...path, 'address'], 'is no run of registers: the field is left out');
    return undefined;
  }
  if (table === 'coil' || table === 'discrete') return { table, register };
  const name = (textOf(field.data_type) ?? '').toUpperCase();
  // FLOAT32 without -IEEE is an old word for UFIXED.
  const fixed = FIXED[registers.length];
  const type =
    name === 'FIXED' ? fixed : name === 'UFIXED' || name === 'FLOAT32' ? fixed && `u${fixed}` : lookup(TYPES, name);
  const length = type === 'string' ? registers.length : undefined;
  return typed(
    { table, register },
    type,
    { ...field, length },
    orderOf(field.byte_order),
    owner,
    [...path, 'data_type'],
    note,
  );
}

function newAddress(
  field: Fields,
  table: DraftTable,
  order: string | undefined,
  owner: FieldOwner,
  path: Path,
  note: Note,
): DraftAddress | undefined {
  const register = numberOf(field.address);
  if (register === undefined || !['coil', 'discrete', 'holding', 'input'].includes(table)) {
    note(register === undefined ? [...path, 'address'] : path, 'has no place: the field is left out');
    return undefined;
  }
  if (table === 'coil' || table === 'discrete') return { table, register };
  const type = lookup(TYPES, (textOf(field.type) ?? '').toUpperCase());
  return typed({ table, register }, type, field, order, owner, [...path, 'type'], note);
}

function typed(
  place: Pick<DraftAddress, 'table' | 'register'>,
  type: string | undefined,
  field: Fields,
  byteOrder: string | undefined,
  { half }: FieldOwner,
  path: Path,
  note: Note,
): DraftAddress | undefined {
  if (type === undefined) {
    note(path, `there is no type \`${textOf(field.data_type ?? field.type) ?? ''}\`: the field is left out`);
    return undefined;
  }
  const at = { ...place, type, byteOrder };
  if (type === 'bool') return { ...at, bit: numberOf(field.bit) ?? 0 };
  if (type === 'string') return { ...at, length: numberOf(field.length) ?? 1, half };
  return { ...at, scale: numberOf(field.scale) };
}

/** Two letters are the order within one register; ABCD is ours too. */
function orderOf(value: unknown): string | undefined {
  const order = textOf(value)?.toUpperCase();
  if (order === 'BA') return 'BADC';
  return order === undefined || order === 'AB' || order === 'ABCD' ? undefined : order;
}
