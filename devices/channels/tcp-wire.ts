import { connect, type Socket } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import { Fault, type FaultCode } from '../../core/faults.ts';
import type { AnswerFinder, SerialSettings, Step } from '../driver.ts';
import type { Traffic, Wire } from './wire.ts';

interface Pending {
  readonly step: Step;
  readonly resolve: (reply: Uint8Array) => void;
  readonly reject: (fault: Fault) => void;
  readonly timeoutMs: number;
  readonly find: AnswerFinder | undefined;
  cancel: () => void;
}

/** A peer that sends more than this without one whole frame is not speaking our protocol. */
const MOST_UNFRAMED_BYTES = 64 * 1024;

/** Answers missed in a row, none between, after which the connection counts as dead although nobody closed it. */
const MISSES_UNTIL_RENEWAL = 3;

/** Requests without an answer whose answers are still watched for. */
const MOST_OVERDUE = 64;

const NOTHING = Buffer.alloc(0);

/**
 * A TCP connection. Steps that know their own frames (`owns`) may overlap; a frame that nobody owns is a late answer and dropped.
 * Without that, any fault closes the connection: only a new one is sure to carry no late bytes.
 */
export class TcpWire implements Wire {
  readonly closed: Wire['closed'];
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #traffic: Traffic;
  readonly #followsSpeed: boolean;
  #serial: SerialSettings;
  #pending: Pending[] = [];
  #buffer: Buffer = NOTHING;
  /** Frames late answers once nothing is pending. */
  #framer: Step | undefined;
  #misses = 0;
  readonly #overdue: AnswerFinder[] = [];
  #heard: ((bytes: Uint8Array) => void) | undefined;
  #settleClosed: (end: { fault: Fault; renew: boolean }) => void = () => {};
  #gone: Fault | undefined;

  constructor(socket: Socket, { clock, traffic, serial, followsSpeed }: TcpWireParts) {
    this.#socket = socket;
    this.#clock = clock;
    this.#traffic = traffic;
    this.#serial = serial;
    this.#followsSpeed = followsSpeed;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    const lost = () => this.#end(new Fault('line-closed'), false);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('end', lost);
    socket.on('error', lost);
    socket.on('close', lost);
  }

  get serial(): SerialSettings {
    return this.#serial;
  }

  exchange(step: Step, timeoutMs: number): Promise<Uint8Array> {
    if (this.#gone) return Promise.reject(this.#gone);
    if (step.answerBaudRate !== undefined) return this.#exchangeAt(step.answerBaudRate, step, timeoutMs);
    return this.#begin(step, timeoutMs);
  }

  #begin(step: Step, timeoutMs: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const cancel = afterInput(this.#clock, timeoutMs, () => this.#missed(pending));
      const pending: Pending = { step, resolve, reject, timeoutMs, find: step.finder?.(), cancel };
      this.#pending.push(pending);
      if (step.owns) this.#framer = step;
      else this.#buffer = NOTHING;
      this.#traffic.bytesOut += step.send.length;
      this.#socket.write(step.send);
    });
  }

  async #exchangeAt(baudRate: number, step: Step, timeoutMs: number): Promise<Uint8Array> {
    await this.retune({ ...this.#serial, baudRate });
    return this.#begin(step, timeoutMs);
  }

  async tell(bytes: Uint8Array): Promise<void> {
    if (this.#gone) throw this.#gone;
    this.#traffic.bytesOut += bytes.length;
    this.#socket.write(bytes);
  }

  /** The speed of the line behind a device server is set in the server. */
  async retune(to: SerialSettings): Promise<void> {
    if (!this.#followsSpeed && to.baudRate !== this.#serial.baudRate)
      throw new Fault('speed-fixed', `${this.#serial.baudRate} instead of ${to.baudRate} baud`);
    this.#serial = to;
  }

  listen(heard: (bytes: Uint8Array) => void): void {
    this.#heard = heard;
  }

  async close(): Promise<void> {
    this.#end(new Fault('line-closed', 'stopped'), false);
  }

  #received(chunk: Buffer): void {
    this.#traffic.bytesIn += chunk.length;
    if (this.#pending.length === 0 && this.#framer === undefined) {
      this.#heard?.(chunk);
      return;
    }
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    this.#goesOn(this.#pending[0]);
    try {
      this.#cutFrames();
      const most = this.#pending[0]?.step.atMost ?? MOST_UNFRAMED_BYTES;
      if (this.#buffer.length > most) throw new Fault('garbled', 'bytes without end');
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // The stream has lost its frames; they are found again only by a new connection.
      this.#end(error, true);
    }
  }

  /** A reply of unknown length has time as long as it goes on. */
  #goesOn(pending: Pending | undefined): void {
    if (pending?.step.atMost === undefined) return;
    pending.cancel();
    pending.cancel = afterInput(this.#clock, pending.timeoutMs, () => this.#missed(pending));
  }

  /** Nothing is handed on before all that came with it makes sense: a frame that was cut off ends in the next one. */
  #cutFrames(): void {
    const framer = this.#pending[0]?.step ?? this.#framer;
    if (framer === undefined) return;
    const frames: Buffer[] = [];
    let rest = this.#buffer;
    for (let length = 1; length > 0 && rest.length > 0; ) {
      length = framer.until(rest);
      if (length === 0) break;
      frames.push(rest.subarray(0, length));
      rest = length === rest.length ? NOTHING : rest.subarray(length);
      if (framer.owns === undefined && rest.length > 0) throw new Fault('garbled', 'bytes after the answer');
    }
    this.#buffer = rest;
    for (const frame of frames) this.#answered(frame);
    // All have their answers, and something that nobody asked for has begun: the next answer would come behind it.
    if (frames.length > 0 && rest.length > 0 && this.#pending.length === 0)
      this.#end(new Fault('garbled', 'bytes after the answer'), true);
  }

  #answered(frame: Buffer): void {
    const place = this.#pending.findIndex(({ step }) => step.owns === undefined || step.owns(frame));
    if (place < 0) return;
    if (this.#holdsAnother(frame, place)) throw new Fault('garbled', 'an answer was cut off and ends in another one');
    const [pending] = this.#pending.splice(place, 1);
    if (pending === undefined) return;
    this.#misses = 0;
    pending.cancel();
    pending.resolve(frame);
  }

  #holdsAnother(frame: Buffer, place: number): boolean {
    if (this.#pending.some(({ find }, other) => other !== place && find?.(frame) === true)) return true;
    return this.#overdue.some((find) => find(frame));
  }

  #missed(pending: Pending): void {
    const place = this.#pending.indexOf(pending);
    if (place < 0) return;
    this.#pending.splice(place, 1);
    if (pending.find && this.#overdue.push(pending.find) > MOST_OVERDUE) this.#overdue.shift();
    const isHalf = this.#isHalf(pending.step);
    const fault = isHalf ? new Fault('garbled', 'half an answer') : new Fault('no-answer');
    pending.reject(fault);
    this.#misses += 1;
    if (isHalf || !pending.step.owns || this.#misses >= MISSES_UNTIL_RENEWAL) this.#end(fault, true);
  }

  /** What has come is no whole frame: of this answer, or of nobody's who is still waited for. The next answer must not come behind it. */
  #isHalf({ owns }: Step): boolean {
    if (this.#buffer.length === 0) return false;
    return this.#pending.length === 0 || owns?.(this.#buffer) === true;
  }

  #end(fault: Fault, renew: boolean): void {
    if (this.#gone) return;
    this.#gone = fault;
    this.#socket.destroy();
    const pending = this.#pending;
    this.#pending = [];
    for (const { cancel, reject } of pending) {
      cancel();
      reject(fault);
    }
    this.#settleClosed({ fault, renew });
  }
}

/** As `clock.after`, but what has come by then is read first: after a stall of the loop, timers come before sockets. */
function afterInput(clock: Clock, ms: number, then: () => void): () => void {
  let isOff = false;
  const cancel = clock.after(ms, async () => {
    await clock.yield();
    if (!isOff) then();
  });
  return () => {
    isOff = true;
    cancel();
  };
}

const CONNECT_FAULTS: Readonly<Record<string, FaultCode>> = { ECONNREFUSED: 'connection-refused' };

export interface TcpWireParts {
  readonly clock: Clock;
  readonly traffic: Traffic;
  /** How the line behind a device server is set. */
  readonly serial: SerialSettings;
  readonly followsSpeed: boolean;
}

/** Rejects with connection-refused or host-unreachable. */
export function openTcpWire(
  { host, port }: { host: string; port: number },
  parts: TcpWireParts & { timeoutMs: number; signal: AbortSignal },
): Promise<Wire> {
  const { clock, timeoutMs, signal } = parts;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 });
    const give = (settle: () => void) => {
      cancel();
      signal.removeEventListener('abort', stop);
      socket.removeAllListeners();
      settle();
    };
    const fail = (fault: unknown) =>
      give(() => {
        socket.on('error', () => {});
        socket.destroy();
        reject(fault);
      });
    const stop = () => fail(signal.reason);
    const silence = () => fail(new Fault('host-unreachable', `${host}:${port} does not answer`));
    const cancel = afterInput(clock, timeoutMs, silence);
    signal.addEventListener('abort', stop, { once: true });
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      fail(new Fault(CONNECT_FAULTS[cause.code ?? ''] ?? 'host-unreachable', `${host}:${port}`, { cause }));
    });
    socket.once('connect', () => give(() => resolve(new TcpWire(socket, parts))));
  });
}
