import { bad, good, type Outcome } from '../../../core/reading.ts';
import type { ModbusAddress } from '../../../devices/modbus/address.ts';
import type { RegisterType } from '../../../devices/modbus/register-types.ts';

/** What a device holds at a point, and how that stands in its registers, or 0 or 1 in a bit table. */
export interface Held {
  readonly bytes: Buffer;
  readonly outcome: Outcome;
}

/** Draws what a point may hold. Written from the standard and the contract, not from our decoder, which is judged by it. */
export function drawHeld(address: ModbusAddress, random: () => number): Held {
  if (address.table === 'coil' || address.table === 'discrete') {
    const on = random() < 0.5;
    return { bytes: Buffer.of(on ? 1 : 0), outcome: good(on) };
  }
  const { bigEndian, outcome } = drawRaw(address, random);
  const bytes = inOrder(bigEndian, address.type, address.byteOrder);
  return address.scaleAt === undefined ? { bytes, outcome } : withFactor(bytes, outcome, random);
}

interface Raw {
  readonly bigEndian: Buffer;
  readonly outcome: Outcome;
}

const INTEGER_BITS: Partial<Record<RegisterType, number>> = {
  ...{ int16: 16, uint16: 16, int24: 24, uint24: 24, int32: 32, uint32: 32, int64: 64, uint64: 64 },
};

function drawRaw(address: ModbusAddress, random: () => number): Raw {
  const { type, scale, offset } = address;
  const scaled = (raw: number): Outcome => good(raw * scale + offset);
  const below = (n: number) => Math.floor(random() * n);
  const bits = INTEGER_BITS[type];
  if (bits !== undefined) return drawInteger(address, bits, below);
  const bigEndian = Buffer.alloc(address.size * 2);
  switch (type) {
    case 'float32':
    case 'float64': {
      const raw =
        random() < 0.1 ? Number.NaN : random() < 0.1 ? Number.NEGATIVE_INFINITY : (below(2 ** 21) - 2 ** 20) / 8;
      if (type === 'float32') bigEndian.writeFloatBE(raw);
      else bigEndian.writeDoubleBE(raw);
      return { bigEndian, outcome: Number.isFinite(raw) ? scaled(raw) : bad('not-a-number') };
    }
    case 'float16': {
      const [sign, exponent, fraction] = [below(2), below(31), below(1024)];
      bigEndian.writeUInt16BE((sign << 15) | (exponent << 10) | fraction);
      const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
      return { bigEndian, outcome: scaled(sign === 1 ? -size : size) };
    }
    case 'bcd16':
    case 'bcd32': {
      const digits = Array.from({ length: address.size * 4 }, () => below(10)).join('');
      const text = random() < 0.1 ? `c${digits.slice(1)}` : digits;
      return {
        bigEndian: Buffer.from(text, 'hex'),
        outcome: text === digits ? scaled(Number(digits)) : bad('not-a-number'),
      };
    }
    case 'string': {
      const text = Array.from({ length: 1 + below(address.size * 2) }, () => String.fromCharCode(97 + below(26))).join(
        '',
      );
      bigEndian.write(text, 'latin1');
      return { bigEndian, outcome: good(text) };
    }
    default: {
      const word = below(0x1_0000);
      bigEndian.writeUInt16BE(word);
      const set = Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => word & (1 << bit));
      if (type === 'bits') return { bigEndian, outcome: good(set.map((bit) => `bit ${bit}`).join(', ')) };
      return { bigEndian, outcome: good(address.bit === undefined ? set.length > 0 : set.includes(address.bit)) };
    }
  }
}

function drawInteger(
  { type, size, invalid, scale, offset }: ModbusAddress,
  bits: number,
  below: (n: number) => number,
): Raw {
  const width = BigInt(bits);
  const wide = (BigInt(below(2 ** 32)) << 32n) | BigInt(below(2 ** 32));
  const code = invalid[0];
  const raw =
    typeof code === 'bigint' && below(10) === 0 ? code : BigInt.asUintN(below(2) === 0 ? bits : bits - 12, wide);
  const value = type.startsWith('int') ? BigInt.asIntN(bits, raw) : raw;
  // Of 24 bits in two registers the highest byte is filling: a sign, as many makers have it.
  const filled = BigInt.asUintN(size * 16, type.startsWith('int') ? value : raw);
  const bigEndian = Buffer.from(filled.toString(16).padStart(size * 4, '0'), 'hex');
  if (BigInt.asUintN(Number(width), raw) === code) return { bigEndian, outcome: bad('no-value') };
  const isExact = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
  return { bigEndian, outcome: isExact ? good(Number(value) * scale + offset) : bad('value-too-large') };
}

/** The scale factor stands behind the value; SunSpec says 0x8000 where there is none. */
function withFactor(bytes: Buffer, outcome: Outcome, random: () => number): Held {
  const factor = Math.floor(random() * 8) - 4;
  const isThere = random() < 0.9;
  const word = Buffer.alloc(2);
  word.writeInt16BE(isThere ? factor : -0x8000);
  const both = Buffer.concat([bytes, word]);
  if (outcome.quality === 'bad') return { bytes: both, outcome };
  if (!isThere) return { bytes: both, outcome: bad('no-scale') };
  const value = Number(outcome.value) * 10 ** factor;
  return { bytes: both, outcome: Math.abs(value) <= Number.MAX_SAFE_INTEGER ? good(value) : bad('value-too-large') };
}

/** CDAB and DCBA begin with the lowest register; BADC and DCBA have the bytes of each swapped. Texts have no order of registers. */
function inOrder(bigEndian: Buffer, type: RegisterType, order: string): Buffer {
  const words = Array.from({ length: bigEndian.length / 2 }, (_, i) => bigEndian.subarray(i * 2, i * 2 + 2));
  if (type !== 'string' && (order === 'CDAB' || order === 'DCBA')) words.reverse();
  const bytes = Buffer.concat(words);
  return order === 'BADC' || order === 'DCBA' ? bytes.swap16() : bytes;
}

/** The same but for the last digits of a scaled number. */
export function isSame(one: Outcome, other: Outcome): boolean {
  if (one.quality === 'bad' || other.quality === 'bad')
    return one.quality === 'bad' && other.quality === 'bad' && one.fault === other.fault;
  if (typeof one.value !== 'number' || typeof other.value !== 'number') return one.value === other.value;
  return Math.abs(one.value - other.value) <= 1e-9 * Math.max(Math.abs(one.value), 1e-3);
}
