import { Fault } from '../../core/faults.ts';
import type { Line, Step } from '../driver.ts';

/** What a port knows of the reply to the request that is under way. */
export interface Expected {
  readonly unitId: number;
  readonly code: number;
  /** Bytes of the PDU's data after the byte count, for reads; undefined for writes, whose reply repeats the request's start. */
  readonly dataBytes: number | undefined;
}

type Receiver = (frame: Buffer) => void;

/**
 * The port that modbus-serial's client talks through: it hands each request to the leased line and the reply back. One request is
 * under way at a time per line, so one object serves them all and is the `Step` too.
 */
export abstract class ModbusPort implements Step {
  readonly isOpen = true;
  readonly _transactionIdRead = 1;
  readonly _transactionIdWrite = 1;
  readonly #line: Line;
  #receive: Receiver = () => {};
  #fail: (error: unknown) => void = () => {};
  protected expected: Expected = { unitId: 0, code: 0, dataBytes: 0 };
  /** The request in RTU form, with CRC. */
  protected request: Buffer = Buffer.alloc(0);

  constructor(line: Line) {
    this.#line = line;
    // Whoever holds a step may take its functions off it.
    this.until = this.until.bind(this);
  }

  abstract readonly send: Uint8Array;
  abstract readonly expect: number;
  abstract until(bytes: Uint8Array): number;
  /** The reply in RTU form, with CRC, as the library checks it. */
  protected abstract toRtu(reply: Uint8Array): Buffer;

  /** `fail` hears of everything that goes wrong before the library sees a reply. */
  begin(expected: Expected, fail: (error: unknown) => void): void {
    this.expected = expected;
    this.#fail = fail;
  }

  write(request: Buffer): void {
    this.request = request;
    this.#line
      .exchange(this)
      .then((reply) => this.#receive(this.toRtu(reply)))
      .catch(this.#fail);
  }

  on(event: string, listener: Receiver): void {
    if (event === 'data') this.#receive = listener;
  }

  once(): void {}
  removeListener(): void {}

  open(done: () => void): void {
    done();
  }

  /** Checks a PDU whose function code stands at `at`, for what CRC and length do not catch. */
  protected checkBody(bytes: Uint8Array, at: number): void {
    const { code, dataBytes } = this.expected;
    if (dataBytes !== undefined) {
      if (bytes[at + 1] !== dataBytes)
        throw new Fault('garbled', `${bytes[at + 1]} data bytes instead of ${dataBytes}`);
    } else if (bytes[at + 1] !== this.request[2] || bytes[at + 2] !== this.request[3]) {
      throw new Fault('garbled', `the answer to function ${code} names another register`);
    }
  }
}
