import { Fault } from '../../core/faults.ts';
import type { Value } from '../../core/reading.ts';
import type { ModbusAddress, RegisterType } from './address.ts';
import { permutation, swapped } from './byte-order.ts';

const RANGES: Partial<Record<RegisterType, readonly [number, number]>> = {
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int24: [-0x80_0000, 0x7f_ffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
  bcd16: [0, 9999],
  bcd32: [0, 99_999_999],
};

/** The bytes of a value as they go on the wire. Rejects with illegal-value what the type cannot hold. */
export function encodeValue(address: ModbusAddress, value: Value): Buffer {
  const bytes = Buffer.alloc(address.length * 2);
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
  throw new Fault('illegal-value', `${JSON.stringify(value)} is neither true nor false`);
}

function unscaled({ type, scale, offset }: ModbusAddress, value: Value): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new Fault('illegal-value', `${JSON.stringify(value)} is no number`);
  }
  const raw = (value - offset) / scale;
  const range = RANGES[type];
  if (range === undefined) {
    const fits = type === 'float32' ? Number.isFinite(Math.fround(raw)) : Number.isFinite(raw);
    if (!fits) throw new Fault('illegal-value', `${value} does not fit ${type}`);
    return raw;
  }
  const whole = Math.round(raw);
  if (whole < range[0] || whole > range[1]) throw new Fault('illegal-value', `${value} does not fit ${type}`);
  return whole;
}

function putNumber(bytes: Buffer, { type }: ModbusAddress, raw: number): void {
  const bits = bytes.length * 8;
  if (type === 'float16') bytes.writeUInt16BE(fromFloat16(raw));
  else if (type === 'float32') bytes.writeFloatBE(raw);
  else if (type === 'float64') bytes.writeDoubleBE(raw);
  else if (type === 'bcd16' || type === 'bcd32') bytes.writeUIntBE(Number.parseInt(String(raw), 16), 0, bytes.length);
  else if (bits === 64) bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(raw)));
  else bytes.writeUIntBE(Number(BigInt.asUintN(type === 'int24' ? 24 : bits, BigInt(raw))), 0, bytes.length);
}

function encodeText(bytes: Buffer, text: string, { byteOrder }: ModbusAddress): Buffer {
  if (text.length > bytes.length)
    throw new Fault('illegal-value', `the text is longer than ${bytes.length} characters`);
  if (Buffer.from(text, 'latin1').toString('latin1') !== text)
    throw new Fault('illegal-value', 'a register holds Latin letters only');
  bytes.write(text, 'latin1');
  return swapped(byteOrder) ? bytes.swap16() : bytes;
}

function maskOf(text: string, texts: Readonly<Record<string, string>>): number {
  let mask = 0;
  for (const label of text.split(', ').filter((part) => part !== '')) {
    const bit = Object.keys(texts).find((key) => texts[key] === label) ?? /^bit (\d+)$/.exec(label)?.[1];
    if (bit === undefined) throw new Fault('illegal-value', `no bit is called ${label}`);
    mask |= 1 << Number(bit);
  }
  return mask;
}

/** IEEE 754 binary16, nearest. */
function fromFloat16(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size > 65_504) throw new Fault('illegal-value', `${value} does not fit float16`);
  if (size < 2 ** -14) return sign | Math.round(size * 2 ** 24);
  const exponent = Math.floor(Math.log2(size));
  return sign | (((exponent + 15) << 10) + Math.round((size / 2 ** exponent - 1) * 1024));
}
