import { Fault } from '../../core/faults.ts';
import type { AnswerFinder, Line } from '../driver.ts';
import { putCrc } from './crc16.ts';
import { ModbusPort } from './port.ts';

const HEADER = 6;
/** Header, unit and function code. */
const BODY = HEADER + 2;
/** Bytes behind the header. */
const LEAST = 3;
const MOST = 254;

/** Shared by all lines, so that several requests on one connection never carry the same number. */
let lastTransaction = 0;

/** Modbus TCP frames: transaction, protocol, length, unit, PDU [Modbus Messaging on TCP/IP V1.0b, 3.1.3]. */
export class TcpPort extends ModbusPort {
  #transaction = 0;
  #send: Buffer = Buffer.alloc(0);

  constructor(line: Line) {
    super(line);
    this.owns = this.owns.bind(this);
    this.finder = this.finder.bind(this);
  }

  get send(): Uint8Array {
    return this.#send;
  }

  get expect(): number {
    return 0;
  }

  override write(request: Buffer): void {
    lastTransaction = (lastTransaction + 1) & 0xffff;
    this.#transaction = lastTransaction;
    const length = request.length - 2;
    const frame = Buffer.allocUnsafe(HEADER + length);
    frame.writeUInt16BE(lastTransaction, 0);
    frame.writeUInt16BE(0, 2);
    frame.writeUInt16BE(length, 4);
    request.copy(frame, HEADER, 0, length);
    this.#send = frame;
    super.write(request);
  }

  until(bytes: Uint8Array): number {
    return mbapFrame(bytes);
  }

  owns(frame: Uint8Array): boolean {
    return (((frame[0] as number) << 8) | (frame[1] as number)) === this.#transaction;
  }

  finder(): AnswerFinder {
    const begin = this.#send.subarray(0, 4);
    const { unitId, code } = this.expected;
    return (frame) => {
      const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
      for (let at = bytes.indexOf(begin, BODY); at >= 0; at = bytes.indexOf(begin, at + 1)) {
        const [high, low, unit, answered = code] = bytes.subarray(at + 4, at + 8);
        const isLength = high === 0 && low !== undefined && low >= LEAST && low <= MOST;
        if (isLength && unit === unitId && (answered & 0x7f) === code) return true;
      }
      return false;
    };
  }

  protected toRtu(reply: Uint8Array): Buffer {
    const { unitId, code } = this.expected;
    if (reply[6] !== unitId) throw new Fault('garbled', `unit ${reply[6]} answered, not ${unitId}`);
    if (reply[7] === code) this.checkBody(reply, 7);
    const length = reply.length - HEADER;
    const frame = Buffer.allocUnsafe(length + 2);
    frame.set(reply.subarray(HEADER), 0);
    putCrc(frame, length);
    return frame;
  }
}

/** Length of the first whole frame, 0 if there is none yet. Throws a `Fault` (garbled) with the first byte that cannot be. */
export function mbapFrame(bytes: Uint8Array): number {
  // What is not there yet counts as 0.
  const [, , protocolHigh = 0, protocolLow = 0, high = 0] = bytes;
  if (protocolHigh !== 0 || protocolLow !== 0) throw new Fault('garbled', 'this is no Modbus TCP');
  if (high !== 0) throw new Fault('garbled', `a frame claims more than ${high * 256} bytes`);
  if (bytes.length < HEADER) return 0;
  const length = bytes[5] as number;
  if (length < LEAST || length > MOST) throw new Fault('garbled', `a frame claims ${length} bytes`);
  return bytes.length < HEADER + length ? 0 : HEADER + length;
}
