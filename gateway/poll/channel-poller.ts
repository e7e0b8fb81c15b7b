import type { Clock } from '../../core/clock.ts';
import { Fault, type FaultCode } from '../../core/faults.ts';
import { aborted, isAbort, type Service } from '../../core/service.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import type { Answers } from '../../devices/driver.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { AWAY, SILENT } from './away.ts';
import { Suspicion } from './suspicion.ts';
import type { PollTask } from './task.ts';

/** Where answers and faults go. */
export interface PollSink {
  answers(device: DeviceSpec, answers: Answers): void;
  fault(device: DeviceSpec, points: readonly string[], fault: FaultCode): void;
  /** Nothing of what the device was asked came back: it, or the way to it, is gone. */
  away(device: DeviceSpec, fault: FaultCode): void;
}

/** Polls the devices of one channel: the earliest deadline first, one round at a time, or several where the line takes them. */
export class ChannelPoller implements Service {
  readonly name: string;
  readonly #channel: Channel;
  readonly #tasks: readonly PollTask[];
  readonly #inFlight: number;
  readonly #sink: PollSink;
  readonly #clock: Clock;
  readonly #suspicions = new Map<DeviceSpec, Suspicion>();
  readonly #busy = new Set<PollTask>();
  readonly #calendarDue = new Set<PollTask>();
  readonly #resting = new Set<() => void>();
  readonly #away = new Set<DeviceSpec>();

  constructor(channel: Channel, tasks: readonly PollTask[], inFlight: number, sink: PollSink, clock: Clock) {
    this.name = `poll ${channel.name}`;
    this.#channel = channel;
    this.#tasks = tasks.filter(({ requests }) => requests.length > 0);
    this.#inFlight = inFlight;
    this.#sink = sink;
    this.#clock = clock;
    for (const { device } of this.#tasks) this.#suspicions.set(device, new Suspicion());
  }

  /** Slots that passed unserved, since start. */
  get skipped(): number {
    return this.#tasks.reduce((sum, { rhythm }) => sum + (rhythm?.skipped ?? 0), 0);
  }

  /** A calendar job of this channel is due now. */
  calendarDue(schedule: string): void {
    for (const task of this.#tasks) if (task.schedule === schedule) this.#calendarDue.add(task);
    this.#wakeUp();
  }

  async run(signal: AbortSignal): Promise<void> {
    if (this.#tasks.length === 0) return aborted(signal);
    signal.addEventListener('abort', () => this.#wakeUp(), { once: true });
    // One more than the line takes at once: while an answer is being digested, the next request is on its way.
    const workers = Math.min(this.#inFlight + 1, this.#tasks.length);
    const work = Promise.all(Array.from({ length: workers }, () => this.#work(signal)));
    // Not to wait for devices that do not answer, on each line in turn: the channel stops next and settles what is under way.
    await Promise.race([work, aborted(signal)]);
  }

  async #work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const task = this.#nextDue();
      if (task === undefined) {
        await this.#rest();
        continue;
      }
      this.#busy.add(task);
      try {
        await this.#round(task, signal);
      } finally {
        this.#busy.delete(task);
        this.#wakeUp();
      }
    }
  }

  #nextDue(): PollTask | undefined {
    const now = this.#clock.ticks();
    const calendar = [...this.#calendarDue].find((task) => !this.#busy.has(task));
    if (calendar !== undefined) {
      this.#calendarDue.delete(calendar);
      return calendar;
    }
    const next = this.#earliest();
    if (next?.rhythm === undefined || next.rhythm.next > now) return undefined;
    next.rhythm.take(now);
    return next;
  }

  #earliest(): PollTask | undefined {
    let earliest: PollTask | undefined;
    for (const task of this.#tasks) {
      if (task.rhythm === undefined || this.#busy.has(task)) continue;
      if (earliest?.rhythm === undefined || task.rhythm.next < earliest.rhythm.next) earliest = task;
    }
    return earliest;
  }

  /** Until the next deadline, or until something else becomes due. Plain timers: an abort signal for each rest costs more than a poll. */
  #rest(): Promise<void> {
    const next = this.#earliest()?.rhythm?.next ?? Number.POSITIVE_INFINITY;
    const ms = Math.min(LONGEST_REST_MS, Math.max(0, next - this.#clock.ticks()));
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.#resting.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(ms, wake);
      this.#resting.add(wake);
    });
  }

  #wakeUp(): void {
    for (const wake of this.#resting) wake();
  }

  /** Asks everything of one task, or while the device is suspected one thing first. */
  async #round(task: PollTask, signal: AbortSignal): Promise<void> {
    const suspicion = this.#suspicions.get(task.device) as Suspicion;
    const fault = suspicion.probing
      ? await this.#probe(task, suspicion.rounds, signal)
      : await this.#askEach(task, task.requests, signal);
    if (signal.aborted) return;
    if (fault === undefined) {
      suspicion.answered();
      return this.#isBack(task);
    }
    this.#away.add(task.device);
    this.#sink.away(task.device, fault);
    const now = this.#clock.ticks();
    // While the line itself is down leases are refused at once; asking in every slot would only keep the process busy.
    const pauseMs = SILENT.includes(fault) ? suspicion.silent(task.rhythm?.everyMs ?? 0) : LINE_DOWN_PAUSE_MS;
    task.rhythm?.pause(now, pauseMs);
  }

  /** What is read once is read again when a device comes back: it may be another. */
  #isBack({ device, once }: PollTask): void {
    if (!this.#away.delete(device)) return;
    const others = this.#tasks.filter((task) => task.device === device && task.once !== once);
    for (const other of others) other.once?.again(this.#clock.ticks());
  }

  /** Another request each time: some devices leave what they do not know unanswered, and all the rest would wait for that. */
  async #probe(task: PollTask, round: number, signal: AbortSignal): Promise<FaultCode | undefined> {
    const place = round % task.requests.length;
    const others = task.requests.filter((_, i) => i !== place);
    const fault = await this.#ask(task, task.requests[place], signal);
    if (fault === undefined) await this.#askEach(task, others, signal);
    else for (const request of others) this.#sink.fault(task.device, task.driver.covers(request), fault);
    return fault;
  }

  #askEach(task: PollTask, requests: readonly unknown[], signal: AbortSignal): Promise<FaultCode | undefined> {
    return this.#inFlight > 1 ? this.#askAll(task, requests, signal) : this.#askInTurn(task, requests, signal);
  }

  /** The fault if nothing was answered. One silence proves little; after two, with no answer in this round, the rest is left out. */
  async #askInTurn(task: PollTask, requests: readonly unknown[], signal: AbortSignal): Promise<FaultCode | undefined> {
    let answered = false;
    let fault: FaultCode | undefined;
    let silences = 0;
    for (const request of requests) {
      const isHopeless = fault !== undefined && (!SILENT.includes(fault) || (!answered && silences >= 2));
      if (isHopeless) {
        this.#sink.fault(task.device, task.driver.covers(request), fault as FaultCode);
        continue;
      }
      fault = await this.#ask(task, request, signal);
      if (fault === undefined) answered = true;
      else silences += 1;
    }
    return answered ? undefined : fault;
  }

  async #askAll(task: PollTask, requests: readonly unknown[], signal: AbortSignal): Promise<FaultCode | undefined> {
    const faults = await Promise.all(requests.map((request) => this.#ask(task, request, signal)));
    return faults.every((fault) => fault !== undefined) ? faults[0] : undefined;
  }

  /** The fault, if it is one of those that mean: nobody there. */
  async #ask(task: PollTask, request: unknown, signal: AbortSignal): Promise<FaultCode | undefined> {
    const { device, driver } = task;
    try {
      const answers = await this.#channel.lease((line) => driver.read(request, line, device), {
        signal,
        ...(device.timeoutMs === undefined ? {} : { timeoutMs: device.timeoutMs }),
      });
      task.once?.heard(answers);
      this.#sink.answers(device, answers);
      return undefined;
    } catch (error) {
      if (isAbort(error, signal)) return undefined;
      if (!(error instanceof Fault)) throw error;
      // What our own stop broke off is no fault of the device.
      if (signal.aborted) return undefined;
      if (error.recovery === 'skip') task.once?.settle(driver.covers(request));
      this.#sink.fault(device, driver.covers(request), error.code);
      return AWAY.includes(error.code) ? error.code : undefined;
    }
  }
}

const LONGEST_REST_MS = 3_600_000;
const LINE_DOWN_PAUSE_MS = 500;
