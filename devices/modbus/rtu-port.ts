import { Fault } from '../../core/faults.ts';
import { hasCrc } from './crc16.ts';
import { ModbusPort } from './port.ts';

/** RTU frames: unit, PDU, CRC. The length follows from the request [Modbus over Serial Line V1.02, 2.5.1]. */
export class RtuPort extends ModbusPort {
  get send(): Uint8Array {
    return this.request;
  }

  get expect(): number {
    const { code, dataBytes } = this.expected;
    if (dataBytes !== undefined) return 5 + dataBytes;
    // A mask write is repeated with both of its masks.
    return code === 22 ? 10 : 8;
  }

  until(bytes: Uint8Array): number {
    const { unitId, code } = this.expected;
    if (bytes.length > 0 && bytes[0] !== unitId) throw new Fault('garbled', `unit ${bytes[0]} answered, not ${unitId}`);
    if (bytes.length < 2) return 0;
    const refused = bytes[1] === (code | 0x80);
    if (!refused && bytes[1] !== code) throw new Fault('garbled', `function ${bytes[1]} answered, not ${code}`);
    const length = refused ? 5 : this.expect;
    if (!refused && bytes.length > 3) this.checkBody(bytes, 1);
    if (bytes.length < length) return 0;
    if (!hasCrc(bytes, length)) throw new Fault('garbled', 'wrong CRC');
    return length;
  }

  protected toRtu(reply: Uint8Array): Buffer {
    return Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength);
  }
}
