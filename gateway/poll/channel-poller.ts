import { setMaxListeners } from 'node:events';
import type { Clock } from '../../core/clock.ts';
import type { FaultCode } from '../../core/faults.ts';
import { LatencyHistogram } from '../../core/histogram.ts';
import { aborted, type Service } from '../../core/service.ts';
import type { Channel } from '../../devices/channels/channel.ts';
import type { DeviceSpec } from '../../devices/plant-types.ts';
import { Asker, type PollSink } from './asker.ts';
import { SILENT } from './away.ts';
import type { DeviceStatistics } from './device-statistics.ts';
import { SilenceBudget } from './silence-budget.ts';
import { SilentRequests } from './silent-requests.ts';
import { Suspicion } from './suspicion.ts';
import type { PollTask } from './task.ts';

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
  readonly #tasks: readonly PollTask[];
  readonly #inFlight: number;
  readonly #sink: PollSink;
  readonly #clock: Clock;
  readonly #asker: Asker;
  readonly #budget: SilenceBudget;
  readonly #suspicions = new Map<DeviceSpec, Suspicion>();
  readonly #silent = new SilentRequests();
  readonly #busy = new Set<PollTask>();
  readonly #calendarDue = new Set<PollTask>();
  readonly #resting = new Set<() => void>();
  readonly #away = new Set<DeviceSpec>();

  constructor({ channel, tasks, inFlight, silentShare, sink, clock, onLearnt }: PollerOptions) {
    this.name = `poll ${channel.name}`;
    this.#tasks = tasks.filter(({ isAsked }) => isAsked);
    this.#inFlight = inFlight;
    this.#sink = sink;
    this.#clock = clock;
    this.#budget = new SilenceBudget(silentShare);
    this.#asker = new Asker({ channel, sink, budget: this.#budget, clock, onLearnt });
    for (const { device } of this.#tasks) this.#suspicions.set(device, new Suspicion());
  }

  /** Slots that passed unserved, since start. */
  get skipped(): number {
    return this.#tasks.reduce((sum, { rhythm }) => sum + (rhythm?.skipped ?? 0), 0);
  }

  statistics(device: DeviceSpec): DeviceStatistics {
    return this.#asker.statistics(device);
  }

  /** How far the device is trusted to answer. */
  trust(device: DeviceSpec): Suspicion['state'] {
    return this.#suspicions.get(device)?.state ?? 'trusted';
  }

  /** A calendar job of this channel is due now. */
  calendarDue(schedule: string): void {
    for (const task of this.#tasks) if (task.schedule === schedule) this.#calendarDue.add(task);
    this.#wakeUp();
  }

  async run(signal: AbortSignal): Promise<void> {
    if (this.#tasks.length === 0) return aborted(signal);
    // Every request that waits for the line listens to it; Node would warn of the eleventh.
    setMaxListeners(0, signal);
    for (const task of this.#tasks) this.#asker.tellRefused(task);
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
    for (let next = this.#earliest(); next?.rhythm && next.rhythm.next <= now; next = this.#earliest()) {
      // Another one that does not answer has used up what may be spent on that.
      const waitMs = this.#isProtected && this.#isOffline(next) ? this.#budget.freeAt - now : 0;
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

  /** Is there anybody on the line whom the silence of others would hurt? */
  get #isProtected(): boolean {
    return [...this.#suspicions.values()].some(({ state }) => state === 'trusted');
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
    return this.#isProtected && suspicion.probing ? Math.max(waitMs, this.#budget.freeAt - now) : waitMs;
  }

  /** What is read once is read again when a device comes back: it may be another. */
  #isBack({ device, once }: PollTask): void {
    if (!this.#away.delete(device)) return;
    const others = this.#tasks.filter((task) => task.device === device && task.once !== once);
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

const LONGEST_REST_MS = 3_600_000;
const LINE_DOWN_PAUSE_MS = 500;
