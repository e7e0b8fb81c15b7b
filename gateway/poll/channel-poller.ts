import type { Clock } from '../../core/clock.ts';
import type { FaultCode } from '../../core/faults.ts';
import { LatencyHistogram } from '../../core/histogram.ts';
import { aborted, type Service } from '../../core/service.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { Asker, type PollSink } from './asker.ts';
import { SILENT } from './away.ts';
import type { DeviceStatistics } from './device-statistics.ts';
import { PolledDevices } from './polled-devices.ts';
import { Rests } from './rests.ts';
import { SilenceBudget } from './silence-budget.ts';
import { SilentRequests } from './silent-requests.ts';
import type { Suspicion } from './suspicion.ts';
import type { PollTask } from './task.ts';
import { UnderWay } from './under-way.ts';

export interface PollerOptions {
  readonly channel: Channel;
  readonly tasks: readonly PollTask[];
  /** Exchanges that the line takes at once. */
  readonly inFlight: number;
  /** Share of the line's time that what does not answer may cost, all together. */
  readonly silentShare: number;
  readonly sink: PollSink;
  readonly clock: Clock;
  /** A device has turned out to refuse something, or to answer it after all. */
  readonly onLearnt: () => void;
}

/** Polls the devices of one channel: the earliest deadline first, one round at a time, or several where the line takes them. */
export class ChannelPoller implements Service {
  readonly name: string;
  /** From when a round was due until it began. */
  readonly lateness = new LatencyHistogram();
  readonly #polled = new PolledDevices();
  readonly #inFlight: number;
  readonly #sink: PollSink;
  readonly #clock: Clock;
  readonly #asker: Asker;
  readonly #budget: SilenceBudget;
  readonly #silent = new SilentRequests();
  readonly #busy = new UnderWay<PollTask>();
  readonly #calendarDue = new Set<PollTask>();
  readonly #rests: Rests;
  readonly #away = new Set<DeviceSpec>();
  #isRunning = false;

  constructor({ channel, tasks, inFlight, silentShare, sink, clock, onLearnt }: PollerOptions) {
    this.name = `poll ${channel.name}`;
    this.#inFlight = inFlight;
    this.#sink = sink;
    this.#clock = clock;
    this.#rests = new Rests(clock);
    this.#budget = new SilenceBudget(silentShare);
    const onStep = (task: PollTask) => this.#busy.step(task, clock.ticks());
    this.#asker = new Asker({ channel, sink, budget: this.#budget, clock, onLearnt, onStep });
    this.add(tasks.filter(({ isAsked }) => isAsked));
  }

  /** Milliseconds for which an exchange has not ended, or a due one not begun. Answers and silence are both an end. */
  stalledMs(): number {
    if (!this.#isRunning) return 0;
    const now = this.#clock.ticks();
    return this.#busy.stalledMs(now) ?? Math.max(0, now - (this.#earliest()?.rhythm?.next ?? now));
  }

  /** Slots that passed unserved, since start. */
  get skipped(): number {
    return this.#polled.skipped;
  }

  /** Asks these too from now on. The others notice nothing of it. */
  add(tasks: readonly PollTask[]): void {
    this.#polled.add(tasks);
    if (this.#isRunning) for (const task of tasks) this.#asker.tellRefused(task);
    this.#rests.wakeAll();
  }

  /** Asks these devices no more. Resolves when nothing of them is under way. The others notice nothing of it. */
  async drop(devices: ReadonlySet<DeviceSpec>): Promise<void> {
    const leaving = this.#polled.drop(devices);
    for (const task of leaving) this.#calendarDue.delete(task);
    while (leaving.some((task) => this.#busy.has(task))) await this.#rests.untilWoken();
    for (const device of devices) {
      this.#away.delete(device);
      this.#asker.forget(device);
    }
  }

  statistics(device: DeviceSpec): DeviceStatistics {
    return this.#asker.statistics(device);
  }

  /** How far the device is trusted to answer. */
  trust(device: DeviceSpec): Suspicion['state'] {
    return this.#polled.of(device)?.suspicion.state ?? 'trusted';
  }

  /** A calendar job of this channel is due now. */
  calendarDue(schedule: string): void {
    for (const task of this.#polled.tasks) if (task.schedule === schedule) this.#calendarDue.add(task);
    this.#rests.wakeAll();
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#isRunning = true;
    for (const task of this.#polled.tasks) this.#asker.tellRefused(task);
    const stop = () => {
      this.#polled.stop();
      this.#rests.wakeAll();
    };
    signal.addEventListener('abort', stop, { once: true });
    // One more than the line takes at once: while an answer is being digested, the next request is on its way.
    const work = Promise.all(Array.from({ length: this.#inFlight + 1 }, () => this.#work(signal)));
    // Not to wait for devices that do not answer, on each line in turn: the channel stops next and settles what is under way.
    await Promise.race([work, aborted(signal)]);
    this.#isRunning = false;
  }

  async #work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const task = this.#nextDue();
      if (task === undefined) {
        await this.#rests.until(this.#earliest()?.rhythm?.next ?? Number.POSITIVE_INFINITY);
        continue;
      }
      this.#busy.begin(task, this.#clock.ticks());
      try {
        await this.#round(task);
      } finally {
        this.#busy.end(task);
        this.#rests.wakeAll();
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
    for (let next = this.#earliest(); next?.rhythm && next.rhythm.next <= now; next = this.#earliest()) {
      // Another one that does not answer has used up what may be spent on that.
      const waitMs = this.#polled.isAnyTrusted && this.#isOffline(next) ? this.#budget.freeAt - now : 0;
      if (waitMs > 0) next.rhythm.pause(now, waitMs);
      else {
        this.lateness.add(now - next.rhythm.next);
        next.rhythm.take(now);
        return next;
      }
    }
    return undefined;
  }

  #isOffline({ device }: PollTask): boolean {
    return this.trust(device) === 'offline';
  }

  #earliest(): PollTask | undefined {
    let earliest: PollTask | undefined;
    for (const task of this.#polled.tasks) {
      if (task.rhythm === undefined || this.#busy.has(task)) continue;
      if (earliest?.rhythm === undefined || task.rhythm.next < earliest.rhythm.next) earliest = task;
    }
    return earliest;
  }

  /** Asks everything of one task, or while the device is suspected one thing first. */
  async #round(task: PollTask): Promise<void> {
    const {
      suspicion,
      stop: { signal },
    } = this.#polled.of(task.device) as NonNullable<ReturnType<PolledDevices['of']>>;
    if (!suspicion.probing) {
      await this.#asker.retryRefused(task, signal);
      await this.#asker.retryLonger(task, signal);
    }
    const { requests } = task;
    // Everything of it is refused: the device is there, and has nothing to say.
    if (requests.length === 0 || signal.aborted) return;
    const wasOffline = suspicion.probing;
    const fault = wasOffline
      ? await this.#probe(task, requests, suspicion.rounds, signal)
      : await this.#askEach(task, requests, signal);
    if (signal.aborted) return;
    if (fault === undefined) {
      // Where one comes back others do too. A lost answer now and then opens no door for the dead.
      if (wasOffline) this.#budget.release();
      suspicion.answered();
      return this.#isBack(task);
    }
    this.#away.add(task.device);
    this.#sink.away(task.device, fault);
    const now = this.#clock.ticks();
    // While the line itself is down leases are refused at once; asking in every slot would only keep the process busy.
    task.rhythm?.pause(now, SILENT.includes(fault) ? this.#leaveAlone(task, suspicion, now) : LINE_DOWN_PAUSE_MS);
  }

  /** Milliseconds to leave a device alone that did not answer. */
  #leaveAlone(task: PollTask, suspicion: Suspicion, now: number): number {
    const waitMs = suspicion.silent(task.rhythm?.everyMs ?? 0);
    // A lost answer now and then is no dead device: it is asked again in its next slot.
    return this.#polled.isAnyTrusted && suspicion.probing ? Math.max(waitMs, this.#budget.freeAt - now) : waitMs;
  }

  /** What is read once is read again when a device comes back: it may be another. */
  #isBack({ device, once }: PollTask): void {
    if (!this.#away.delete(device)) return;
    const others = this.#polled.tasks.filter((task) => task.device === device && task.once !== once);
    for (const other of others) other.once?.again(this.#clock.ticks());
  }

  /** Another request each time: some devices leave what they do not know unanswered, and all the rest would wait for that. */
  async #probe(
    task: PollTask,
    requests: readonly unknown[],
    round: number,
    signal: AbortSignal,
  ): Promise<FaultCode | undefined> {
    const place = round % requests.length;
    const others = requests.filter((_, i) => i !== place);
    const fault = await this.#asker.ask(task, requests[place], signal);
    if (fault === undefined) await this.#askEach(task, others, signal);
    else for (const request of others) this.#sink.fault(task.device, task.driver.covers(request), fault);
    return fault;
  }

  #askEach(task: PollTask, requests: readonly unknown[], signal: AbortSignal): Promise<FaultCode | undefined> {
    const now = this.#clock.ticks();
    const due = requests.filter((request) => this.#silent.isDue(request, now, this.#budget.freeAt));
    // Left out for now are only some: a device of which all were silent is suspected, and probed.
    const asked = due.length > 0 ? due : requests;
    return this.#inFlight > 1 ? this.#askAll(task, asked, signal) : this.#askInTurn(task, asked, signal);
  }

  /** The fault if nothing was answered. One silence proves little; after two, with no answer in this round, the rest is left out. */
  async #askInTurn(task: PollTask, requests: readonly unknown[], signal: AbortSignal): Promise<FaultCode | undefined> {
    let fault: FaultCode | undefined;
    const silent: unknown[] = [];
    let answered = false;
    for (const request of requests) {
      const isHopeless = fault !== undefined && (!SILENT.includes(fault) || (!answered && silent.length >= 2));
      if (isHopeless) {
        this.#sink.fault(task.device, task.driver.covers(request), fault as FaultCode);
        continue;
      }
      fault = await this.#asker.ask(task, request, signal);
      if (fault === undefined) answered = true;
      else silent.push(request);
    }
    return this.#settle(task, requests, silent, answered ? undefined : fault);
  }

  async #askAll(task: PollTask, requests: readonly unknown[], signal: AbortSignal): Promise<FaultCode | undefined> {
    const faults = await Promise.all(requests.map((request) => this.#asker.ask(task, request, signal)));
    const silent = requests.filter((_, i) => faults[i] !== undefined);
    return this.#settle(task, requests, silent, silent.length === requests.length ? faults[0] : undefined);
  }

  /** What stays unanswered while the rest is answered is asked rarely from then on: each time costs the line a time-out. */
  #settle(
    { rhythm }: PollTask,
    requests: readonly unknown[],
    silent: readonly unknown[],
    fault: FaultCode | undefined,
  ): FaultCode | undefined {
    if (fault !== undefined) return fault;
    const now = this.#clock.ticks();
    for (const request of requests) {
      if (silent.includes(request)) this.#silent.missed(request, now, rhythm?.everyMs ?? 0);
      else this.#silent.answered(request);
    }
    return undefined;
  }
}

const LINE_DOWN_PAUSE_MS = 500;
