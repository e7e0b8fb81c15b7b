import type { Catalogue } from '../cloud-sync/protocol/catalogue.ts';
import type { JournalEvent } from '../cloud-sync/protocol/events.ts';
import type { Clock } from '../core/clock.ts';
import type { FaultCode } from '../core/faults.ts';
import { bad, type Outcome, type PointId, pointId, type UnixMs } from '../core/reading.ts';
import type { Answers } from '../devices/driver.ts';
import type { CounterSpec, DeviceSpec, Plant } from '../devices/plant-types.ts';
import { AlarmBoard, type Transition } from './alarms/alarm-board.ts';
import { AlarmEngine, type AlarmSettings } from './alarms/alarm-engine.ts';
import { DerivedPoints } from './derived-points.ts';
import type { EventOptions } from './journal/writer.ts';
import { isSamePlace, isSamePoint } from './plant-change.ts';
import { isWorthKeeping, judge, newPointState, newsOf, type PointState } from './point-state.ts';
import type { PollSink } from './poll/asker.ts';

/** What intake needs of the journal. */
export interface Keeper {
  reading(point: number, at: UnixMs, outcome: Outcome): void;
  event(event: JournalEvent, options?: EventOptions): void;
}

/** What intake needs of the totals of counters. */
export interface Counters {
  step(point: PointId, spec: CounterSpec, read: Outcome, at: UnixMs): Outcome;
}

/** A device as seen at run time; undefined before its first answer or fault. */
export interface DeviceState {
  readonly spec: DeviceSpec;
  readonly points: ReadonlyMap<string, PointState>;
  readonly derived: DerivedPoints;
  online: boolean | undefined;
  fault: FaultCode | undefined;
}

/** Stamps what comes from the devices, judges it, keeps what is worth keeping, steps the alarm rules, remembers the newest. */
export class Intake implements PollSink {
  devices: ReadonlyMap<string, DeviceState>;
  /** For the live lane. */
  readonly alarms = new AlarmBoard();
  readonly #keeper: Keeper;
  readonly #clock: Clock;
  readonly #counters: Counters | undefined;
  readonly #engine: AlarmEngine;
  /** Every outcome that came, and those that went to the journal. */
  readonly counts = { read: 0, kept: 0, faults: 0 };

  constructor(
    plant: Plant,
    catalogue: Catalogue,
    keeper: Keeper,
    clock: Clock,
    { counters, alarms }: { readonly counters?: Counters; readonly alarms?: AlarmSettings } = {},
  ) {
    this.#keeper = keeper;
    this.#counters = counters;
    this.#clock = clock;
    this.devices = stateOf(plant, catalogue, new Map());
    this.#engine = new AlarmEngine(
      {
        ...{ devices: plant.devices, clock, board: this.alarms, tell: (transition) => this.#tell(transition) },
        newest: (device, point) => this.devices.get(device)?.points.get(point)?.newest,
      },
      alarms ?? NO_SETTINGS,
    );
  }

  /**
   * Another plant, made with `carryOver`, whose catalogue is journalled. What is known of devices and points that stay as they are goes
   * on; an alarm whose rule is gone ends.
   */
  change(plant: Plant, catalogue: Catalogue): void {
    this.devices = stateOf(plant, catalogue, this.devices);
    this.#engine.change(plant.devices, this.#clock.now());
  }

  answers(device: DeviceSpec, answers: Answers): void {
    const state = this.#device(device);
    const at = this.#clock.now();
    const ticks = this.#clock.ticks();
    if (state.online !== true) this.#deviceChanged(state, at, true);
    for (const [name, outcome] of answers) {
      const point = state.points.get(name);
      if (point !== undefined) this.#take(state, point, outcome, at, ticks);
    }
  }

  fault(device: DeviceSpec, points: readonly string[], fault: FaultCode): void {
    const state = this.#device(device);
    const at = this.#clock.now();
    const ticks = this.#clock.ticks();
    const outcome = bad(fault);
    for (const name of points) {
      const point = state.points.get(name);
      if (point !== undefined) this.#take(state, point, outcome, at, ticks);
    }
  }

  away(device: DeviceSpec, fault: FaultCode): void {
    const state = this.#device(device);
    if (state.online !== false) this.#deviceChanged(state, this.#clock.now(), false, fault);
    state.fault = fault;
  }

  /** Raises and ends what has waited out its delay although no further reading came: what was read last still counts, a fault does not. */
  stepWaiting(): void {
    this.#engine.pass(this.#clock.now(), this.#clock.ticks());
  }

  /** Takes the reading of a point, then those that are computed from it. */
  #take(device: DeviceState, point: PointState, read: Outcome, at: UnixMs, ticks: number): void {
    const outcome = this.#count(point, judge(point.spec, read), at);
    this.counts.read += 1;
    if (outcome.quality === 'bad') this.counts.faults += 1;
    point.newest = outcome;
    point.newestAt = at;
    point.untold = true;
    if (isWorthKeeping(point, outcome, ticks)) {
      point.kept = outcome;
      point.keptTicks = ticks;
      this.counts.kept += 1;
      this.#keeper.reading(point.number, at, outcome);
    }
    this.#engine.read(point.device.name, point.spec.name, outcome, at, ticks);
    for (const next of device.derived.after(point)) this.#take(device, next.point, next.outcome, at, ticks);
  }

  /** Of a counter the total; `valid` was about what the device shows. */
  #count({ device, spec }: PointState, outcome: Outcome, at: UnixMs): Outcome {
    if (spec.counter === undefined || this.#counters === undefined) return outcome;
    return this.#counters.step(pointId(device.name, spec.name), spec.counter, outcome, at);
  }

  #tell(transition: Transition): void {
    const event = { event: 'alarm' as const, ...transition };
    this.#keeper.event(event, { urgent: true, onNumber: (place) => this.alarms.note(place, event) });
  }

  #deviceChanged(state: DeviceState, at: UnixMs, online: boolean, fault?: FaultCode): void {
    state.online = online;
    state.fault = fault;
    const event = { event: 'device' as const, at, device: state.spec.name, online };
    this.#keeper.event(fault === undefined ? event : { ...event, fault });
    this.#engine.deviceIs(online, state.spec.name, at, this.#clock.ticks());
  }

  #device(spec: DeviceSpec): DeviceState {
    const state = this.devices.get(spec.name);
    if (state === undefined) throw new TypeError(`unknown device ${spec.name}`);
    return state;
  }
}

/** Of every device and point; what is in `before` and stays as it is, is taken over. */
function stateOf(
  plant: Plant,
  catalogue: Catalogue,
  before: ReadonlyMap<string, DeviceState>,
): ReadonlyMap<string, DeviceState> {
  const numbers = new Map(
    catalogue.points
      .filter(({ retired }) => !retired)
      .map(({ device, point, number }) => [pointId(device, point), number]),
  );
  return new Map(
    plant.devices.map((spec) => {
      const known = before.get(spec.name);
      return [spec.name, known?.spec === spec ? known : deviceStateOf(spec, numbers, known)];
    }),
  );
}

function deviceStateOf(
  spec: DeviceSpec,
  numbers: ReadonlyMap<PointId, number>,
  before: DeviceState | undefined,
): DeviceState {
  const points = new Map(
    spec.points.map((point) => {
      const number = numbers.get(pointId(spec.name, point.name));
      if (number === undefined) throw new TypeError(`${spec.name}/${point.name} is not in the catalogue`);
      const known = before && isSamePoint(before.spec, spec, point.name) ? before.points.get(point.name) : undefined;
      return [point.name, { ...newPointState(spec, point, number), ...(known && newsOf(known)) }];
    }),
  );
  const isThere = before && isSamePlace(before.spec, spec);
  const { online, fault } = isThere ? before : { online: undefined, fault: undefined };
  return { spec, points, derived: new DerivedPoints(points), online, fault };
}

/** Nothing is known of the site: every day is a working day, and lines are as they are. */
const NO_SETTINGS: AlarmSettings = { timezone: 'Etc/UTC', holidays: [], restored: [], lineState: () => undefined };
