import type { FaultCode } from '../../core/faults.ts';
import { bad, good, type Outcome } from '../../core/reading.ts';
import type { ModbusAddress } from './address.ts';
import { permutation, swapped } from './byte-order.ts';
import { scaler, shortestFloat32 } from './decimals.ts';
import { toFloat16 } from './float16.ts';
import type { RegisterType } from './register-types.ts';
import { factorOf, valueAlone } from './scale-factor.ts';
import { transformed } from './transform.ts';

/** Turns a point's bytes, which begin at `at` as they came from the wire, into its value. */
export type Decoder = (bytes: Buffer, at: number) => Outcome;

type RawReader = (bytes: Buffer, at: number) => number;

const INTEGERS: Partial<Record<RegisterType, RawReader>> = {
  int16: (bytes, at) => bytes.readInt16BE(at),
  uint16: (bytes, at) => bytes.readUInt16BE(at),
  // The high byte of the first register is filling: makers put 0 or the sign there.
  int24: (bytes, at) => bytes.readIntBE(at + 1, 3),
  uint24: (bytes, at) => bytes.readUIntBE(at + 1, 3),
  int32: (bytes, at) => bytes.readInt32BE(at),
  uint32: (bytes, at) => bytes.readUInt32BE(at),
};

const FLOATS: Partial<Record<RegisterType, RawReader>> = {
  float16: (bytes, at) => toFloat16(bytes.readUInt16BE(at)),
  float32: (bytes, at) => bytes.readFloatBE(at),
  float64: (bytes, at) => bytes.readDoubleBE(at),
};

/** Built once per point, so that a poll only runs it. `at`: where the first register of the address stands. */
export function decoderOf(address: ModbusAddress): Decoder {
  const decode = address.scaleAt === undefined ? orderedDecoder(address) : factorDecoder(address, address.scaleAt);
  const { skip, transform } = address;
  if (skip === 0 && transform === undefined) return decode;
  if (transform === undefined) return (bytes, at) => decode(bytes, at + skip * 2);
  return (bytes, at) => transformed(transform, decode(bytes, at + skip * 2));
}

/** The value's own bytes, put into their order. */
function orderedDecoder(address: ModbusAddress): Decoder {
  const straight = straightDecoder(address);
  if (address.type === 'string') return straight;
  const size = (address.size * 2) as 2 | 4 | 8;
  const places = permutation(address.byteOrder, size);
  if (places === undefined) return straight;
  const scratch = Buffer.alloc(size);
  return (bytes, at) => {
    for (let i = 0; i < size; i++) scratch[places[i] as number] = bytes[at + i] as number;
    return straight(scratch, 0);
  };
}

/**
 * Of a value that counts by a power of ten which another register names. A factor that is not there, or that nobody can mean, is
 * the point's fault: without it the value may be wrong by 10^20.
 */
function factorDecoder(address: ModbusAddress, scaleAt: number): Decoder {
  const decoders = new Map<number, Decoder>();
  const atFactor = (scaleAt - address.skip) * 2;
  return (bytes, at) => {
    const factor = factorOf(bytes, at + atFactor, address);
    let decode = decoders.get(factor ?? 0);
    if (decode === undefined) {
      decode = orderedDecoder(valueAlone(address, factor ?? 0));
      decoders.set(factor ?? 0, decode);
    }
    const outcome = decode(bytes, at);
    return factor === undefined && outcome.quality === 'good' ? NO_SCALE : outcome;
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
  if (type === 'string') return textDecoder(address);
  return wordDecoder(address);
}

/** A bool or the texts of bits; a code for "no value" is the whole register's. */
function wordDecoder(address: ModbusAddress): Decoder {
  const invalid = invalidNumbers(address);
  const mask = address.bit === undefined ? 0xffff : 1 << address.bit;
  const shown =
    address.type === 'bits' ? (word: number) => bitTexts(word, address.bits) : (word: number) => (word & mask) !== 0;
  return (bytes, at) => {
    const word = bytes.readUInt16BE(at);
    return invalid?.has(word) ? NO_VALUE : good(shown(word));
  };
}

function textDecoder(address: ModbusAddress): Decoder {
  return (bytes, at) => {
    const text = textOf(bytes, at, address);
    return address.invalid.includes(text) ? NO_VALUE : good(text);
  };
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
const NO_SCALE = bad('no-scale');
const TOO_LARGE = bad('value-too-large' satisfies FaultCode);

/** Codes of integers are their bits, so a signed type has its own reading of them. */
function invalidNumbers({ invalid, type, size }: ModbusAddress): ReadonlySet<number> | undefined {
  if (invalid.length === 0) return undefined;
  const bits = type === 'int24' ? 24 : size * 16;
  return new Set(
    invalid.map((code) => {
      if (typeof code !== 'bigint') return type === 'float32' ? Math.fround(Number(code)) : Number(code);
      return Number(type.startsWith('int') ? BigInt.asIntN(bits, code) : code);
    }),
  );
}

function wideDecoder({ type, invalid, scale, offset }: ModbusAddress): Decoder {
  const codes = new Set<unknown>(invalid);
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
  const size = address.size * 2;
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

/** Two characters a register, or one in one half of it, padded with NUL or spaces. */
function textOf(bytes: Buffer, at: number, { size, byteOrder, half }: ModbusAddress): string {
  const part = Buffer.from(bytes.subarray(at, at + size * 2));
  if (half === undefined && swapped(byteOrder)) part.swap16();
  const text = half === undefined ? part : part.filter((_, i) => i % 2 === (half === 'high' ? 0 : 1));
  const end = text.indexOf(0);
  return Buffer.from(text)
    .toString('latin1', 0, end < 0 ? text.length : end)
    .trim();
}

/** The texts of the bits that are set; a bit without one shows as `bit 5`. */
function bitTexts(word: number, texts: Readonly<Record<string, string>>): string {
  const set: string[] = [];
  for (let bit = 0; bit < 16; bit++) if (word & (1 << bit)) set.push(texts[bit] ?? `bit ${bit}`);
  return set.join(', ');
}
