import { bad, good, type Outcome, type UnixMs } from '../core/reading.ts';
import type { CounterSpec } from '../devices/plant-types.ts';

/** What must be known of a counter from one reading to the next. */
export interface CounterState {
  /** What the total has more than the device shows. */
  readonly base: number;
  /** What the device showed when it was last believed, and when. */
  readonly last: number;
  readonly at: UnixMs;
  /** Readings in a row that do not follow from `last`, but from one another. */
  readonly doubt?: { readonly last: number; readonly at: UnixMs; readonly times: number };
}

export interface CounterStep {
  readonly state: CounterState;
  readonly outcome: Outcome;
  /** rolled-over: it began again behind its last figure. replaced: another meter, or one that was set back. */
  readonly jump?: 'rolled-over' | 'replaced';
}

/** Readings that must agree before another meter is believed in: one damaged reading must not move a total for ever. */
const AGREEING = 3;
/** Counters move in steps, and clocks are set: so much more than the time that passed may have been counted. */
const SLACK_MS = 15 * 60_000;

/**
 * Turns what a counter shows into a total that never falls. The total begins as what the counter shows. Through a roll-over it goes
 * on; where the meter was replaced or set back it stands still for a moment: nothing is counted that nobody has seen. A figure that
 * the counter cannot have reached in the time is the fault counter-jump, until enough readings agree with it.
 */
export function stepCounter(
  spec: CounterSpec,
  state: CounterState | undefined,
  shown: number,
  at: UnixMs,
): CounterStep {
  if (state === undefined) return settled({ base: 0, last: shown, at });
  const { base, last } = state;
  if (follows(spec, state, shown, at)) {
    if (shown >= last) return settled({ base, last: shown, at });
    return { ...settled({ base: base + (spec.rollsOverAt ?? 0), last: shown, at }), jump: 'rolled-over' };
  }
  const agrees = state.doubt !== undefined && follows(spec, state.doubt, shown, at);
  const times = agrees ? (state.doubt?.times ?? 0) + 1 : 1;
  if (times < AGREEING) {
    return { state: { base, last, at: state.at, doubt: { last: shown, at, times } }, outcome: bad('counter-jump') };
  }
  return { ...settled({ base: base + last - shown, last: shown, at }), jump: 'replaced' };
}

/** A total has no more digits than a double holds for sure: 0.1 + 0.2 is 0.3. */
function settled(state: CounterState): CounterStep {
  return { state, outcome: good(Number((state.base + state.last).toPrecision(15))) };
}

/** Can the counter have come from there to here in the time? A clock that was set back has passed no time. */
function follows(spec: CounterSpec, from: { last: number; at: UnixMs }, shown: number, at: UnixMs): boolean {
  const { rollsOverAt, mostPerHour } = spec;
  let rise = shown - from.last;
  if (rise < 0 && rollsOverAt !== undefined && from.last <= rollsOverAt) rise += rollsOverAt;
  const passedMs = Math.max(0, at - from.at) + SLACK_MS;
  return rise >= 0 && rise <= (mostPerHour * passedMs) / 3_600_000;
}
