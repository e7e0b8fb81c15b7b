/** Readings of one point over time, column by column. `null` is a fault: it breaks the line. */
export interface TrendData {
  /** Unix milliseconds, rising. */
  readonly at: readonly number[];
  readonly value: readonly (number | null)[];
  /** Lowest and highest per step; left out where each reading stands for itself. */
  readonly low?: readonly (number | null)[];
  readonly high?: readonly (number | null)[];
  /** Readings without a value in the step. */
  readonly bad: readonly number[];
  /** Why there is no value, where each reading stands for itself. */
  readonly fault?: readonly (string | undefined)[];
}

export const NO_DATA: TrendData = { at: [], value: [], bad: [] };

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

const GAP_INTERVALS = 3;

/** The distance beyond which two readings are not joined: the line never says what nobody measured. */
export function gapLimit(intervalMs: number | undefined, stepMs: number | undefined): number {
  if (intervalMs === undefined && stepMs === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(GAP_INTERVALS * (intervalMs ?? 0), 1.5 * (stepMs ?? 0));
}

/** Puts an empty place into each gap, so that the line is left open there. */
export function openGaps(data: TrendData, limitMs: number): TrendData {
  const at: number[] = [];
  const value: (number | null)[] = [];
  const low: (number | null)[] = [];
  const high: (number | null)[] = [];
  const bad: number[] = [];
  data.at.forEach((time, index) => {
    const before = at.at(-1);
    if (before !== undefined && time - before > limitMs) {
      at.push(before + 1);
      value.push(null);
      low.push(null);
      high.push(null);
      bad.push(0);
    }
    at.push(time);
    value.push(data.value[index] ?? null);
    low.push(data.low?.[index] ?? null);
    high.push(data.high?.[index] ?? null);
    bad.push(data.bad[index] ?? 0);
  });
  return data.low ? { at, value, low, high, bad } : { at, value, bad };
}

/** How often nothing was read for longer than it should be. */
export function countGaps({ at }: TrendData, limitMs: number): number {
  return at.filter((time, index) => time - (at[index - 1] ?? time) > limitMs).length;
}

/** Where no valid value was read: from the first bad reading to the next good one, but not across a gap. */
export function badStretches(data: TrendData, limitMs: number): readonly Stretch[] {
  const found: { from: number; to: number }[] = [];
  let open: { from: number; to: number } | undefined;
  data.at.forEach((time, index) => {
    if (open) {
      const before = data.at[index - 1] ?? time;
      open.to = time - before > limitMs ? before : time;
    }
    const isBad = (data.bad[index] ?? 0) > 0;
    if (open && (!isBad || open.to < time)) open = undefined;
    if (isBad && !open) {
      open = { from: time, to: time };
      found.push(open);
    }
  });
  return found;
}

/** Replaces what lies in [from, to] by what was fetched for it. Both are raw. */
export function merge(data: TrendData, fetched: TrendData, { from, to }: Stretch): TrendData {
  const start = lowerBound(data.at, from);
  const end = lowerBound(data.at, to + 1);
  const join = <T>(into: readonly T[], part: readonly T[]) => [...into.slice(0, start), ...part, ...into.slice(end)];
  const faults = ({ fault, at }: TrendData) => fault ?? at.map(() => undefined);
  return {
    at: join(data.at, fetched.at),
    value: join(data.value, fetched.value),
    bad: join(data.bad, fetched.bad),
    ...(data.fault || fetched.fault ? { fault: join(faults(data), faults(fetched)) } : {}),
  };
}

/** Adds a live reading at its place; one of the same instant is replaced. */
export function append(data: TrendData, at: number, value: number | null, fault?: string): TrendData {
  const bad = [value === null ? 1 : 0];
  const one = { at: [at], value: [value], bad, ...(fault === undefined ? {} : { fault: [fault] }) };
  return merge(data, one, { from: at, to: at });
}

/** Drops what has left the window, except the last reading before it: the line comes in from the edge. */
export function dropBefore(data: TrendData, from: number): TrendData {
  const start = Math.max(0, lowerBound(data.at, from) - 1);
  if (start === 0) return data;
  return {
    at: data.at.slice(start),
    value: data.value.slice(start),
    bad: data.bad.slice(start),
    ...(data.fault ? { fault: data.fault.slice(start) } : {}),
  };
}

export interface Summary {
  readonly low: number;
  readonly mean: number;
  readonly high: number;
}

/** Undefined if there is no value. */
export function summarise(data: TrendData): Summary | undefined {
  const values = data.value.filter((value) => value !== null);
  if (values.length === 0) return undefined;
  const lows = (data.low ?? values).filter((value) => value !== null);
  const highs = (data.high ?? values).filter((value) => value !== null);
  return {
    low: lows.reduce((a, b) => Math.min(a, b)),
    mean: values.reduce((a, b) => a + b, 0) / values.length,
    high: highs.reduce((a, b) => Math.max(a, b)),
  };
}

/** Place of the reading that is nearest to an instant, and not further away than that; undefined if there is none. */
export function nearest(at: readonly number[], wanted: number, withinMs: number): number | undefined {
  const after = lowerBound(at, wanted);
  const distance = (index: number) => Math.abs((at[index] ?? Number.POSITIVE_INFINITY) - wanted);
  const index = distance(after - 1) <= distance(after) ? after - 1 : after;
  return distance(index) <= withinMs ? index : undefined;
}

function lowerBound(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
