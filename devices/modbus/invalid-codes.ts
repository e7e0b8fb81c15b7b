import { toFloat16 } from './float16.ts';
import type { RegisterType } from './register-types.ts';

/** Bits of the raw value that a code is compared with. A bool or bits in a register are judged by the whole register. */
const BITS: Partial<Record<RegisterType, number>> = {
  ...{ int16: 16, uint16: 16, bcd16: 16, bool: 16, bits: 16, int24: 24, uint24: 24 },
  ...{ int32: 32, uint32: 32, bcd32: 32, int64: 64, uint64: 64 },
};

const HEX = /^0x[0-9a-fA-F]{1,16}$/;

type Given = number | string;

/**
 * The codes of `invalid:` as raw values: bigints for integers and BCD, numbers for floats, where hexadecimal in quotes is the
 * bits, texts for strings. What can never be met is complained about: such a code would show as a value.
 */
export function toCodes(
  given: Given | readonly Given[],
  type: RegisterType | 'coil',
  complain: (key: string, message: string) => void,
): readonly (number | bigint | string)[] {
  const list = Array.isArray(given) ? (given as readonly Given[]) : [given as Given];
  if (type === 'string') return list.map(String);
  return list.flatMap((code) => {
    if (typeof code === 'string' && !HEX.test(code)) {
      complain('invalid', `${code}: expected a number or hexadecimal such as 0x8000`);
      return [];
    }
    const bits = type === 'coil' ? undefined : BITS[type];
    const raw = bits === undefined ? floatCode(code, type) : integerCode(code, bits);
    if (raw !== undefined) return raw;
    complain(
      'invalid',
      `${code} is no raw value of ${type === 'coil' ? 'a single bit' : `type ${type}`}${hint(code, bits)}`,
    );
    return [];
  });
}

function hint(code: Given, bits: number | undefined): string {
  const isInexact = bits === 64 && typeof code === 'number' && !Number.isSafeInteger(code);
  return isInexact ? ': put hexadecimal in quotes, YAML rounds it otherwise' : '';
}

/** Makers write a signed type's code as the bits: 0x8000 is -32768 too. So every code is the bits. */
function integerCode(code: Given, bits: number): bigint | undefined {
  if (typeof code === 'number' && !Number.isSafeInteger(code)) return undefined;
  const raw = BigInt(code);
  return raw >= -(1n << BigInt(bits - 1)) && raw < 1n << BigInt(bits) ? BigInt.asUintN(bits, raw) : undefined;
}

const FLOAT_BYTES: Partial<Record<RegisterType | 'coil', number>> = { float16: 2, float32: 4, float64: 8 };

function floatCode(code: Given, type: RegisterType | 'coil'): number | undefined {
  const size = FLOAT_BYTES[type];
  if (size === undefined) return undefined;
  if (typeof code === 'number') return code;
  if (code.length !== size * 2 + 2) return undefined;
  const bytes = Buffer.from(code.slice(2), 'hex');
  if (size === 8) return bytes.readDoubleBE(0);
  return size === 4 ? bytes.readFloatBE(0) : toFloat16(bytes.readUInt16BE(0));
}
