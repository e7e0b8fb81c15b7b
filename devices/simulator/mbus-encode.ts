import type { Value } from '../../core/reading.ts';
import type { RecordAddress } from '../mbus/address.ts';
import { AFTER_FB, AFTER_FD, PRIMARY, type Row } from '../mbus/quantities.ts';
import { FUNCTIONS } from '../mbus/records.ts';
import { inUnit, tenfold } from '../named-units.ts';

const MOST = 2 ** 31 - 1;
const INT32 = 4;
const TEXT = 0x0d;
const EXTENDED = 0x80;
const TEXT_VIF = 0x7c;
/** A record of one byte that is nothing to anybody: fills the place of those that no point asks for. */
export const FILLER = Buffer.of(0x01, 0xfd, 0x3a, 0x00);
/** 1 January 2026, and 12:34 on it. */
const SOME_DAY = [0x41, 0x31];
const SOME_TIME = [0x22, 0x0c, ...SOME_DAY];

/** A record that says this value, as precisely as four bytes can. */
export function encodeRecord(address: RecordAddress, value: Value): Buffer {
  const { quantity, extras } = address;
  if (quantity === 'date') return recordOf(address, 2, [0x6c], SOME_DAY);
  if (quantity === 'date-time') return recordOf(address, INT32, [0x6d], SOME_TIME);
  if (quantity === 'named') {
    const name = Buffer.from(address.name, 'latin1').reverse();
    const vif = [TEXT_VIF | (extras.length > 0 ? EXTENDED : 0), name.length, ...name];
    return recordOf(address, INT32, vif, int32(Number(value)), true);
  }
  const { prefix, row } = rowOf(address);
  const [first, count, , unit, exponent = 0] = row;
  if (address.type === 'string') {
    const text = Buffer.from(String(value), 'latin1').reverse();
    return recordOf(address, TEXT, [...prefix, first], [text.length, ...text]);
  }
  const own = unit === undefined ? Number(value) : inUnit(Number(value), address.unit ?? unit, unit);
  const shown = address.type === 'bits' ? 0 : (own ?? 0);
  for (let step = 0; step < count; step++) {
    const raw = Math.round(tenfold(shown, -(exponent + step)));
    if (Math.abs(raw) <= MOST) return recordOf(address, INT32, [...prefix, first + step], int32(raw));
  }
  return recordOf(address, INT32, [...prefix, first + count - 1], int32(MOST));
}

function rowOf({ quantity }: RecordAddress): { prefix: number[]; row: Row } {
  const tables: readonly (readonly [number[], readonly Row[]])[] = [
    [[], PRIMARY],
    [[0xfd], AFTER_FD],
    [[0xfb], AFTER_FB],
  ];
  for (const [prefix, rows] of tables) {
    const row = rows.find(([, , own]) => own === quantity);
    if (row) return { prefix, row };
  }
  return { prefix: [0xfd], row: [0x3a, 1, 'dimensionless'] };
}

/** `closed`: the extension bit of the VIF is set already, further up. */
function recordOf(
  address: RecordAddress,
  field: number,
  vif: number[],
  data: readonly number[],
  closed = false,
): Buffer {
  const { storage, tariff, subunit, extras } = address;
  const dif = field | (FUNCTIONS.indexOf(address.function) << 4) | ((storage & 1) << 6);
  const difes: number[] = [];
  let [s, t, u] = [Math.floor(storage / 2), tariff, subunit];
  while (s > 0 || t > 0 || u > 0) {
    difes.push((s % 16) | ((t & 3) << 4) | ((u & 1) << 6));
    [s, t, u] = [Math.floor(s / 16), t >> 2, u >> 1];
  }
  const vifes = extras.map((extra) => Number.parseInt(extra, 16));
  const information = closed ? [...vif, ...chained(vifes)] : chained([...vif.slice(-1), ...vifes], vif.slice(0, -1));
  return Buffer.from([...chained([dif, ...difes]), ...information, ...data]);
}

/** Each byte but the last says that another follows. */
function chained(bytes: readonly number[], before: readonly number[] = []): number[] {
  return [...before, ...bytes.map((byte, i) => (i < bytes.length - 1 ? byte | EXTENDED : byte))];
}

function int32(value: number): number[] {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(Math.max(-MOST, Math.min(MOST, Math.round(value))));
  return [...bytes];
}
