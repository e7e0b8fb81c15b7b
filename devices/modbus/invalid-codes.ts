import type { RegisterType } from './address.ts';

/** Bits of the raw value that a code is compared with. */
const BITS: Partial<Record<RegisterType, number>> = {
  ...{ int16: 16, uint16: 16, bcd16: 16, int24: 24, int32: 32, uint32: 32, bcd32: 32, int64: 64, uint64: 64 },
};

type Given = number | string;

/**
 * The codes of `invalid:` as raw values: bigints for integers and BCD, numbers for floats, where hexadecimal in quotes is the
 * bits. What can never be met is complained about: such a code would show as a value.
 */
export function toCodes(
  given: Given | readonly Given[],
  type: RegisterType,
  complain: (key: string, message: string) => void,
): readonly (number | bigint)[] {
  const list = Array.isArray(given) ? (given as readonly Given[]) : [given as Given];
  return list.flatMap((code) => {
    const bits = BITS[type];
    const raw = bits === undefined ? floatCode(code, type) : integerCode(code, bits);
    if (raw !== undefined) return raw;
    complain('invalid', `${code} is no raw value of type ${type}${hint(code, bits)}`);
    return [];
  });
}

function hint(code: Given, bits: number | undefined): string {
  const isInexact = bits === 64 && typeof code === 'number' && !Number.isSafeInteger(code);
  return isInexact ? ': put hexadecimal in quotes, YAML rounds it otherwise' : '';
}

function integerCode(code: Given, bits: number): bigint | undefined {
  if (typeof code === 'number' && !Number.isSafeInteger(code)) return undefined;
  const raw = BigInt(code);
  return raw >= -(1n << BigInt(bits - 1)) && raw < 1n << BigInt(bits) ? raw : undefined;
}

function floatCode(code: Given, type: RegisterType): number | undefined {
  const isFloat = type === 'float16' || type === 'float32' || type === 'float64';
  if (!isFloat) return undefined;
  if (typeof code === 'number') return code;
  const digits = type === 'float32' ? 8 : 16;
  if (type === 'float16' || code.length !== digits + 2) return undefined;
  const bytes = Buffer.from(code.slice(2), 'hex');
  return type === 'float32' ? bytes.readFloatBE(0) : bytes.readDoubleBE(0);
}
