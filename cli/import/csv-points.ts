import type { DraftPoint, DraftTable } from './draft.ts';
import { profileYaml } from './draft.ts';
import type { Imported } from './importer.ts';
import { Names } from './names.ts';
import { readSheet, type Sheet, type SheetRow } from './sheet.ts';
import { lookup, numberOf } from './source.ts';
import { knownUnit } from './units.ts';

export const CSV_COLUMNS = [
  ...['name', 'table', 'register', 'doc', 'type', 'length', 'byte_order', 'bit', 'scale', 'offset', 'invalid'],
  ...['unit', 'title', 'title_ko', 'every', 'writable', 'min', 'max', 'enum'],
] as const;

const TABLES: Readonly<Record<string, DraftTable>> = {
  ...{ coil: 'coil', coils: 'coil', discrete: 'discrete', 'discrete input': 'discrete', di: 'discrete' },
  ...{ holding: 'holding', 'holding register': 'holding', hr: 'holding', 4: 'holding', '4x': 'holding' },
  ...{ input: 'input', 'input register': 'input', ir: 'input', 3: 'input', '3x': 'input' },
};

const TYPES: Readonly<Record<string, string>> = {
  ...{ u16: 'uint16', s16: 'int16', i16: 'int16', u32: 'uint32', s32: 'int32', i32: 'int32', u64: 'uint64' },
  ...{
    s64: 'int64',
    i64: 'int64',
    f32: 'float32',
    float: 'float32',
    double: 'float64',
    f64: 'float64',
    boolean: 'bool',
  },
  ...{ word: 'uint16', dword: 'uint32', short: 'int16', int: 'int16', text: 'string' },
};

/** A register list as one copies it from a manual: a profile. */
export function importCsv(text: string, file: string): Imported {
  const sheet = readSheet(text, file, ['name', 'table'], CSV_COLUMNS);
  const names = new Names();
  const points: Record<string, DraftPoint> = {};
  for (const row of sheet.rows) {
    const point = toPoint(row, sheet);
    if (point !== undefined) points[names.take(row.cells.name ?? row.cells.title ?? 'point')] = point;
  }
  const model = file.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
  const yaml = profileYaml(
    `Imported from ${file}: say whose device it is, and which document the registers are from.`,
    {
      ...{ driver: 'modbus-rtu', vendor: 'Imported', model, title: model, points },
      source: `imported from the sheet ${file}; name the maker's document here`,
    },
  );
  return { kind: 'profile', yaml, points: Object.keys(points).length, problems: sheet.problems };
}

function toPoint(row: SheetRow, sheet: Sheet): DraftPoint | undefined {
  const { cells } = row;
  const table = lookup(TABLES, (cells.table ?? '').toLowerCase());
  if (table === undefined) {
    sheet.note(row, 'table', `\`${cells.table ?? ''}\` is no table`, 'coil, discrete, holding or input');
    return undefined;
  }
  const register = registerOf(row, sheet);
  if (register === undefined) return undefined;
  const isBit = table === 'coil' || table === 'discrete';
  const type = isBit ? undefined : typeOf(row);
  const number = (column: string) => cellNumber(row, column, sheet);
  const writable = /^(1|y|yes|true|rw|w|r\/w)$/i.test(cells.writable ?? '');
  return {
    title: titleOf(row),
    unit: unitOf(row, sheet),
    address: {
      ...{ table, register, type, length: number('length'), byteOrder: cells.byte_order, bit: number('bit') },
      ...{ scale: number('scale'), offset: number('offset'), invalid: cells.invalid?.split(/\s*[ ;]\s*/) },
    },
    every: cells.every,
    enum: enumOf(row, sheet),
    ...(writable ? { writable, min: number('min'), max: number('max') } : {}),
    ...(writable || (cells.min ?? cells.max) === undefined
      ? {}
      : { valid: { min: number('min'), max: number('max') } }),
  };
}

function typeOf({ cells }: SheetRow): string {
  const given = (cells.type ?? 'uint16').toLowerCase();
  return lookup(TYPES, given) ?? given;
}

/** Zero-based; `doc` counts from 1, or in the style of 40041. */
function registerOf(row: SheetRow, sheet: Sheet): number | undefined {
  const { register, doc } = row.cells;
  const column = register === undefined ? 'doc' : 'register';
  const number = numberOf(register ?? doc);
  if (number === undefined || !Number.isInteger(number)) {
    sheet.note(row, column, `\`${register ?? doc ?? ''}\` is no register number`);
    return undefined;
  }
  if (column === 'register') return number;
  return number > 100_000 ? (number % 100_000) - 1 : number > 10_000 ? (number % 10_000) - 1 : number - 1;
}

function titleOf({ cells }: SheetRow): DraftPoint['title'] {
  const en = cells.title ?? cells.name ?? '';
  return cells.title_ko === undefined ? en : { en, ko: cells.title_ko };
}

function unitOf(row: SheetRow, sheet: Sheet): string | undefined {
  const { unit } = row.cells;
  if (unit === undefined) return undefined;
  const known = knownUnit(unit);
  if (known === undefined) sheet.note(row, 'unit', `\`${unit}\` is not in the list of units and is left out`);
  return known;
}

function cellNumber(row: SheetRow, column: string, sheet: Sheet): number | undefined {
  const cell = row.cells[column];
  if (cell === undefined) return undefined;
  const number = numberOf(cell);
  if (number === undefined) sheet.note(row, column, `\`${cell}\` is no number`);
  return number;
}

/** `0=Off;1=On` */
function enumOf(row: SheetRow, sheet: Sheet): Record<string, string> | undefined {
  const given = row.cells.enum;
  if (given === undefined) return undefined;
  const pairs = given.split(';').map((pair) => /^\s*(-?\d+)\s*[=:]\s*(.+?)\s*$/.exec(pair));
  if (pairs.some((pair) => pair === null)) {
    sheet.note(row, 'enum', `\`${given}\` is no enumeration`, 'as in 0=Off;1=On');
    return undefined;
  }
  return Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
}
