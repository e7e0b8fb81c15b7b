import type { Clock } from '../../core/clock.ts';
import type { Value } from '../../core/reading.ts';
import type { DeviceSpec, PointSpec } from '../plant-types.ts';
import { polledPoints } from '../polled-points.ts';
import { oracleValue } from './oracle.ts';
import { type Signal, signalsOf } from './signals.ts';

export const SIM_FAULTS = ['dead', 'slow', 'garbled', 'busy'] as const;
/** dead: no answer. slow: an answer after the time-out. garbled: a damaged answer. busy: exception 6. */
export type SimFault = (typeof SIM_FAULTS)[number];

/** Hears of every value that leaves the simulator in oracle mode. */
export type OnServe = (served: { device: string; point: string; index: number; n: number; value: Value }) => void;

/** All points of a device change together, as if measured at once: what one reply says fits together. */
const REFRESH_MS = 1000;

export interface SimOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly values: 'plausible' | 'oracle';
  readonly onServe?: OnServe | undefined;
}

/** A point of a simulated device: what it would show now. */
export class SimPoint {
  readonly spec: PointSpec;
  readonly #device: string;
  readonly #index: number;
  readonly #signal: Signal;
  readonly #options: SimOptions;
  #written: Value | undefined;
  #reads = 0;

  constructor(spec: PointSpec, device: string, index: number, signal: Signal, options: SimOptions) {
    this.spec = spec;
    this.#device = device;
    this.#index = index;
    this.#signal = signal;
    this.#options = options;
  }

  /** In oracle mode `raw`: scale and offset do not apply. */
  read(): { value: Value; raw: boolean } {
    if (this.#written !== undefined) return { value: this.#written, raw: false };
    const { values, clock, onServe } = this.#options;
    if (values === 'plausible') return { value: this.#signal(clock.now() - (clock.now() % REFRESH_MS)), raw: false };
    this.#reads += 1;
    const value = oracleValue(this.spec.type, this.#index, this.#reads);
    onServe?.({ device: this.#device, point: this.spec.name, index: this.#index, n: this.#reads, value });
    return { value, raw: true };
  }

  /** Must each read be computed anew? */
  get changesEachRead(): boolean {
    return this.#options.values === 'oracle';
  }

  write(value: Value | undefined): void {
    this.#written = value;
  }
}

export class SimDevice {
  readonly spec: DeviceSpec;
  readonly points: readonly SimPoint[];
  /** How late the fault `slow` answers. */
  readonly slowMs: number;
  fault: SimFault | undefined;

  constructor(spec: DeviceSpec, firstIndex: number, timeoutMs: number, options: SimOptions) {
    this.spec = spec;
    this.slowMs = (spec.timeoutMs ?? timeoutMs) * 1.5;
    const signalOf = signalsOf(spec, options.seed);
    this.points = polledPoints(spec).map(
      (point, i) => new SimPoint(point, spec.name, firstIndex + i, signalOf(point), options),
    );
  }
}
