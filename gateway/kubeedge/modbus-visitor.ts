import type { Keys } from './dialect.ts';
import type { ModelProperty } from './objects.ts';

/** KubeEdge's register tables, and what some write instead. */
const TABLES: Readonly<Record<string, string>> = {
  coilregister: 'coil',
  coil: 'coil',
  discreteinputregister: 'discrete',
  discreteinput: 'discrete',
  discrete: 'discrete',
  inputregister: 'input',
  input: 'input',
  holdingregister: 'holding',
  holding: 'holding',
};

export const VISITOR_KEYS: readonly string[] = [
  ...['register', 'offset', 'limit', 'scale', 'isswap', 'isregisterswap', 'datatype'],
  // Sluice's own: an address as in a profile.
  ...['table', 'type', 'length', 'byteorder', 'bit', 'doc', 'writewith', 'invalid', 'readback'],
  // Of the examples' mapper; they say nothing that the model does not say.
  ...['value', 'max', 'min', 'collectcycle', 'reportcycle'],
];

/** Sizes in registers of the types that mappers know. */
const USUAL: Readonly<Record<string, number>> = { int: 1, float: 2, double: 4, boolean: 1, string: 1 };

const OWN_TYPES = /^(bool|u?int(16|24|32|64)|float(16|32|64)|bcd(16|32)|bits)$/;

export interface Visit {
  /** `address:` as in a profile; the schema of the driver checks it. */
  readonly address: Readonly<Record<string, unknown>>;
  readonly notes: readonly string[];
}

/** Where a property stands, out of any of the dialects of Modbus mappers. `problem`: why it cannot be known. */
export function visitOf(keys: Keys, model: ModelProperty): Visit | { readonly problem: string } {
  if (keys.has('table')) return { address: ownAddress(keys), notes: [] };
  const given = keys.text('register');
  const table = given === undefined ? undefined : TABLES[given.toLowerCase()];
  if (table === undefined) {
    const known = 'CoilRegister, DiscreteInputRegister, InputRegister, HoldingRegister';
    return { problem: `register ${given === undefined ? 'is missing' : `\`${given}\` is none`}: one of ${known}` };
  }
  const register = keys.number('offset') ?? 0;
  if (table === 'coil' || table === 'discrete') return { address: { table, register, type: 'bool' }, notes: [] };
  return registersOf(keys, model, { table, register });
}

function registersOf(
  keys: Keys,
  model: ModelProperty,
  place: { readonly table: string; readonly register: number | string },
): Visit | { readonly problem: string } {
  const wanted = (keys.text('datatype', 'type') ?? model.type).toLowerCase();
  const size = sizeOf(keys, wanted);
  const type = typeOf(wanted, size, isSigned(model));
  if (type === undefined)
    return { problem: `a ${wanted || 'property without type'} of ${size} registers cannot be read` };
  const scale = keys.number('scale');
  const isScaled = scale !== undefined && scale !== 1 && type !== 'string' && type !== 'bool';
  const address = {
    ...place,
    type,
    ...(type === 'string' ? { length: size } : {}),
    ...orderOf(keys, type),
    ...(isScaled ? { scale } : {}),
  };
  const isNarrow = FLOATS.includes(wanted) && size === 1;
  return { address, notes: isNarrow ? ['one register is no float: it is read as int16 and scaled'] : [] };
}

/** Without a limit, or with one of 0, the usual size of the type. */
function sizeOf(keys: Keys, wanted: string): number | string {
  const limit = keys.number('limit');
  if (limit !== undefined && limit !== 0) return limit;
  const bits = Number(/\d+$/.exec(wanted)?.[0] ?? 0);
  return bits > 0 ? Math.max(1, Math.ceil(bits / 16)) : (USUAL[wanted] ?? 1);
}

/** Mappers read whole numbers without sign; a property that may go below 0 has one. */
function isSigned({ minimum }: ModelProperty): boolean {
  return Number(minimum) < 0;
}

const FLOATS = ['float', 'double'];

/** By the words of mappers, then by the size in registers. */
const BY_SIZE: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  float: { 1: 'int16', 2: 'float32', 4: 'float64' },
  double: { 1: 'int16', 2: 'float32', 4: 'float64' },
  int: { 1: 'uint16', 2: 'uint32', 4: 'uint64' },
  integer: { 1: 'uint16', 2: 'uint32', 4: 'uint64' },
};

function typeOf(wanted: string, size: number | string, signed: boolean): string | undefined {
  if (OWN_TYPES.test(wanted)) return wanted;
  if (wanted === 'boolean') return 'bool';
  if (wanted === 'string') return typeof size === 'number' ? 'string' : undefined;
  const type = BY_SIZE[wanted]?.[Number(size)];
  return signed ? type?.replace(/^u/, '') : type;
}

/** `isSwap`: the bytes of each register; `isRegisterSwap`: the registers. */
function orderOf(keys: Keys, type: string): { byteOrder?: string } {
  if (type === 'bool') return {};
  const [bytes, words] = [keys.flag('isswap'), keys.flag('isregisterswap')];
  if (!bytes && !words) return {};
  return { byteOrder: bytes ? (words ? 'DCBA' : 'BADC') : 'CDAB' };
}

/** Keys of an address that are numbers. */
const NUMBERS = ['register', 'doc', 'length', 'bit', 'scale', 'offset'];

function ownAddress(keys: Keys): Record<string, unknown> {
  const numbers = NUMBERS.map((key) => [key, keys.number(key)]);
  const texts = [
    ['table', keys.text('table')],
    ['type', keys.text('type', 'datatype')],
    ['byteOrder', keys.text('byteorder')],
    ['writeWith', keys.text('writewith')],
    ['invalid', keys.number('invalid')],
    ...(keys.has('readback') ? [['readBack', keys.flag('readback')]] : []),
  ];
  return Object.fromEntries([...numbers, ...texts].filter(([, value]) => value !== undefined));
}
