import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import { Condition, type Log } from '../../core/log.ts';
import { delays } from '../../core/retry.ts';
import { isAbort } from '../../core/service.ts';
import type { Line, SerialSettings, Step } from '../driver.ts';
import { ByteFeed } from './byte-feed.ts';
import type { Channel, ChannelState, ChannelStatistics, LeaseOptions } from './channel.ts';
import { behindEcho, echoLength } from './echo.ts';
import { Idleness } from './idleness.ts';
import { LeaseQueue } from './lease-queue.ts';
import { Tuning } from './tuning.ts';
import type { Traffic, Wire } from './wire.ts';

export interface ChannelParts {
  readonly name: string;
  readonly timeoutMs: number;
  /** Exchanges under way at once. */
  readonly slots: number;
  /** How the line is set when no lease says otherwise. */
  readonly serial: SerialSettings;
  readonly retunable: boolean;
  readonly settleMs: number;
  readonly echo: boolean;
  /** Between opening and the first request. */
  readonly connectPauseMs: number;
  /** A line that nobody has used for so long is closed until it is wanted again; left out: it stays open. */
  readonly closeAfterMs?: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
  open(traffic: Traffic, signal: AbortSignal): Promise<Wire>;
}

const REOPEN = { firstMs: 500, ceilingMs: 30_000 };

/** What all channels share: it keeps a wire open, hands out leases on it and counts. */
export class LineChannel implements Channel {
  readonly name: string;
  readonly #parts: ChannelParts;
  readonly #queue: LeaseQueue<SlotLine>;
  readonly #tuning: Tuning;
  readonly #down: Condition;
  readonly #feed = new ByteFeed();
  readonly #count = { exchanges: 0, faults: 0, bytesIn: 0, bytesOut: 0, busyMs: 0 };
  readonly #idle: Idleness;
  #state: ChannelState = { state: 'opening' };
  #wire: Wire | undefined;
  #leases = 0;
  #busySince = 0;

  constructor(parts: ChannelParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#down = new Condition(parts.log, `channel ${parts.name} is down`);
    this.#idle = new Idleness(parts.closeAfterMs, parts.clock, () => {
      // Who only listens uses it too.
      if (this.#wire === undefined || this.#feed.active) return false;
      // Whoever comes while it closes waits for the next one.
      this.#queue.hold(true);
      void this.#wire.close();
      return true;
    });
    this.#tuning = new Tuning(parts.serial, parts.settleMs, parts.clock);
    const spoken: Spoken = {
      retunable: parts.retunable,
      serial: () => this.#wire?.serial ?? parts.serial,
      exchange: (step, timeoutMs) =>
        parts.echo ? this.#exchangeBehindEcho(step, timeoutMs) : this.#exchange(step, timeoutMs),
      tell: (bytes, timeoutMs) => this.#tell(bytes, timeoutMs),
    };
    this.#queue = new LeaseQueue(Array.from({ length: parts.slots }, () => new SlotLine(spoken)));
    this.#queue.hold(true);
  }

  get state(): ChannelState {
    return this.#state;
  }

  async lease<T>(work: (line: Line) => Promise<T>, options: LeaseOptions = {}): Promise<T> {
    if (this.#state.state === 'faulted') throw new Fault(this.#state.fault, this.#state.detail);
    this.#idle.wanted();
    const line = this.#queue.take() ?? (await this.#queue.wait(options));
    // Who used it before may have ended meanwhile.
    this.#idle.wanted();
    line.timeoutMs = options.timeoutMs ?? this.#parts.timeoutMs;
    if (this.#leases++ === 0) this.#busySince = this.#parts.clock.ticks();
    try {
      const ready = this.#tuning.prepare(this.#wire, options);
      if (ready) await ready;
      return await work(line);
    } finally {
      this.#tuning.ended();
      if (--this.#leases === 0) {
        this.#count.busyMs += this.#parts.clock.ticks() - this.#busySince;
        this.#idle.began();
      }
      this.#queue.give(line);
    }
  }

  listen(signal: AbortSignal): AsyncIterable<Uint8Array> {
    const heard = this.#feed.subscribe(signal);
    this.#wire?.listen(this.#hear);
    return heard;
  }

  statistics(): ChannelStatistics {
    const running = this.#leases > 0 ? this.#parts.clock.ticks() - this.#busySince : 0;
    return { ...this.#count, busyMs: this.#count.busyMs + running };
  }

  async run(signal: AbortSignal): Promise<void> {
    let waits = delays(REOPEN);
    while (!signal.aborted) {
      const { bytesIn } = this.#count;
      await this.#idle.untilWanted(signal);
      if (signal.aborted) break;
      try {
        await this.#serve(await this.#parts.open(this.#count, signal), signal);
      } catch (error) {
        if (isAbort(error, signal)) break;
        if (!(error instanceof Fault)) throw error;
        this.#goDown(error);
        // A peer that accepts and closes again has not come back.
        if (this.#count.bytesIn > bytesIn) waits = delays(REOPEN);
        await this.#parts.clock.sleep(waits.next().value, signal).catch(() => {});
      }
    }
    this.#idle.end();
    this.#goDown(new Fault('line-closed', 'stopped'), false);
  }

  /** Resolves when the wire is to be renewed at once; rejects when it broke. */
  async #serve(wire: Wire, signal: AbortSignal): Promise<void> {
    this.#wire = wire;
    await this.#parts.clock.sleep(this.#parts.connectPauseMs, signal).catch(() => {});
    this.#down.end(this.#parts.clock.ticks());
    this.#state = { state: 'open' };
    if (this.#feed.active) wire.listen(this.#hear);
    this.#queue.hold(false);
    if (this.#leases === 0) this.#idle.began();
    const stop = () => void wire.close();
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const { fault, renew } = await wire.closed;
    signal.removeEventListener('abort', stop);
    this.#wire = undefined;
    this.#queue.hold(true);
    // Closed because nobody wanted it: the line is as well as it was.
    if (this.#idle.takeClosed() && !signal.aborted) return;
    this.#state = { state: 'opening' };
    if (!renew && !signal.aborted) throw fault;
  }

  #goDown(fault: Fault, say = true): void {
    if (say)
      this.#down.begin(this.#parts.clock.ticks(), { fault: fault.code, detail: fault.message, action: fault.action });
    this.#state = { state: 'faulted', fault: fault.code, detail: this.name };
    this.#queue.refuseAll(fault);
  }

  readonly #hear = (bytes: Uint8Array) => this.#feed.push(bytes);

  #exchange(step: Step, timeoutMs: number): Promise<Uint8Array> {
    this.#count.exchanges += 1;
    if (this.#wire === undefined) return Promise.reject(new Fault('line-closed'));
    const reply = this.#wire.exchange(step, timeoutMs);
    reply.catch(() => {
      this.#count.faults += 1;
    });
    return reply;
  }

  async #exchangeBehindEcho(step: Step, timeoutMs: number): Promise<Uint8Array> {
    const heard = await this.#exchange(behindEcho(step), timeoutMs);
    return heard.subarray(echoLength(step, heard));
  }

  #tell(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    return this.#wire?.tell(bytes, timeoutMs) ?? Promise.reject(new Fault('line-closed'));
  }
}

interface Spoken {
  readonly retunable: boolean;
  serial(): SerialSettings;
  exchange(step: Step, timeoutMs: number): Promise<Uint8Array>;
  tell(bytes: Uint8Array, timeoutMs: number): Promise<void>;
}

/** One of the exchanges that may be under way at once. Lives as long as the channel, so that drivers can keep things with it. */
class SlotLine implements Line {
  timeoutMs = 0;
  readonly #spoken: Spoken;

  constructor(spoken: Spoken) {
    this.#spoken = spoken;
  }

  get serial(): SerialSettings {
    return this.#spoken.serial();
  }

  get retunable(): boolean {
    return this.#spoken.retunable;
  }

  exchange(step: Step): Promise<Uint8Array> {
    return this.#spoken.exchange(step, this.timeoutMs);
  }

  tell(bytes: Uint8Array): Promise<void> {
    return this.#spoken.tell(bytes, this.timeoutMs);
  }
}
