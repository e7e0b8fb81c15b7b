import type { Clock } from '../../core/clock.ts';
import { Fault, type FaultCode } from '../../core/faults.ts';
import { isAbort } from '../../core/service.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import type { Answers, RegisterRange } from '../../devices/driver.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { polledPoints } from '../../devices/polled-points.ts';
import { AWAY, SILENT } from './away.ts';
import { DeviceStatistics } from './device-statistics.ts';
import { isolate, type Verdict } from './isolate.ts';
import type { SilenceBudget } from './silence-budget.ts';
import type { PollTask } from './task.ts';

/** Where answers and faults go. */
export interface PollSink {
  answers(device: DeviceSpec, answers: Answers): void;
  fault(device: DeviceSpec, points: readonly string[], fault: FaultCode): void;
  /** Nothing of what the device was asked came back: it, or the way to it, is gone. */
  away(device: DeviceSpec, fault: FaultCode): void;
}

/** The device knows the request and will not do it. */
const REFUSED: readonly FaultCode[] = ['illegal-address', 'illegal-value'];

export interface AskerDeps {
  readonly channel: Channel;
  readonly sink: PollSink;
  readonly budget: SilenceBudget;
  readonly clock: Clock;
  /** A device's plan has changed. */
  readonly onLearnt: () => void;
  /** An exchange for this task has ended, whatever came of it. */
  readonly onStep: (task: PollTask) => void;
}

/** Asks one device one thing on one line, counts what comes of it, and finds out what a device refuses. */
export class Asker {
  readonly #deps: AskerDeps;
  readonly #statistics = new Map<DeviceSpec, DeviceStatistics>();
  readonly #answeredAt = new Map<DeviceSpec, number>();

  constructor(deps: AskerDeps) {
    this.#deps = deps;
  }

  statistics(device: DeviceSpec): DeviceStatistics {
    const known = this.#statistics.get(device) ?? new DeviceStatistics();
    this.#statistics.set(device, known);
    return known;
  }

  /** The device is gone. */
  forget(device: DeviceSpec): void {
    this.#statistics.delete(device);
    this.#answeredAt.delete(device);
  }

  /** The fault, if it is one of those that mean: nobody there. */
  async ask(task: PollTask, request: unknown, signal: AbortSignal): Promise<FaultCode | undefined> {
    const fault = await this.#once(task, request, signal);
    if (fault === undefined || fault === 'stopped') return undefined;
    const { refusals } = task.driver;
    if (refusals && REFUSED.includes(fault)) {
      await this.#learn(task, request, fault, signal);
      return undefined;
    }
    this.#deps.sink.fault(task.device, task.driver.covers(request), fault);
    return AWAY.includes(fault) ? fault : undefined;
  }

  /** At the start: what the device has been seen to refuse is not asked for now, and has a fault all the same. */
  tellRefused({ device, plan, points }: PollTask): void {
    const refused = points.filter((point) => plan.isIn(point, plan.learnt?.refused ?? []));
    if (refused.length > 0)
      this.#deps.sink.fault(
        device,
        refused.map(({ name }) => name),
        'illegal-address',
      );
  }

  /** A refused point is asked for once more, if it is time. */
  async retryRefused(task: PollTask, signal: AbortSignal): Promise<void> {
    const { plan, points } = task;
    const due = plan.dueRetry(points, this.#deps.clock.ticks());
    if (due === undefined) return;
    for (const request of due.requests) {
      const fault = await this.#once(task, request, signal);
      if (fault !== undefined) {
        if (!REFUSED.includes(fault as FaultCode)) plan.retryUnclear(due.range, this.#deps.clock.ticks());
        if (fault !== 'stopped') this.#deps.sink.fault(task.device, task.driver.covers(request), fault);
        return;
      }
    }
    plan.forget(due.range);
    this.#deps.onLearnt();
  }

  /** A block longer than the device has taken so far is asked for, if it is time: it may take it by now. */
  async retryLonger(task: PollTask, signal: AbortSignal): Promise<void> {
    const { plan, points } = task;
    const due = plan.dueLonger(points, this.#deps.clock.ticks());
    if (due === undefined) return;
    const fault = await this.#once(task, due.request, signal);
    const now = this.#deps.clock.ticks();
    if (fault === undefined) {
      plan.takesLonger(due.range, now);
      this.#deps.onLearnt();
    } else if (!REFUSED.includes(fault as FaultCode)) plan.longerUnclear(due.range, now);
  }

  /** Sends it, hands on the answers, and says what went wrong; the line's owner has taken note of silence. */
  async #once(task: PollTask, request: unknown, signal: AbortSignal): Promise<FaultCode | 'stopped' | undefined> {
    const { device, driver } = task;
    const { channel, sink, budget, clock } = this.#deps;
    const statistics = this.statistics(device);
    await this.#rest(device, signal);
    let began = clock.ticks();
    try {
      const answers = await channel.lease(
        (line) => {
          began = clock.ticks();
          return driver.read(request, line, device);
        },
        {
          ...{ signal, driver: driver.name },
          ...(device.timeoutMs === undefined ? {} : { timeoutMs: device.timeoutMs }),
          ...(device.serial === undefined ? {} : { serial: device.serial }),
        },
      );
      statistics.answered(clock.ticks() - began);
      this.#answeredAt.set(device, clock.ticks());
      task.once?.heard(answers);
      sink.answers(device, answers);
      return undefined;
    } catch (error) {
      if (isAbort(error, signal)) return 'stopped';
      if (!(error instanceof Fault)) throw error;
      // What our own stop broke off is no fault of the device.
      if (signal.aborted) return 'stopped';
      statistics.failed(error.code);
      // What is refused as a block may yet be answered in parts.
      if (error.recovery === 'skip' && !REFUSED.includes(error.code)) task.once?.settle(driver.covers(request));
      if (SILENT.includes(error.code)) budget.spent(clock.ticks(), clock.ticks() - began);
      return error.code;
    } finally {
      this.#deps.onStep(task);
    }
  }

  /** Takes a refused request apart. What is answered on the way is handed on; what is refused by itself leaves polling. */
  async #learn(task: PollTask, request: unknown, refusal: FaultCode, signal: AbortSignal): Promise<void> {
    const { device, driver, plan } = task;
    const { refusals } = driver;
    if (refusals === undefined) return;
    const told = new Map<string, FaultCode>();
    const holes = new Set<string>();
    const verdict = async (part: unknown): Promise<Verdict> => {
      const fault = await this.#once(task, part, signal);
      if (fault === undefined) {
        for (const name of driver.covers(part)) told.delete(name);
        return 'answered';
      }
      if (fault !== 'stopped') for (const name of driver.covers(part)) told.set(name, fault);
      if (driver.covers(part).length === 0) holes.add(JSON.stringify(refusals.range(part)));
      return fault !== 'stopped' && REFUSED.includes(fault) ? 'refused' : 'unclear';
    };
    for (const name of driver.covers(request)) told.set(name, refusal);
    const found = await isolate(request, refusals, verdict);
    if (signal.aborted) return;
    // Nothing is learnt from silence; what was not answered is told as it came.
    if (found === undefined) return this.#tell(device, told);
    if (found.ranges.length === 0 && found.longest === undefined) return;
    const ranges = found.ranges.flatMap((range) =>
      holes.has(JSON.stringify(range)) ? plan.aroundPoints(range) : range,
    );
    plan.learn({ ...found, ranges }, this.#deps.clock.ticks());
    this.#deps.onLearnt();
    const refused = this.#refusedOf(task, ranges, told);
    task.once?.settle([...refused.keys()]);
    this.#tell(device, refused);
  }

  /** With the device's own word; points of another rhythm, which nobody has asked for now, leave polling too and must be told. */
  #refusedOf(
    { device, plan }: PollTask,
    ranges: readonly RegisterRange[],
    told: ReadonlyMap<string, FaultCode>,
  ): Map<string, FaultCode> {
    const inside = polledPoints(device).filter((point) => plan.isIn(point, ranges));
    return new Map(inside.map(({ name }) => [name, told.get(name) ?? 'illegal-address']));
  }

  #tell(device: DeviceSpec, faults: ReadonlyMap<string, FaultCode>): void {
    for (const [name, fault] of faults) this.#deps.sink.fault(device, [name], fault);
  }

  /** Some devices want to be left alone for a while after an answer. */
  async #rest(device: DeviceSpec, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const ms = (this.#answeredAt.get(device) ?? Number.NEGATIVE_INFINITY) + device.limits.pauseMs - clock.ticks();
    if (ms > 0) await clock.sleep(ms, signal).catch(() => {});
  }
}
