import type { UnixMs } from '../../core/reading.ts';
import { randomFor, type Wave, wave } from './wave.ts';

/** What flows at an instant: per phase, in volts, watts and vars. */
export interface Flow {
  readonly volts: readonly number[];
  readonly watts: readonly number[];
  readonly vars: readonly number[];
}

/** What has flowed: per phase, in watt-hours and var-hours. */
export interface Consumed {
  readonly wattHours: readonly number[];
  readonly varHours: readonly number[];
}

/** An electrical feed with its load. All that a meter shows of it follows from these two. */
export interface Supply {
  flow(at: UnixMs): Flow;
  consumed(at: UnixMs): Consumed;
}

export interface SupplyLevel {
  readonly phases: number;
  /** Between a phase and neutral. */
  readonly volts: number;
  /** Of all phases together. */
  readonly watts: number;
  readonly powerFactor: number;
}

const VOLTS_SWING = 0.006;
const WATTS_SWING = 0.15;
const VARS_SWING = 0.08;
/** Phases carry up to this much more or less than their share. */
const IMBALANCE = 0.06;
const COUNTING_SINCE: UnixMs = 1_760_000_000_000;
const HOUR_MS = 3_600_000;

/** Power and reactive power are waves, so that energy is their exact integral: a counter needs no memory and never goes back. */
export function supply({ phases, volts, watts, powerFactor }: SupplyLevel, name: string): Supply {
  const random = randomFor(name);
  const shares = shareOut(phases, random);
  const varsPerWatt = Math.tan(Math.acos(powerFactor));
  const voltage = shares.map(() => around(volts, VOLTS_SWING, wave(random)));
  const active = shares.map((share) => around(watts * share, WATTS_SWING, wave(random)));
  const reactive = shares.map((share) => around(watts * share * varsPerWatt, VARS_SWING, wave(random)));
  return {
    flow: (at) => ({
      volts: voltage.map((phase) => phase.now(at)),
      watts: active.map((phase) => phase.now(at)),
      vars: reactive.map((phase) => phase.now(at)),
    }),
    consumed: (at) => ({
      wattHours: active.map((phase) => phase.hours(at)),
      varHours: reactive.map((phase) => phase.hours(at)),
    }),
  };
}

function shareOut(phases: number, random: () => number): number[] {
  const weights = Array.from({ length: phases }, () => 1 + IMBALANCE * (2 * random() - 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function around(level: number, swing: number, { at: waveAt, area }: Wave) {
  return {
    now: (at: UnixMs) => level * (1 + swing * waveAt(at)),
    hours: (at: UnixMs) =>
      Math.max(0, (level * (at - COUNTING_SINCE + swing * (area(at) - area(COUNTING_SINCE)))) / HOUR_MS),
  };
}
