import type { Clock } from '../../core/clock.ts';
import type { Table } from '../modbus/register-types.ts';
import { RegisterBank } from './register-bank.ts';
import type { SimDevice } from './sim-device.ts';

export interface SlaveReply {
  /** Function code and data. */
  readonly pdu: Buffer;
  readonly delayMs: number;
  readonly garbled: boolean;
}

const READS: Readonly<Record<number, Table>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input' };
const MOST_BITS = 2000;
const MOST_REGISTERS = 125;

/** The devices on one line, answering requests as the standard says [MODBUS Application Protocol V1.1b3, 6]. */
export class ModbusSlaves {
  readonly #units = new Map<number, { bank: RegisterBank; device: SimDevice }[]>();

  constructor(devices: readonly SimDevice[], clock: Clock) {
    for (const device of devices) {
      const unit = this.#units.get(device.spec.unitId) ?? [];
      unit.push({ bank: new RegisterBank(device.points, clock), device });
      this.#units.set(device.spec.unitId, unit);
    }
  }

  /** Undefined if nobody with this unit id answers. */
  answer(unitId: number, request: Buffer): SlaveReply | undefined {
    const unit = this.#units.get(unitId);
    const device = unit?.[0]?.device;
    if (unit === undefined || device === undefined || device.fault === 'dead') return undefined;
    const code = request[0] as number;
    const banks = unit.map(({ bank }) => bank);
    const pdu = device.fault === 'busy' ? exception(code, 6) : execute(banks, code, request);
    return { pdu, delayMs: device.fault === 'slow' ? device.slowMs : 0, garbled: device.fault === 'garbled' };
  }

  has(unitId: number): boolean {
    return this.#units.has(unitId);
  }
}

function execute(banks: readonly RegisterBank[], code: number, request: Buffer): Buffer {
  const table = READS[code];
  if (table !== undefined && request.length === 5) return executeRead(banks, table, code, request);
  if (code === 22 && request.length === 7) return executeMask(banks, request);
  if ([5, 6, 15, 16].includes(code) && request.length >= 5) return executeWrite(banks, code, request);
  return exception(code, 1);
}

function executeRead(banks: readonly RegisterBank[], table: Table, code: number, request: Buffer): Buffer {
  const start = request.readUInt16BE(1);
  const count = request.readUInt16BE(3);
  if (count < 1 || count > (code < 3 ? MOST_BITS : MOST_REGISTERS)) return exception(code, 3);
  for (const bank of banks) {
    const data = bank.read(table, start, count);
    if (data) return Buffer.concat([Buffer.of(code, data.length), data]);
  }
  return exception(code, 2);
}

function executeWrite(banks: readonly RegisterBank[], code: number, request: Buffer): Buffer {
  const start = request.readUInt16BE(1);
  const table = code === 5 || code === 15 ? 'coil' : 'holding';
  const words = wordsOf(code, request);
  if (words === undefined) return exception(code, 3);
  return banks.some((bank) => bank.write(table, start, words)) ? request.subarray(0, 5) : exception(code, 2);
}

/** Changes single bits of a register and repeats the request [MODBUS Application Protocol V1.1b3, 6.16]. */
function executeMask(banks: readonly RegisterBank[], request: Buffer): Buffer {
  const register = request.readUInt16BE(1);
  const [and, or] = [request.readUInt16BE(3), request.readUInt16BE(5)];
  for (const bank of banks) {
    const before = bank.read('holding', register, 1)?.readUInt16BE(0);
    if (before === undefined) continue;
    const word = Buffer.alloc(2);
    word.writeUInt16BE((before & and) | (or & ~and & 0xffff));
    if (bank.write('holding', register, word)) return request;
  }
  return exception(22, 2);
}

/** What is to be written, one word a register or coil; undefined if lengths disagree. */
function wordsOf(code: number, request: Buffer): Buffer | undefined {
  if (code === 6) return request.subarray(3, 5);
  if (code === 5) return Buffer.of(0, request[3] === 0xff ? 1 : 0);
  const count = request.readUInt16BE(3);
  const data = request.subarray(6);
  if (request[5] !== data.length || data.length !== (code === 16 ? count * 2 : (count + 7) >> 3)) return undefined;
  if (code === 16) return data;
  return Buffer.from(Array.from({ length: count }, (_, i) => [0, ((data[i >> 3] as number) >> (i & 7)) & 1]).flat());
}

function exception(code: number, number: number): Buffer {
  return Buffer.of(code | 0x80, number);
}
