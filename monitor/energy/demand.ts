import type { UnixMs } from '../../core/reading.ts';

const HOUR_MS = 3_600_000;

/** The demand window that is running: energy so far, and where it will end. */
export interface Demand {
  readonly from: UnixMs;
  /** End of the window. */
  readonly to: UnixMs;
  /** Known so far. */
  readonly kwh: number;
  /** Of what has passed, for how long nothing is known: taken to have been as in the last minutes. */
  readonly missingMs: number;
  /** Mean power of the last minutes; null: not known. */
  readonly recentKw: number | null;
  /** Mean power of the whole window if it goes on as in the last minutes; null: not known. */
  readonly forecastKw: number | null;
  readonly targetKw?: number;
  /** Mean power that may be used for the rest of the window to meet the target; below 0 it is missed already. */
  readonly allowedKw?: number;
  readonly state: 'unknown' | 'below' | 'forecast-above' | 'above';
}

export interface DemandSoFar {
  /** What went through in the time of which nothing is known, if it was as in the last minutes. */
  readonly unseenKwh: number;
  readonly from: UnixMs;
  readonly to: UnixMs;
  readonly now: UnixMs;
  readonly kwh: number;
  readonly missingMs: number;
  readonly recentKw: number | null;
  readonly targetKw?: number;
}

/** What the window comes to. `above`: the target's energy is used up already, whatever follows. */
export function forecastDemand({ from, to, now, kwh, missingMs, recentKw, unseenKwh, targetKw }: DemandSoFar): Demand {
  const hours = (to - from) / HOUR_MS;
  const left = Math.max(0, to - now) / HOUR_MS;
  const forecastKw = recentKw === null ? null : (kwh + unseenKwh + recentKw * left) / hours;
  const base = { from, to, kwh, missingMs, recentKw, forecastKw };
  if (targetKw === undefined) return { ...base, state: forecastKw === null ? 'unknown' : 'below' };
  const room = targetKw * hours - kwh;
  const allowedKw = left > 0 ? (room - unseenKwh) / left : 0;
  const state =
    room < 0 ? 'above' : forecastKw === null ? 'unknown' : forecastKw > targetKw ? 'forecast-above' : 'below';
  return { ...base, targetKw, allowedKw, state };
}
