import type { FaultCode } from '../../core/faults.ts';
import { bad, good, type Outcome } from '../../core/reading.ts';
import type { ModbusAddress, RegisterType } from './address.ts';
import { permutation, swapped } from './byte-order.ts';
import { scaler, shortestFloat32 } from './decimals.ts';

/** Turns a point's bytes, which begin at `at` as they came from the wire, into its value. */
export type Decoder = (bytes: Buffer, at: number) => Outcome;

type RawReader = (bytes: Buffer, at: number) => number;

const BITS_OF: Partial<Record<RegisterType, number>> = { int16: 16, uint16: 16, int24: 24, int32: 32, uint32: 32 };

const INTEGERS: Partial<Record<RegisterType, RawReader>> = {
  int16: (bytes, at) => bytes.readInt16BE(at),
  uint16: (bytes, at) => bytes.readUInt16BE(at),
  int24: (bytes, at) => bytes.readIntBE(at + 1, 3),
  int32: (bytes, at) => bytes.readInt32BE(at),
  uint32: (bytes, at) => bytes.readUInt32BE(at),
};

const FLOATS: Partial<Record<RegisterType, RawReader>> = {
  float16: (bytes, at) => toFloat16(bytes.readUInt16BE(at)),
  float32: (bytes, at) => bytes.readFloatBE(at),
  float64: (bytes, at) => bytes.readDoubleBE(at),
};

/** Built once per point, so that a poll only runs it. */
export function decoderOf(address: ModbusAddress): Decoder {
  const straight = straightDecoder(address);
  if (address.type === 'string') return straight;
  const size = (address.length * 2) as 2 | 4 | 8;
  const places = permutation(address.byteOrder, size);
  if (places === undefined) return straight;
  const scratch = Buffer.alloc(size);
  return (bytes, at) => {
    for (let i = 0; i < size; i++) scratch[places[i] as number] = bytes[at + i] as number;
    return straight(scratch, 0);
  };
}

function straightDecoder(address: ModbusAddress): Decoder {
  const { type } = address;
  const integer = INTEGERS[type];
  if (integer) return numberDecoder(address, integer, true);
  const float = FLOATS[type];
  if (float) return numberDecoder(address, float, false);
  if (type === 'int64' || type === 'uint64') return wideDecoder(address);
  if (type === 'bcd16' || type === 'bcd32') return bcdDecoder(address);
  if (type === 'string') return (bytes, at) => good(textOf(bytes, at, address));
  if (type === 'bits') return (bytes, at) => good(bitTexts(bytes.readUInt16BE(at), address.bits));
  const mask = address.bit === undefined ? 0xffff : 1 << address.bit;
  return (bytes, at) => good((bytes.readUInt16BE(at) & mask) !== 0);
}

function numberDecoder(address: ModbusAddress, read: RawReader, whole: boolean): Decoder {
  const invalid = invalidNumbers(address);
  const scale = scaler(address.scale, address.offset, whole);
  const short = address.type === 'float32' ? shortestFloat32 : undefined;
  return (bytes, at) => {
    const raw = read(bytes, at);
    if (invalid?.has(raw)) return NO_VALUE;
    if (whole) return scale ? exact(scale(raw)) : good(raw);
    if (!Number.isFinite(raw)) return NOT_A_NUMBER;
    const value = short ? short(raw) : raw + 0;
    if (scale === undefined) return good(value);
    const scaled = scale(value);
    return Number.isFinite(scaled) ? good(scaled) : NOT_A_NUMBER;
  };
}

/** An integer that came of an integer must still be one that can be told from its neighbours. */
function exact(value: number): Outcome {
  return Math.abs(value) > Number.MAX_SAFE_INTEGER ? TOO_LARGE : good(value);
}

const NO_VALUE = bad('no-value');
const NOT_A_NUMBER = bad('not-a-number');
const TOO_LARGE = bad('value-too-large' satisfies FaultCode);

/** Makers write a signed type's code as the bits: 0x8000 also means -32768. */
function invalidNumbers({ invalid, type }: ModbusAddress): ReadonlySet<number> | undefined {
  if (invalid.length === 0) return undefined;
  const bits = BITS_OF[type];
  return new Set(
    invalid.flatMap((code) => {
      if (typeof code !== 'bigint') return type === 'float32' ? Math.fround(code) : code;
      return bits === undefined
        ? Number(code)
        : [Number(BigInt.asIntN(bits, code)), Number(BigInt.asUintN(bits, code))];
    }),
  );
}

function wideDecoder({ type, invalid, scale, offset }: ModbusAddress): Decoder {
  const codes = new Set(invalid.map((code) => BigInt.asUintN(64, BigInt(code))));
  const scaled = scaler(scale, offset, true);
  return (bytes, at) => {
    if (codes.size > 0 && codes.has(bytes.readBigUInt64BE(at))) return NO_VALUE;
    const value = Number(type === 'int64' ? bytes.readBigInt64BE(at) : bytes.readBigUInt64BE(at));
    if (!Number.isSafeInteger(value)) return TOO_LARGE;
    return scaled ? exact(scaled(value)) : good(value);
  };
}

function bcdDecoder(address: ModbusAddress): Decoder {
  const scaled = scaler(address.scale, address.offset, true);
  const size = address.length * 2;
  const codes = new Set(address.invalid.map(Number));
  return (bytes, at) => {
    const pattern = bytes.readUIntBE(at, size);
    if (codes.has(pattern)) return NO_VALUE;
    const text = pattern.toString(16);
    if (!/^\d+$/.test(text)) return NOT_A_NUMBER;
    const value = Number(text);
    return good(scaled ? scaled(value) : value);
  };
}

/** Two characters a register, padded with NUL or spaces. */
function textOf(bytes: Buffer, at: number, { length, byteOrder }: ModbusAddress): string {
  const part = Buffer.from(bytes.subarray(at, at + length * 2));
  if (swapped(byteOrder)) part.swap16();
  const end = part.indexOf(0);
  return part.toString('latin1', 0, end < 0 ? part.length : end).trim();
}

/** The texts of the bits that are set; a bit without one shows as `bit 5`. */
function bitTexts(word: number, texts: Readonly<Record<string, string>>): string {
  const set: string[] = [];
  for (let bit = 0; bit < 16; bit++) if (word & (1 << bit)) set.push(texts[bit] ?? `bit ${bit}`);
  return set.join(', ');
}

/** IEEE 754 binary16. */
function toFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
