import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { SerialSettings, Step } from '../driver.ts';
import type { SerialPortHandle } from './serial-port.ts';
import { type SerialTiming, serialTiming } from './serial-timing.ts';
import type { Traffic, Wire } from './wire.ts';

/** After a fault, this much silence at least proves that nobody is talking any more. */
const CALM_MS = 50;

/** A write that takes longer, beside the time of its characters, never ends. */
const LEAST_WRITE_MS = 1000;

/** A line that never falls silent is used anyway after this long; what it says then fails its checksum. */
const LONGEST_CALM_MS = 5000;

/** A wait shorter than this is left to the poller: timers are late by up to a millisecond, and so may be whoever sets them. */
const SHORT_WAIT_MS = 2.5;

/** A timer for less than this is late by up to as much again: such a rest is waited for in short turns. */
const SHORTEST_TIMER_MS = 1;

/** Where the length of a reply is not known: characters to wait for between two looks. */
const UNKNOWN_LENGTH_LOOKAHEAD = 16;

/** What is still in an adapter's buffers has gone after this long. */
const DRAIN_MS = 10;

/** How long an instrument that talks by itself may gather bytes before we look: each look costs CPU. */
const LISTEN_PAUSE_MS = 20;

/**
 * An open serial port. The length of a reply is known when it is asked for, so most of its time is slept through. Before each
 * request the line must have been silent, and whatever came unasked is thrown away: a late reply never answers the next request.
 */
export class SerialWire implements Wire {
  readonly closed: Wire['closed'];
  readonly #port: SerialPortHandle;
  #timing: SerialTiming;
  #serial: SerialSettings;
  readonly #clock: Clock;
  readonly #traffic: Traffic;
  #input = Buffer.alloc(4096);
  #silentFrom = 0;
  /** How much silence the line owes us; more after a fault. */
  #calmMs: number;
  /** Ends with the silence that the standard asks for: a timer set at once is in time, one set after the decoding is early or late by it. */
  #rested: Promise<void> = Promise.resolve();
  #busy = false;
  #listening = false;
  #settleClosed: (end: { fault: Fault; renew: boolean }) => void = () => {};
  #gone: Fault | undefined;

  constructor(port: SerialPortHandle, serial: SerialSettings, clock: Clock, traffic: Traffic) {
    this.#port = port;
    this.#serial = serial;
    this.#timing = serialTiming(serial);
    this.#clock = clock;
    this.#traffic = traffic;
    this.#calmMs = this.#timing.silenceMs;
    this.#silentFrom = clock.ticks();
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
  }

  get serial(): SerialSettings {
    return this.#serial;
  }

  exchange(step: Step, timeoutMs: number): Promise<Uint8Array> {
    return this.#alone(timeoutMs, async () => {
      await this.#untilSilent();
      const sentAt = this.#clock.ticks();
      await this.#write(step.send, timeoutMs);
      if (step.answerBaudRate !== undefined) await this.#switchTo(step.answerBaudRate, step.send.length);
      return this.#receive(step, sentAt, timeoutMs);
    });
  }

  tell(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    return this.#alone(timeoutMs, async () => {
      await this.#untilSilent();
      await this.#write(bytes, timeoutMs);
      await this.#untilSent(bytes.length);
    });
  }

  retune(to: SerialSettings): Promise<void> {
    return this.#alone(0, async () => {
      await this.#port.retune(to);
      this.#serial = to;
      this.#timing = serialTiming(to);
    });
  }

  /** The request leaves at the old speed; the device needs longer to answer at the new one [IEC 62056-21, 6.3: 200 ms]. */
  async #switchTo(baudRate: number, sent: number): Promise<void> {
    if (baudRate === this.#serial.baudRate) return;
    await this.#untilSent(sent);
    await this.#port.retune({ ...this.#serial, baudRate });
    this.#serial = { ...this.#serial, baudRate };
    this.#timing = serialTiming(this.#serial);
  }

  /** A change of speed throws away what has not left; adapters keep the last bytes for a moment after the kernel has none. */
  async #untilSent(count: number): Promise<void> {
    await this.#clock.sleep(count * this.#timing.charMs);
    await this.#within(LEAST_WRITE_MS, this.#port.drain());
    await this.#clock.sleep(DRAIN_MS);
  }

  async #alone<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
    if (this.#gone) throw this.#gone;
    this.#busy = true;
    try {
      return await work();
    } catch (error) {
      const fault = this.#failed(error, timeoutMs);
      this.#silentFrom = this.#clock.ticks();
      // Whoever left the line in doubt pays for the silence that clears it, not the next one.
      await this.#untilSilent().catch(() => {});
      throw fault;
    } finally {
      this.#silentFrom = this.#clock.ticks();
      this.#calmMs = this.#timing.silenceMs;
      this.#rested = this.#clock.sleep(this.#calmMs);
      this.#busy = false;
    }
  }

  /** A hung adapter takes no bytes and says nothing: without a limit the line would never be given back. */
  #write(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    this.#traffic.bytesOut += bytes.length;
    const limitMs = bytes.length * this.#timing.charMs + Math.max(LEAST_WRITE_MS, timeoutMs);
    return this.#within(limitMs, this.#port.write(bytes));
  }

  #within(limitMs: number, work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(limitMs, () => reject(new Fault('line-closed', 'the port takes no bytes')));
      work.then(resolve, reject).finally(cancel);
    });
  }

  listen(heard: (bytes: Uint8Array) => void): void {
    if (this.#listening) return;
    this.#listening = true;
    void this.#hearAll(heard);
  }

  async close(): Promise<void> {
    await this.#end(new Fault('line-closed', 'stopped'));
  }

  #failed(error: unknown, timeoutMs: number): unknown {
    if (!(error instanceof Fault)) return error;
    if (error.code === 'line-closed') void this.#end(error);
    // A reply that is late by up to one more time-out falls into this silence.
    this.#calmMs = error.code === 'no-answer' ? Math.max(CALM_MS, timeoutMs) : CALM_MS;
    return error;
  }

  async #untilSilent(): Promise<void> {
    const giveUpAt = this.#clock.ticks() + this.#calmMs + LONGEST_CALM_MS;
    await this.#rested;
    if (this.#port.read(this.#input, 0) > 0) this.#stray();
    for (;;) {
      const now = this.#clock.ticks();
      const left = this.#silentFrom + this.#calmMs - now;
      if (left <= 0 || now > giveUpAt) return;
      await (left < SHORTEST_TIMER_MS ? this.#clock.yield() : this.#clock.sleep(left));
      if (this.#port.read(this.#input, 0) > 0) this.#stray();
    }
  }

  #stray(): void {
    this.#silentFrom = this.#clock.ticks();
    this.#calmMs = Math.max(this.#calmMs === this.#timing.silenceMs ? 0 : CALM_MS, this.#timing.silenceMs);
  }

  async #receive(step: Step, sentAt: number, timeoutMs: number): Promise<Uint8Array> {
    const { charMs } = this.#timing;
    const { expect = 0 } = step;
    const atMost = this.#roomFor(step);
    let deadline = sentAt + (step.send.length + expect) * charMs + timeoutMs;
    await this.#pause((step.send.length + expect) * charMs + this.#timing.silenceMs, deadline);
    let have = 0;
    for (;;) {
      const count = this.#port.read(this.#input, have);
      this.#traffic.bytesIn += count;
      have += count;
      const length = have > 0 ? step.until(this.#input.subarray(0, have)) : 0;
      if (length > 0) return this.#whole(have, length);
      if (have >= atMost) throw incomplete(have);
      const now = this.#clock.ticks();
      deadline = goesOn(step, count) ? now + timeoutMs : deadline;
      const left = deadline - now;
      if (left <= 0) throw incomplete(have);
      if (count === 0) await this.#readable(left);
      await this.#pause(charactersLeft(expect, have) * charMs, deadline);
    }
  }

  #roomFor({ atMost = this.#input.length }: Step): number {
    if (atMost > this.#input.length) this.#input = Buffer.alloc(atMost);
    return atMost;
  }

  #whole(have: number, length: number): Uint8Array {
    // More than the reply: two devices talk at once, or an old answer came with the new one.
    if (have > length) throw new Fault('garbled', 'bytes after the answer');
    return this.#input.subarray(0, length);
  }

  /** Sleeps through most of `ms`; the poller then wakes at the byte itself. */
  async #pause(ms: number, deadline: number): Promise<void> {
    const sleep = Math.min(ms, deadline - this.#clock.ticks()) - SHORT_WAIT_MS;
    if (sleep > 0) await this.#clock.sleep(sleep);
  }

  /** Resolves when there is something to read, or after `ms`. */
  #readable(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(Math.max(0, ms), resolve);
      this.#port.whenReadable(() => {
        cancel();
        resolve();
      });
    });
  }

  async #hearAll(heard: (bytes: Uint8Array) => void): Promise<void> {
    while (!this.#gone) {
      await this.#clock.sleep(LISTEN_PAUSE_MS);
      if (this.#busy || this.#gone) continue;
      try {
        const count = this.#port.read(this.#input, 0);
        this.#traffic.bytesIn += count;
        if (count > 0) heard(Buffer.from(this.#input.subarray(0, count)));
        else await this.#readable(1000);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        await this.#end(error);
      }
    }
  }

  async #end(fault: Fault): Promise<void> {
    if (this.#gone) return;
    this.#gone = fault;
    await this.#port.close();
    this.#settleClosed({ fault, renew: false });
  }
}

function charactersLeft(expect: number, have: number): number {
  return expect > 0 ? expect - Math.max(have, 1) : UNKNOWN_LENGTH_LOOKAHEAD;
}

/** A reply of unknown length has time as long as it goes on. */
function goesOn({ atMost }: Step, count: number): boolean {
  return atMost !== undefined && count > 0;
}

function incomplete(have: number): Fault {
  return have > 0 ? new Fault('garbled', 'an answer without its end') : new Fault('no-answer');
}
