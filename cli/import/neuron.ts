import type { DraftAddress, DraftPoint, DraftTable } from './draft.ts';
import { PlantDraft } from './draft.ts';
import type { Imported } from './importer.ts';
import { readSheet, type Sheet, type SheetRow } from './sheet.ts';
import { lookup, numberOf } from './source.ts';

const COLUMNS = [
  'group',
  'interval',
  'name',
  'address',
  'attribute',
  'type',
  'description',
  'decimal',
  'precision',
  'bias',
];

const TYPES: Readonly<Record<string, string>> = {
  ...{ bit: 'bool', bool: 'bool', int16: 'int16', uint16: 'uint16', word: 'uint16', int32: 'int32', uint32: 'uint32' },
  ...{ dword: 'uint32', int64: 'int64', uint64: 'uint64', lword: 'uint64', float: 'float32', double: 'float64' },
  string: 'string',
};

/** The five-figure and six-figure style: the first figure is the area, the rest counts from 1. */
const AREAS: Readonly<Record<string, DraftTable>> = { 0: 'coil', 1: 'discrete', 3: 'input', 4: 'holding' };

/** What stands behind `#`, as the order of the bytes of a 32-bit value. */
const ORDERS: Readonly<Record<string, string>> = {
  BB: 'ABCD',
  BL: 'BADC',
  LB: 'CDAB',
  LL: 'DCBA',
  B: 'ABCD',
  L: 'BADC',
};

/** Where a sheet says nothing of the connection: to be changed. */
const PORT = 'tcp://127.0.0.1:502';

/** A tag sheet of Neuron or NeuronEX, saved as CSV: devices on one line, whose port the sheet does not know. */
export function importNeuron(text: string, file: string): Imported {
  const sheet = readSheet(text, file, ['name', 'address', 'type'], COLUMNS);
  sheet.note(
    { line: 1, cells: {} },
    'channels',
    'the sheet says nothing of the connection',
    `set the port in place of ${PORT}`,
  );
  const plant = new PlantDraft();
  const channel = plant.channel('plc', { driver: 'modbus-tcp', port: PORT });
  for (const row of sheet.rows) {
    const found = toPoint(row, sheet);
    if (found === undefined) continue;
    const device = plant.device(channel, found.unitId);
    device.points[device.pointNames.take(row.cells.name ?? '', row.cells.group)] = found.point;
  }
  const yaml = plant.yaml(`Imported from ${file}, a tag sheet of Neuron. Set gateway and port.`);
  return { kind: 'plant', yaml, points: plant.points, problems: sheet.problems };
}

function toPoint(row: SheetRow, sheet: Sheet): { unitId: number; point: DraftPoint } | undefined {
  const { cells } = row;
  const reads = attributes(cells.attribute ?? 'read');
  if (!reads.read) {
    sheet.note(row, 'attribute', `\`${cells.attribute}\` cannot be read: the tag is left out`);
    return undefined;
  }
  const place = toAddress(row, sheet);
  if (place === undefined) return undefined;
  const { unitId, address } = place;
  const writable = reads.write && (address.table === 'holding' || address.table === 'coil');
  if (reads.write && !writable) sheet.note(row, 'attribute', `table ${address.table} can only be read`);
  const everyMs = numberOf(cells.interval);
  const point: DraftPoint = {
    title: cells.description ?? cells.name,
    address,
    ...(everyMs === undefined ? {} : { every: `${everyMs}ms` }),
    ...(writable ? { writable } : {}),
  };
  return { unitId, point };
}

/** `Read Write`, or the sum of 1 (read), 2 (write) and 4 (subscribe). */
function attributes(text: string): { read: boolean; write: boolean } {
  const sum = numberOf(text);
  if (sum !== undefined) return { read: (sum & 5) !== 0, write: (sum & 2) !== 0 };
  return { read: /read|subscribe|static/i.test(text), write: /write/i.test(text) };
}

/** `1!400001`, `1!40001.3`, `1!400001#LB`, `1!400001.20H`. */
const ADDRESS = /^(\d{1,3})!([0134])(\d{4,5})(?:\.(\d{1,3})([HLDE])?)?(?:#([BL]{1,2}|WS|WR))?$/i;

function toAddress(row: SheetRow, sheet: Sheet): { unitId: number; address: DraftAddress } | undefined {
  const match = ADDRESS.exec(row.cells.address ?? '');
  const type = lookup(TYPES, (row.cells.type ?? '').toLowerCase());
  const [, unit, area = '', number, tail, layout = '', order = 'BB'] = match ?? [];
  const byteOrder = ORDERS[order.toUpperCase()];
  const wrong = whyNot(row, match, type, layout, byteOrder);
  if (wrong !== undefined || type === undefined) {
    sheet.note(row, ...(wrong ?? ['type', 'is missing']));
    return undefined;
  }
  const table = AREAS[area] as DraftTable;
  const place = { table, register: Number(number) - 1 };
  if (table === 'coil' || table === 'discrete') return { unitId: Number(unit), address: place };
  return {
    unitId: Number(unit),
    address: {
      ...{ ...place, type, ...textOrBit(type, tail, layout) },
      ...(byteOrder === 'ABCD' ? {} : { byteOrder }),
      ...(type === 'bool' || type === 'string' ? {} : scaling(row, sheet)),
    },
  };
}

type Wrong = readonly [column: string, message: string, suggestion?: string];

function whyNot(
  { cells }: SheetRow,
  match: RegExpExecArray | null,
  type: string | undefined,
  layout: string,
  byteOrder: string | undefined,
): Wrong | undefined {
  if (match === null) return ['address', `\`${cells.address ?? ''}\` is no address`, 'such as 1!400001'];
  if (type === undefined) return ['type', `there is no type \`${cells.type ?? ''}\``];
  if (/[DE]/i.test(layout)) return ['address', 'text with one character a register is not translated'];
  return byteOrder === undefined ? ['address', 'this order of bytes is not translated'] : undefined;
}

/** Behind the point stands the bit, or the length of a text in bytes. */
function textOrBit(type: string, tail: string | undefined, layout: string): Partial<DraftAddress> {
  if (type === 'string') {
    const swapped = layout.toUpperCase() === 'L' ? { byteOrder: 'BADC' } : {};
    return { length: Math.ceil(Number(tail ?? 2) / 2), ...swapped };
  }
  return tail === undefined ? {} : { bit: Number(tail) };
}

function scaling(row: SheetRow, sheet: Sheet): Partial<DraftAddress> {
  const [scale, offset] = ['decimal', 'bias'].map((column) => {
    const cell = row.cells[column];
    const number = numberOf(cell);
    if (cell !== undefined && number === undefined) sheet.note(row, column, `\`${cell}\` is no number`);
    // A decimal of 0 means none in Neuron.
    return number === 0 ? undefined : number;
  });
  return { scale, offset };
}
