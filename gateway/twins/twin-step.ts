import type { TwinWanted } from '../../cloud-sync/protocol/twins.ts';
import type { WriteOutcome } from '../../cloud-sync/protocol/writes.ts';
import type { FaultCode } from '../../core/faults.ts';
import type { UnixMs, Value } from '../../core/reading.ts';
import type { TwinPointState } from './twin-store.ts';

/** Reasons that pass by themselves, or with another configuration: it is tried again. */
const PASSING: readonly (FaultCode | undefined)[] = ['writes-locked', 'write-rate', 'not-found', 'gateway-away'];

export function freshPoint({ version }: TwinWanted): TwinPointState {
  return { version, state: 'waiting', tries: 0 };
}

/** After a write of it, whoever gave the order. */
export function afterWrite(before: TwinPointState, { value }: TwinWanted, outcome: WriteOutcome): TwinPointState {
  const { code: _, detail: __, ...rest } = before;
  const why = {
    ...(outcome.code === undefined ? {} : { code: outcome.code }),
    ...(outcome.detail === undefined ? {} : { detail: outcome.detail.slice(0, 500) }),
  };
  const tries = before.tries + 1;
  if (outcome.state === 'done') return { ...rest, tries, state: 'held', taken: outcome.readBack ?? value };
  if (outcome.state === 'unknown') return { ...rest, ...why, tries, state: 'unknown', taken: value };
  if (outcome.code === 'write-differs') return { ...rest, ...why, tries, state: 'drift', taken: value };
  const passes = outcome.state === 'failed' || PASSING.includes(outcome.code);
  // A correction that fails leaves what it found.
  const state = passes ? (before.state === 'drift' ? 'drift' : 'waiting') : 'refused';
  return { ...rest, ...why, tries, state };
}

/** What a device was seen to hold, by a reading made after the last write. */
export interface Seen {
  readonly value: Value;
  readonly at: UnixMs;
}

/** After a reading. `before` is the one before it: a single one may have been under way while the point was written. */
export function afterReading(state: TwinPointState, now: Seen, before: Seen | undefined): TwinPointState {
  if (state.state === 'waiting' || state.state === 'refused') return state;
  const { code: _, detail: __, ...rest } = state;
  if (now.value === state.taken) return state.state === 'held' ? state : { ...rest, state: 'held' };
  const isSure = before !== undefined && before.at !== now.at && before.value !== state.taken;
  if (state.state !== 'held' || !isSure) return state;
  return { ...rest, state: 'drift' };
}

/** As it is, for this reason. */
export function withCode(before: TwinPointState, code: TwinPointState['code']): TwinPointState {
  if (before.code === code) return before;
  const { detail: _, ...rest } = before;
  return { ...rest, code };
}

export function differs(a: TwinPointState, b: TwinPointState): boolean {
  return a.state !== b.state || a.code !== b.code;
}

/** What somebody wants to find later: a difference that came or went, and what will not be written. */
export function isNews(before: TwinPointState, after: TwinPointState): boolean {
  if (before.state === after.state) return false;
  return after.state === 'drift' || after.state === 'refused' || before.state === 'drift';
}
