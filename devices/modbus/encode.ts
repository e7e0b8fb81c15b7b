import { Fault } from '../../core/faults.ts';
import type { Value } from '../../core/reading.ts';
import type { ModbusAddress } from './address.ts';
import { permutation, swapped } from './byte-order.ts';
import { unscale } from './decimals.ts';
import { fromFloat16 } from './float16.ts';
import type { RegisterType } from './register-types.ts';

const RANGES: Partial<Record<RegisterType, readonly [number, number]>> = {
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int24: [-0x80_0000, 0x7f_ffff],
  uint24: [0, 0xff_ffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  bcd16: [0, 9999],
  bcd32: [0, 99_999_999],
};

/** The bytes of the value alone as they go on the wire. Throws value-unfit for what the type cannot hold. */
export function encodeValue(address: ModbusAddress, value: Value): Buffer {
  const bytes = Buffer.alloc(address.size * 2);
  if (address.type === 'string') return encodeText(bytes, String(value), address);
  if (address.type === 'bits') bytes.writeUInt16BE(maskOf(String(value), address.bits));
  else if (address.type === 'bool') bytes.writeUInt16BE(isOn(value) ? 1 << (address.bit ?? 0) : 0);
  else putNumber(bytes, address, unscaled(address, value));
  const places = permutation(address.byteOrder, bytes.length as 2 | 4 | 8);
  return places === undefined ? bytes : Buffer.from(places.map((place) => bytes[place] as number));
}

/** Of a switch: anything that is not plainly on or off is refused, since a guess would move a machine. */
export function isOn(value: Value): boolean {
  if (value === true || value === 1) return true;
  if (value === false || value === 0) return false;
  throw new Fault('value-unfit', `${JSON.stringify(value)} is neither true nor false`);
}

/** The raw value; of an integer type the nearest, as a display rounds too. */
function unscaled({ type, scale, offset }: ModbusAddress, value: Value): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new Fault('value-unfit', `${JSON.stringify(value)} is no number`);
  }
  const raw = unscale(value, scale, offset);
  const range = RANGES[type];
  if (range === undefined) {
    const held = type === 'float32' ? Math.fround(raw) : type === 'float16' ? (fromFloat16(raw) ?? Number.NaN) : raw;
    if (!Number.isFinite(held)) throw new Fault('value-unfit', `${value} does not fit ${type}`);
    return raw;
  }
  const whole = Math.round(raw);
  if (whole >= range[0] && whole <= range[1]) return whole;
  const ends = range.map((end) => end * scale + offset).sort((a, b) => a - b);
  throw new Fault('value-unfit', `${value} does not fit ${type}, which holds ${ends[0]} to ${ends[1]}`);
}

function putNumber(bytes: Buffer, { type }: ModbusAddress, raw: number): void {
  if (type === 'float16') bytes.writeUInt16BE(fromFloat16(raw) as number);
  else if (type === 'float32') bytes.writeFloatBE(raw);
  else if (type === 'float64') bytes.writeDoubleBE(raw);
  else if (type === 'bcd16' || type === 'bcd32') bytes.writeUIntBE(Number.parseInt(String(raw), 16), 0, bytes.length);
  else if (bytes.length === 8) bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(raw)));
  else {
    const bits = type === 'int24' ? 24 : bytes.length * 8;
    bytes.writeUIntBE(Number(BigInt.asUintN(bits, BigInt(raw))), 0, bytes.length);
  }
}

/** Padded with NUL; of a text in halves the other half is 0. */
function encodeText(bytes: Buffer, text: string, { byteOrder, half }: ModbusAddress): Buffer {
  const most = half === undefined ? bytes.length : bytes.length / 2;
  if (text.length > most) throw new Fault('value-unfit', `the text is longer than ${most} characters`);
  const letters = Buffer.from(text, 'latin1');
  if (letters.toString('latin1') !== text) throw new Fault('value-unfit', 'a register holds Latin letters only');
  if (half !== undefined) {
    letters.forEach((letter, i) => {
      bytes[i * 2 + (half === 'high' ? 0 : 1)] = letter;
    });
    return bytes;
  }
  letters.copy(bytes);
  return swapped(byteOrder) ? bytes.swap16() : bytes;
}

function maskOf(text: string, texts: Readonly<Record<string, string>>): number {
  let mask = 0;
  for (const label of text.split(', ').filter((part) => part !== '')) {
    const bit = Object.keys(texts).find((key) => texts[key] === label) ?? /^bit (\d|1[0-5])$/.exec(label)?.[1];
    if (bit === undefined) throw new Fault('value-unfit', `no bit is called ${label}`);
    mask |= 1 << Number(bit);
  }
  return mask;
}
