import type { Outcome, UnixMs } from '../core/reading.ts';
import { bad } from '../core/reading.ts';
import type { DeviceSpec, PointSpec } from '../devices/plant-types.ts';

/** A point at run time: its newest outcome, and the one last kept. */
export interface PointState {
  readonly device: DeviceSpec;
  readonly spec: PointSpec;
  /** Number in the catalogue. */
  readonly number: number;
  newest: Outcome | undefined;
  newestAt: UnixMs;
  kept: Outcome | undefined;
  keptTicks: number;
  /** Changed since the event bus last told. */
  untold: boolean;
}

export function newPointState(device: DeviceSpec, spec: PointSpec, number: number): PointState {
  return { device, spec, number, newest: undefined, newestAt: 0, kept: undefined, keptTicks: 0, untold: false };
}

/** What has been read of it, without what it is. */
export function newsOf({ newest, newestAt, kept, keptTicks, untold }: PointState) {
  return { newest, newestAt, kept, keptTicks, untold };
}

/** A reading outside what the profile calls possible is a fault, not a value. */
export function judge({ valid }: PointSpec, outcome: Outcome): Outcome {
  if (valid === undefined || outcome.quality === 'bad' || typeof outcome.value !== 'number') return outcome;
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = valid;
  return outcome.value < min || outcome.value > max ? bad('out-of-range') : outcome;
}

/** A fault that lasts is kept again this often, so that a chart shows it and the card is spared. */
const FAULT_REPEAT_MS = 60_000;

/** Report by exception: is this reading worth keeping? `ticks` are monotonic milliseconds. */
export function isWorthKeeping(state: PointState, outcome: Outcome, ticks: number): boolean {
  const { kept, keptTicks, spec } = state;
  if (kept === undefined || kept.quality !== outcome.quality) return true;
  if (outcome.quality === 'bad' || kept.quality === 'bad') {
    const same = kept.quality === 'bad' && outcome.quality === 'bad' && kept.fault === outcome.fault;
    return !same || ticks - keptTicks >= FAULT_REPEAT_MS;
  }
  if (spec.deadband === undefined) return true;
  if (spec.maxSilenceMs !== undefined && ticks - keptTicks >= spec.maxSilenceMs) return true;
  if (typeof outcome.value !== 'number' || typeof kept.value !== 'number') return outcome.value !== kept.value;
  // 20.2 - 20 is a little less than 0.2 in binary: a change as large as the deadband must count all the same.
  return Math.abs(outcome.value - kept.value) >= spec.deadband * (1 - 1e-9) && outcome.value !== kept.value;
}
