import type { UnixMs } from '../../core/reading.ts';

/** Energy that went through a meter between two instants; null: not known. */
export interface Increment {
  readonly from: UnixMs;
  readonly to: UnixMs;
  readonly kwh: number | null;
  /** Why it is not known. */
  readonly why?: Missing;
}

/** `silent`: nothing came for too long. `replaced`: the counter fell, so it is another one, or was set back. `jumped`: it counted more than can be. */
export type Missing = 'silent' | 'replaced' | 'jumped' | 'unknown-point' | 'unknown-unit';

export interface Counted {
  readonly at: UnixMs;
  /** kWh as the counter shows them. */
  readonly value: number;
}

export interface CounterLimits {
  /** Where the counter begins again, kWh; left out: a fall is always another counter. */
  readonly rollsOverAt?: number | undefined;
  /** What can go through at most, kW: tells a roll-over from another counter, and a damaged reading from consumption. */
  readonly mostKw?: number | undefined;
}

const HOUR_MS = 3_600_000;
/** Counters move in whole kWh, and clocks are set: a quarter of an hour of slack, as at the edge. See docs/decisions/0011-counters.md. */
const SLACK_MS = 900_000;

/**
 * What a counter's readings, in order of time, say was consumed between them. A fall is a roll-over if it can be one, else
 * nothing is said about that span: energy is never negative, and what nobody counted is never 0.
 */
export function counterIncrements(
  readings: readonly Counted[],
  { rollsOverAt, mostKw }: CounterLimits = {},
): Increment[] {
  const increments: Increment[] = [];
  for (let i = 1; i < readings.length; i++) {
    const [before, after] = [readings[i - 1] as Counted, readings[i] as Counted];
    const span = { from: before.at, to: after.at };
    if (span.from === span.to && before.value === after.value) continue;
    const mostKwh =
      mostKw === undefined ? Number.POSITIVE_INFINITY : (mostKw * (span.to - span.from + SLACK_MS)) / HOUR_MS;
    const kwh = after.value - before.value;
    if (kwh >= 0) increments.push(kwh <= mostKwh ? { ...span, kwh } : { ...span, kwh: null, why: 'jumped' });
    else increments.push(fallen(span, before, after, rollsOverAt, mostKwh));
  }
  return increments;
}

function fallen(
  span: { readonly from: UnixMs; readonly to: UnixMs },
  before: Counted,
  after: Counted,
  rollsOverAt: number | undefined,
  mostKwh: number,
): Increment {
  const rolled = rollsOverAt === undefined ? Number.NaN : rollsOverAt - before.value + after.value;
  // Without a limit of what can be, a fall from near the end to near the beginning is still more likely a roll-over.
  const most = Number.isFinite(mostKwh) ? mostKwh : (rollsOverAt ?? 0) / 10;
  return rolled >= 0 && rolled <= most ? { ...span, kwh: rolled } : { ...span, kwh: null, why: 'replaced' };
}

export interface Powered {
  readonly at: UnixMs;
  /** kW; null: a fault stands there. */
  readonly kw: number | null;
}

/** Energy from power, each value held until the next or for `holdMs` at most; what is beyond is silent. Exported power counts as negative. */
export function powerIncrements(readings: readonly Powered[], holdMs: number, until: UnixMs): Increment[] {
  const increments: Increment[] = [];
  const silent = (from: UnixMs, to: UnixMs) => {
    if (to > from) increments.push({ from, to, kwh: null, why: 'silent' });
  };
  readings.forEach(({ at, kw }, index) => {
    const next = readings[index + 1]?.at ?? until;
    const held = kw === null ? at : Math.min(next, at + holdMs);
    if (kw !== null && held > at) increments.push({ from: at, to: held, kwh: (kw * (held - at)) / HOUR_MS });
    silent(held, next);
  });
  return increments;
}
