/** What a value information field says: the quantity, and that the number counts so many (a power of ten) of the unit. */
export interface Meaning {
  readonly quantity: Quantity;
  /** Left out: the number has none, or is no number. */
  readonly unit?: string;
  readonly exponent: number;
}

/** First code, how many codes, quantity, unit, power of ten of the first; each further code is ten times that. */
export type Row = readonly [first: number, count: number, quantity: Quantity, unit?: string, exponent?: number];

export const QUANTITIES = [
  ...['energy', 'volume', 'mass', 'power', 'flow', 'mass-flow', 'pressure', 'humidity', 'frequency'],
  ...['flow-temperature', 'return-temperature', 'temperature-difference', 'external-temperature'],
  ...['voltage', 'current', 'reactive-energy', 'reactive-power', 'on-time', 'operating-time'],
  ...['averaging-duration', 'actuality-duration', 'date', 'date-time', 'heat-cost', 'fabrication-number'],
  ...['identification', 'bus-address', 'access-number', 'medium', 'manufacturer-code', 'parameter-set'],
  ...['model-version', 'hardware-version', 'firmware-version', 'software-version', 'customer-location', 'customer'],
  ...['error-flags', 'error-mask', 'digital-output', 'digital-input', 'dimensionless', 'reset-counter'],
  ...['cumulation-counter', 'reception-level', 'battery-left', 'named', 'maker', 'unknown'],
] as const;
export type Quantity = (typeof QUANTITIES)[number];

const TIME_UNITS = ['s', 'min', 'h', 'd'] as const;

function durations(first: number, quantity: Quantity): Row[] {
  return TIME_UNITS.map((unit, i) => [first + i, 1, quantity, unit, 0]);
}

/** Primary codes [EN 13757-3:2018, table 10]. */
export const PRIMARY: readonly Row[] = [
  [0x00, 8, 'energy', 'Wh', -3],
  [0x08, 8, 'energy', 'J', 0],
  [0x10, 8, 'volume', 'm³', -6],
  [0x18, 8, 'mass', 'kg', -3],
  ...durations(0x20, 'on-time'),
  ...durations(0x24, 'operating-time'),
  [0x28, 8, 'power', 'W', -3],
  [0x30, 8, 'power', 'J/h', 0],
  [0x38, 8, 'flow', 'm³/h', -6],
  [0x40, 8, 'flow', 'm³/min', -7],
  [0x48, 8, 'flow', 'm³/s', -9],
  [0x50, 8, 'mass-flow', 'kg/h', -3],
  [0x58, 4, 'flow-temperature', '°C', -3],
  [0x5c, 4, 'return-temperature', '°C', -3],
  [0x60, 4, 'temperature-difference', 'K', -3],
  [0x64, 4, 'external-temperature', '°C', -3],
  [0x68, 4, 'pressure', 'bar', -3],
  [0x6c, 1, 'date'],
  [0x6d, 1, 'date-time'],
  [0x6e, 1, 'heat-cost'],
  ...durations(0x70, 'averaging-duration'),
  ...durations(0x74, 'actuality-duration'),
  [0x78, 1, 'fabrication-number'],
  [0x79, 1, 'identification'],
  [0x7a, 1, 'bus-address'],
];

/** Codes after FD [EN 13757-3:2018, table 14]. */
export const AFTER_FD: readonly Row[] = [
  [0x08, 1, 'access-number'],
  [0x09, 1, 'medium'],
  [0x0a, 1, 'manufacturer-code'],
  [0x0b, 1, 'parameter-set'],
  [0x0c, 1, 'model-version'],
  [0x0d, 1, 'hardware-version'],
  [0x0e, 1, 'firmware-version'],
  [0x0f, 1, 'software-version'],
  [0x10, 1, 'customer-location'],
  [0x11, 1, 'customer'],
  [0x17, 1, 'error-flags'],
  [0x18, 1, 'error-mask'],
  [0x1a, 1, 'digital-output'],
  [0x1b, 1, 'digital-input'],
  [0x3a, 1, 'dimensionless'],
  [0x40, 16, 'voltage', 'V', -9],
  [0x50, 16, 'current', 'A', -12],
  [0x60, 1, 'reset-counter'],
  [0x61, 1, 'cumulation-counter'],
  [0x71, 1, 'reception-level'],
  [0x74, 1, 'battery-left', 'd', 0],
];

/** Codes after FB [EN 13757-3:2018, table 12]. */
export const AFTER_FB: readonly Row[] = [
  [0x00, 2, 'energy', 'Wh', 5],
  [0x02, 2, 'reactive-energy', 'varh', 3],
  [0x08, 2, 'energy', 'J', 8],
  [0x10, 2, 'volume', 'm³', 2],
  [0x14, 4, 'reactive-power', 'var', 0],
  [0x18, 2, 'mass', 'kg', 5],
  [0x1a, 2, 'humidity', '%', -1],
  [0x28, 2, 'power', 'W', 5],
  [0x2c, 4, 'frequency', 'Hz', -3],
  [0x30, 2, 'power', 'J/h', 8],
];

export function meaningOf(rows: readonly Row[], code: number): Meaning {
  const row = rows.find(([first, count]) => code >= first && code < first + count);
  if (row === undefined) return { quantity: 'unknown', exponent: 0 };
  const [first, , quantity, unit, exponent = 0] = row;
  return { quantity, exponent: exponent + code - first, ...(unit === undefined ? {} : { unit }) };
}

/** Single bits, not a number with a sign. */
export const FLAGS: readonly Quantity[] = ['error-flags', 'error-mask', 'digital-output', 'digital-input'];

/** Come as text; all else is a number. */
export const TEXTS: readonly Quantity[] = ['date', 'date-time', 'identification', 'customer-location', 'customer'];
