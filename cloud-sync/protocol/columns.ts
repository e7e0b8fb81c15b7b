import { Fault } from '../../core/faults.ts';
import { BitReader } from './bit-reader.ts';
import { BitWriter } from './bit-writer.ts';
import { BODY, BODY_MODELS, unzigzag, zigzag } from './body-models.ts';
import { type ColumnValues, MAX_RECORDS, type ReadingColumn } from './frame.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { ValueReader } from './read-values.ts';
import { StampReader, StampWriter } from './stamp-table.ts';
import { ValueWriter } from './write-values.ts';

/**
 * Body of a readings frame: length of the coded bits (varint), length of the plain bits (varint), coded bits, plain bits,
 * text bytes to the end. Columns come in rising order of point; a point may have several.
 *
 * @throws RangeError for stamps outside 1970..2200, numbers that are none, texts beyond 4,096 bytes, more than 65,536 readings
 */
export function encodeReadings(columns: readonly ReadingColumn[]): Uint8Array {
  const total = columns.reduce((sum, column) => sum + column.times.length, 0);
  if (total === 0 || total > MAX_RECORDS) throw new RangeError('a frame holds 1 to 65,536 readings');
  const out = new BitWriter(BODY_MODELS);
  const values = new ValueWriter(out);
  out.number(BODY.columns, columns.length);
  const stamps = new StampWriter(out, columns);
  let point = 0;
  let length = 1;
  for (const column of columns) {
    if (column.point < point || column.times.length === 0) throw new RangeError('columns are empty or out of order');
    out.number(BODY.point, column.point - point);
    out.number(BODY.length, zigzag(column.times.length - length));
    point = column.point;
    length = column.times.length;
    stamps.column(out, column.times);
    writeFaults(out, column.faults);
    values.write(goodValues(column));
  }
  const { coded, plain } = out.finish();
  const body = new GrowingBytes(coded.length + plain.length + 10);
  body.varint(coded.length);
  body.varint(plain.length);
  body.append(coded);
  body.append(plain);
  body.append(values.textBytes());
  return body.bytes();
}

function writeFaults(out: BitWriter, faults: Uint8Array | undefined): void {
  const present = faults?.some((code) => code !== 0) ?? false;
  out.bit(BODY.hasFaults, present ? 1 : 0);
  if (faults === undefined || !present) return;
  let before = 0;
  for (const code of faults) {
    const is = code === 0 ? 0 : 1;
    out.bit(BODY.isFault + before, is);
    if (is === 1) out.symbol(BODY.fault, 8, code);
    before = is;
  }
}

function goodValues({ values, faults, times }: ReadingColumn): ColumnValues {
  const entries = values.kind === 'number' ? values.numbers : values.kind === 'boolean' ? values.bits : values.texts;
  if (entries.length !== times.length) throw new RangeError('a column has more or fewer values than times');
  if (faults === undefined) return values;
  const isGood = (_: unknown, at: number): boolean => faults[at] === 0;
  if (values.kind === 'number') return { kind: 'number', numbers: values.numbers.filter(isGood) };
  if (values.kind === 'boolean') return { kind: 'boolean', bits: values.bits.filter(isGood) };
  return { kind: 'text', texts: values.texts.filter(isGood) };
}

/**
 * `count` is the header's. Columns may share one array of times.
 * @throws Fault frame-malformed, and nothing else, whatever the bytes are
 */
export function decodeReadings(body: Buffer, count: number): ReadingColumn[] {
  if (count < 1 || count > MAX_RECORDS) throw new Fault('frame-malformed', 'count');
  const { from, reader } = openBody(body);
  const columns = from.number(BODY.columns);
  if (columns === 0 || columns > count) throw new Fault('frame-malformed', 'columns');
  const stamps = new StampReader(from, count);
  const result: ReadingColumn[] = [];
  let left = count;
  let point = 0;
  let length = 1;
  for (let at = 0; at < columns; at++) {
    point += from.number(BODY.point);
    length += unzigzag(from.number(BODY.length));
    if (point > 0xffff_ffff || length < 1 || length > left) throw new Fault('frame-malformed', 'point or length');
    left -= length;
    const times = stamps.column(from, length);
    const faults = readFaults(from, length);
    const values = reader.read(length, faults);
    result.push(faults ? { point, times, values, faults } : { point, times, values });
  }
  if (left !== 0) throw new Fault('frame-malformed', 'count and columns differ');
  from.finish();
  reader.finish();
  return result;
}

function openBody(body: Buffer): { from: BitReader; reader: ValueReader } {
  const coded = readVarint(body, 0);
  const plain = readVarint(body, coded.end);
  const plainAt = plain.end + coded.value;
  const textAt = plainAt + plain.value;
  if (textAt > body.length) throw new Fault('frame-malformed', 'sections');
  const from = new BitReader(BODY_MODELS, body.subarray(plain.end, plainAt), body.subarray(plainAt, textAt));
  return { from, reader: new ValueReader(from, body.subarray(textAt)) };
}

function readVarint(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  for (let at = start; at < start + 4; at++) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value += (byte & 127) * 128 ** (at - start);
    if (byte < 128) return { value, end: at + 1 };
  }
  throw new Fault('frame-malformed', 'section length');
}

function readFaults(from: BitReader, count: number): Uint8Array | undefined {
  if (from.bit(BODY.hasFaults) === 0) return undefined;
  const faults = new Uint8Array(count);
  let before = 0;
  for (let at = 0; at < count; at++) {
    before = from.bit(BODY.isFault + before);
    if (before === 0) continue;
    const code = from.symbol(BODY.fault, 8);
    if (code === 0) throw new Fault('frame-malformed', 'fault');
    faults[at] = code;
  }
  return faults;
}
