import type { TrendData } from './trend-data.ts';

/** What was read on another day, put at the same time of this day. Of an hour that the clock showed twice the first stays. */
export function aligned(data: TrendData, shift: (at: number) => number): TrendData {
  const kept: number[] = [];
  const at: number[] = [];
  data.at.forEach((time, index) => {
    const shifted = shift(time);
    if (at.length > 0 && shifted <= (at.at(-1) ?? 0)) return;
    at.push(shifted);
    kept.push(index);
  });
  const pick = <T>(column: readonly T[]) => kept.map((index) => column[index] as T);
  return { at, value: pick(data.value), bad: pick(data.bad) };
}
