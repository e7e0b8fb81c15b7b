import type { Value } from '../../core/reading.ts';
import type { DataType } from '../plant-types.ts';

/** Room for this many readings of one point before the numbers of two points meet. */
export const ORACLE_STRIDE = 10_000_000;
const FLOAT32_STRIDE = 100_000;
const FLOAT32_POINTS = 160;

/**
 * A raw value that names its point and its reading: types of 32 bits and more hold `index * 10,000,000 + n`; float32, exact to 2^24
 * only, `index * 100,000 + n`; shorter ones the count alone.
 */
export function oracleValue(type: DataType, index: number, n: number): Value {
  switch (type) {
    case 'bool':
      return n % 2 === 1;
    case 'string':
      return `${index}:${n}`;
    case 'bits':
      return '';
    case 'float32':
      return (index % FLOAT32_POINTS) * FLOAT32_STRIDE + (n % FLOAT32_STRIDE);
    case 'float16':
      return n % 2048;
    case 'bcd16':
      return n % 10_000;
    case 'bcd32':
      return n % 100_000_000;
    case 'int16':
    case 'uint16':
      return n % 30_000;
    case 'int24':
    case 'uint24':
      return n % 8_000_000;
    default:
      return index * ORACLE_STRIDE + n;
  }
}

/** Point and reading of a raw value of a type of 32 bits and more (float32 apart). */
export function readOracle(value: number): { index: number; n: number } {
  return { index: Math.floor(value / ORACLE_STRIDE), n: value % ORACLE_STRIDE };
}
