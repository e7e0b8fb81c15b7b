export const TABLES = ['coil', 'discrete', 'holding', 'input'] as const;
export type Table = (typeof TABLES)[number];

/** Registers that a value of each type takes; strings say so themselves. */
export const REGISTERS_OF = {
  bool: 1,
  int16: 1,
  uint16: 1,
  int24: 2,
  uint24: 2,
  int32: 2,
  uint32: 2,
  int64: 4,
  uint64: 4,
  float16: 1,
  float32: 2,
  float64: 4,
  string: 1,
  bcd16: 1,
  bcd32: 2,
  bits: 1,
} as const;
export type RegisterType = keyof typeof REGISTERS_OF;

export const TRANSFORMS = ['four-quadrant-pf'] as const;
export type Transform = (typeof TRANSFORMS)[number];
