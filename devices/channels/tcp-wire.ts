import { connect, type Socket } from 'node:net';
import type { Clock } from '../../core/clock.ts';
import { Fault, type FaultCode } from '../../core/faults.ts';
import type { Step } from '../driver.ts';
import type { Traffic, Wire } from './wire.ts';

interface Pending {
  readonly step: Step;
  readonly resolve: (reply: Uint8Array) => void;
  readonly reject: (fault: Fault) => void;
  readonly cancel: () => void;
}

/** A peer that sends more than this without one whole frame is not speaking our protocol. */
const MOST_UNFRAMED_BYTES = 64 * 1024;

/** Answers missed in a row, none between, after which the connection counts as dead although nobody closed it. */
const MISSES_UNTIL_RENEWAL = 3;

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
  #pending: Pending[] = [];
  #buffer: Buffer = NOTHING;
  /** Frames late answers once nothing is pending. */
  #framer: Step | undefined;
  #misses = 0;
  #heard: ((bytes: Uint8Array) => void) | undefined;
  #settleClosed: (end: { fault: Fault; renew: boolean }) => void = () => {};
  #gone: Fault | undefined;

  constructor(socket: Socket, clock: Clock, traffic: Traffic) {
    this.#socket = socket;
    this.#clock = clock;
    this.#traffic = traffic;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    const lost = () => this.#end(new Fault('line-closed'), false);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('end', lost);
    socket.on('error', lost);
    socket.on('close', lost);
  }

  exchange(step: Step, timeoutMs: number): Promise<Uint8Array> {
    if (this.#gone) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        step,
        resolve,
        reject,
        cancel: this.#clock.after(timeoutMs, () => this.#missed(pending)),
      };
      this.#pending.push(pending);
      if (step.owns) this.#framer = step;
      else this.#buffer = NOTHING;
      this.#traffic.bytesOut += step.send.length;
      this.#socket.write(step.send);
    });
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
    try {
      this.#cutFrames();
      if (this.#buffer.length > MOST_UNFRAMED_BYTES) throw new Fault('garbled', 'bytes without end');
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // The stream has lost its frames; they are found again only by a new connection.
      this.#end(error, true);
    }
  }

  #cutFrames(): void {
    while (this.#buffer.length > 0) {
      const framer = this.#pending[0]?.step ?? this.#framer;
      if (framer === undefined) break;
      const length = framer.until(this.#buffer);
      if (length === 0) return;
      const frame = this.#buffer.subarray(0, length);
      this.#buffer = length === this.#buffer.length ? NOTHING : this.#buffer.subarray(length);
      this.#answered(frame);
    }
    if (this.#buffer.length > 0) {
      this.#end(new Fault('garbled', 'bytes after the answer'), true);
    }
  }

  #answered(frame: Buffer): void {
    const place = this.#pending.findIndex(({ step }) => step.owns === undefined || step.owns(frame));
    const [pending] = place < 0 ? [] : this.#pending.splice(place, 1);
    if (pending === undefined) return;
    this.#misses = 0;
    pending.cancel();
    pending.resolve(frame);
  }

  #missed(pending: Pending): void {
    const place = this.#pending.indexOf(pending);
    if (place < 0) return;
    this.#pending.splice(place, 1);
    const fault =
      this.#buffer.length > 0 && !pending.step.owns ? new Fault('garbled', 'half an answer') : new Fault('no-answer');
    pending.reject(fault);
    this.#misses += 1;
    if (!pending.step.owns || this.#misses >= MISSES_UNTIL_RENEWAL) this.#end(fault, true);
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

const CONNECT_FAULTS: Readonly<Record<string, FaultCode>> = { ECONNREFUSED: 'connection-refused' };

/** Rejects with connection-refused or host-unreachable. */
export function openTcpWire(
  { host, port }: { host: string; port: number },
  { clock, traffic, timeoutMs, signal }: { clock: Clock; traffic: Traffic; timeoutMs: number; signal: AbortSignal },
): Promise<Wire> {
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
    const cancel = clock.after(timeoutMs, () => fail(new Fault('host-unreachable', `${host}:${port} does not answer`)));
    signal.addEventListener('abort', stop, { once: true });
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      fail(new Fault(CONNECT_FAULTS[cause.code ?? ''] ?? 'host-unreachable', `${host}:${port}`, { cause }));
    });
    socket.once('connect', () => give(() => resolve(new TcpWire(socket, clock, traffic))));
  });
}
