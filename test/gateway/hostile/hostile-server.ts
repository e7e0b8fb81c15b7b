import type { Socket } from 'node:net';
import type { Table } from '../../../devices/modbus/register-types.ts';
import { farEnd, later } from '../../devices/far-end.ts';
import { type Emission, type FaultKind, type Framing, framed, type Reply } from './fault-kinds.ts';
import type { RandomDevice } from './random-device.ts';

const TABLES: Readonly<Record<number, Table>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' };

export interface Hostility {
  readonly framing: Framing;
  readonly devices: readonly RandomDevice[];
  readonly timeoutMs: number;
  readonly random: () => number;
  /** What goes wrong with the next reply, if anything does. */
  nextFault(): FaultKind | undefined;
}

/** The devices of one line, answering over one connection after the other. */
export function serveHostile(given: Hostility) {
  return farEnd((socket) => {
    const connection = new Connection(socket, given);
    socket.on('data', (bytes: Buffer) => connection.heard(bytes));
  });
}

/** Replies leave whole and one after the other: a device does not speak with two tongues. */
class Connection {
  readonly #socket: Socket;
  readonly #given: Hostility;
  #buffer = Buffer.alloc(0);
  #sent = Promise.resolve();
  /** A fault that tears the stream has been drawn, and has left. */
  #willTear = false;
  #isTorn = false;

  constructor(socket: Socket, given: Hostility) {
    this.#socket = socket;
    this.#given = given;
  }

  heard(bytes: Buffer): void {
    const length = this.#given.framing === 'modbus-rtu' ? 8 : 12;
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    for (; this.#buffer.length >= length; this.#buffer = this.#buffer.subarray(length)) {
      this.#answer(this.#buffer.subarray(0, length));
    }
  }

  #answer(request: Buffer): void {
    const { framing, devices, timeoutMs, random, nextFault } = this.#given;
    const head = framing === 'modbus-rtu' ? 0 : 6;
    const [unit, code] = [request[head] as number, request[head + 1] as number];
    const device = devices.find(({ spec }) => spec.unitId === unit);
    if (device === undefined) return;
    const data = device.answer(TABLES[code] as Table, request.readUInt16BE(head + 2), request.readUInt16BE(head + 4));
    const pdu = Buffer.concat([Buffer.of(code, data.length), data]);
    const reply: Reply = { transaction: request.readUInt16BE(0), unit, pdu };
    const fault = this.#possible(nextFault());
    const emissions = fault?.emit(reply, { framing, random, timeoutMs }) ?? [{ bytes: framed(reply, framing) }];
    for (const emission of emissions) void this.#emit(emission, fault?.isTorn === true);
  }

  /**
   * One tear for each connection: an answer cut off before its last two bytes and another one cut off behind its first two are,
   * together, an answer as it should be. Nobody could tell.
   */
  #possible(fault: FaultKind | undefined): FaultKind | undefined {
    if (fault?.isTorn !== true) return fault;
    if (this.#willTear) return undefined;
    this.#willTear = true;
    return fault;
  }

  async #emit({ bytes, afterMs = 0, isSplit = false, closes = false }: Emission, tears: boolean): Promise<void> {
    if (afterMs > 0) await later(afterMs);
    const before = this.#sent;
    this.#sent = before.then(async () => {
      // What is out of step must not be split too: nobody could tell then where a frame begins.
      const whole = isSplit && !this.#isTorn ? undefined : bytes;
      this.#isTorn ||= tears;
      if (whole) this.#write(whole);
      else {
        for (const byte of bytes) {
          this.#write(Buffer.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      if (closes) this.#socket.destroy();
    });
    await this.#sent;
  }

  #write(bytes: Buffer): void {
    if (this.#socket.writable && bytes.length > 0) this.#socket.write(bytes);
  }
}
