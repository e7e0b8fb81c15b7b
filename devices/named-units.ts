/** Units as devices write them beside a value: what they measure, and how many of the kind's first unit they are, as a power of ten. */
interface Unit {
  readonly kind: string;
  readonly exponent: number;
  /** Where the factor is no power of ten: so many of `exponent`'s units make one. */
  readonly divisor?: number;
}

const UNITS: ReadonlyMap<string, Unit> = new Map([
  ...scaled('energy', ['Wh', 0], ['kWh', 3], ['MWh', 6], ['GWh', 9]),
  ...divided('energy', 3600, ['J', 0], ['kJ', 3], ['MJ', 6], ['GJ', 9]),
  ...scaled('reactive-energy', ['varh', 0], ['kvarh', 3], ['Mvarh', 6]),
  ...scaled('apparent-energy', ['VAh', 0], ['kVAh', 3], ['MVAh', 6]),
  ...scaled('power', ['W', 0], ['kW', 3], ['MW', 6]),
  ...divided('power', 3600, ['J/h', 0], ['kJ/h', 3], ['MJ/h', 6], ['GJ/h', 9]),
  ...scaled('reactive-power', ['var', 0], ['kvar', 3], ['Mvar', 6]),
  ...scaled('apparent-power', ['VA', 0], ['kVA', 3], ['MVA', 6]),
  ...scaled('voltage', ['V', 0], ['mV', -3], ['kV', 3]),
  ...scaled('current', ['A', 0], ['mA', -3], ['kA', 3]),
  ...scaled('volume', ['m³', 0], ['m3', 0], ['l', -3]),
  ...scaled('flow', ['m³/h', 0], ['m3/h', 0], ['l/h', -3]),
  ...divided('flow', 1 / 60, ['m³/min', 0], ['l/min', -3]),
  ...divided('flow', 1 / 3600, ['m³/s', 0], ['l/s', -3]),
  ...scaled('mass', ['kg', 0], ['g', -3], ['t', 3]),
  ...scaled('mass-flow', ['kg/h', 0], ['t/h', 3]),
  ...scaled('pressure', ['Pa', 0], ['hPa', 2], ['mbar', 2], ['kPa', 3], ['bar', 5]),
  ...scaled('time', ['s', 0]),
  ...divided('time', 1 / 60, ['min', 0]),
  ...divided('time', 1 / 3600, ['h', 0]),
  ...divided('time', 1 / 86_400, ['d', 0]),
]);

function scaled(kind: string, ...units: readonly [name: string, exponent: number][]): [string, Unit][] {
  return units.map(([name, exponent]) => [name, { kind, exponent }]);
}

function divided(
  kind: string,
  divisor: number,
  ...units: readonly [name: string, exponent: number][]
): [string, Unit][] {
  return units.map(([name, exponent]) => [name, { kind, exponent, divisor }]);
}

/** What a unit measures; undefined for one that stands for itself alone, such as °C. */
export function kindOfUnit(unit: string): string | undefined {
  return UNITS.get(unit)?.kind;
}

/** The value in another unit, decimals exact wherever a power of ten lies between them; undefined if they measure different things. */
export function inUnit(value: number, from: string, to: string): number | undefined {
  if (from === to) return value;
  const [a, b] = [UNITS.get(from), UNITS.get(to)];
  if (a === undefined || b === undefined || a.kind !== b.kind) return undefined;
  const moved = tenfold(value, a.exponent - b.exponent);
  const [over, under] = [b.divisor ?? 1, a.divisor ?? 1];
  return over === under ? moved : Number(((moved * over) / under).toPrecision(12));
}

/** `value` times a power of ten, as a decimal: 0.1 and 3 make 100, never 100.00000000000001. */
export function tenfold(value: number, exponent: number): number {
  const [digits, own = '0'] = String(value).split('e');
  return Number(`${digits}e${Number(own) + exponent}`);
}
