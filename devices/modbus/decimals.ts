/** Decimal arithmetic on doubles: what a meter shows as 230.1 must not become 230.10000610351562, nor 231 x 0.1 23.1000…. */

const POWERS: readonly number[] = Array.from({ length: 23 }, (_, i) => 10 ** i);

/** The double nearest to `x` rounded to so many significant decimal digits. */
function roundDigits(x: number, digits: number): number {
  if (x === 0) return 0;
  const places = digits - 1 - Math.floor(Math.log10(Math.abs(x)));
  // Powers of ten up to 10^22 are exact doubles; one rounding by each operation then gives the nearest double.
  if (places >= 0 && places <= 22) {
    const power = POWERS[places] as number;
    return Math.round(x * power) / power;
  }
  if (places < 0 && places >= -22) {
    const power = POWERS[-places] as number;
    return Math.round(x / power) * power;
  }
  return Number(x.toPrecision(digits));
}

/** The shortest decimal that still names this float32; nine digits always do. There is no -0. */
export function shortestFloat32(x: number): number {
  if (Number.isInteger(x) && Math.abs(x) < 1e6) return x + 0;
  for (let digits = 6; digits < 9; digits++) {
    const rounded = roundDigits(x, digits);
    if (Math.fround(rounded) === x) return rounded;
  }
  return roundDigits(x, 9);
}

/** Digits behind the decimal point of a number as people write it. */
export function decimalsOf(x: number): number {
  const [digits = '', exponent = '0'] = String(x).toLowerCase().split('e');
  return Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(exponent));
}

/** `raw * scale + offset` as a decimal; undefined if it changes nothing. `whole`: raw values are integers. */
export function scaler(scale: number, offset: number, whole: boolean): ((raw: number) => number) | undefined {
  if (scale === 1 && offset === 0) return undefined;
  const decimals = Math.max(decimalsOf(scale), decimalsOf(offset));
  const power = POWERS[decimals];
  if (!whole || power === undefined) return (raw) => roundDigits(raw * scale + offset, 12);
  const wholeScale = Math.round(scale * power);
  const wholeOffset = Math.round(offset * power);
  return (raw) => {
    const scaled = raw * wholeScale + wholeOffset;
    return Number.isSafeInteger(scaled) ? scaled / power : roundDigits(raw * scale + offset, 15);
  };
}

/** The raw value of which `value` is `raw * scale + offset`; 55.55 in steps of 0.1 is 555.5, not the 555.4999… of binary. */
export function unscale(value: number, scale: number, offset: number): number {
  const raw = (value - offset) / scale;
  const hasNoise = (scale !== 1 || offset !== 0) && Math.abs(raw) < 1e14;
  return hasNoise ? Number(raw.toPrecision(15)) : raw;
}
