import type { AnyValue } from './dmi.ts';

export type Scalar = string | number | boolean;

const WRAPPERS = 'type.googleapis.com/google.protobuf.';

/** The zero of each type: an Any with an empty value stands for it, since proto3 leaves defaults out. */
const ZEROS: Readonly<Record<string, Scalar>> = {
  StringValue: '',
  BoolValue: false,
  FloatValue: 0,
  DoubleValue: 0,
  Int32Value: 0,
  Int64Value: 0,
};

/** Tags of field 1, by wire type [protobuf encoding]. */
const TAG = { varint: 0x08, fixed64: 0x09, bytes: 0x0a, fixed32: 0x0d };

/**
 * A value of `configData`; undefined if it is of no type that EdgeCore sends, damaged, or no finite number: 1e39 has become infinite on its
 * way through a float32.
 */
export function scalarOf(any: AnyValue): Scalar | undefined {
  const scalar = plainOf(any);
  return typeof scalar === 'number' && !Number.isFinite(scalar) ? undefined : scalar;
}

function plainOf({ type_url, value }: AnyValue): Scalar | undefined {
  const type = type_url.startsWith(WRAPPERS) ? type_url.slice(WRAPPERS.length) : '';
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  if (bytes.length === 0) return ZEROS[type];
  switch (type) {
    case 'StringValue':
      return textOf(bytes);
    case 'BoolValue':
      return bytes[0] === TAG.varint && bytes.length === 2 ? bytes[1] === 1 : undefined;
    case 'FloatValue':
      return bytes[0] === TAG.fixed32 && bytes.length === 5 ? decimalOf(bytes.readFloatLE(1)) : undefined;
    case 'DoubleValue':
      return bytes[0] === TAG.fixed64 && bytes.length === 9 ? bytes.readDoubleLE(1) : undefined;
    case 'Int32Value':
    case 'Int64Value':
      return bytes[0] === TAG.varint ? integerOf(bytes.subarray(1)) : undefined;
    default:
      return undefined;
  }
}

/**
 * The number that was written before it went through a float32: the shortest decimal that comes to the same float32. Exact for whole
 * numbers up to 2^24 and for what people write with up to 6 digits; beyond, write it as a text.
 */
export function decimalOf(float: number): number {
  if (!Number.isFinite(float) || Number.isInteger(float)) return float;
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(float.toPrecision(digits));
    if (Math.fround(short) === float) return short;
  }
  return float;
}

function textOf(bytes: Buffer): string | undefined {
  if (bytes[0] !== TAG.bytes) return undefined;
  const { value, size } = varint(bytes.subarray(1));
  const text = bytes.subarray(1 + size);
  return BigInt(text.length) === value ? text.toString('utf8') : undefined;
}

function integerOf(bytes: Buffer): number {
  return Number(BigInt.asIntN(64, varint(bytes).value));
}

function varint(bytes: Buffer): { readonly value: bigint; readonly size: number } {
  let value = 0n;
  for (const [i, byte] of bytes.entries()) {
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value, size: i + 1 };
  }
  return { value, size: bytes.length };
}
