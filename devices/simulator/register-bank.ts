import type { Clock } from '../../core/clock.ts';
import { isFault } from '../../core/faults.ts';
import type { Value } from '../../core/reading.ts';
import type { ModbusAddress } from '../modbus/address.ts';
import { decoderOf } from '../modbus/decode.ts';
import { encodeValue } from '../modbus/encode.ts';
import { isBitTable } from '../modbus/plan.ts';
import type { Table } from '../modbus/register-types.ts';
import { factorBytes, valueAlone } from '../modbus/scale-factor.ts';
import type { SimPoint } from './sim-device.ts';

/** Plausible values are computed this often at most: a fast poller must measure the poller. */
const FRESH_MS = 100;

interface Cell {
  readonly point: SimPoint;
  readonly address: ModbusAddress;
  bytes: Buffer;
  freshUntil: number;
}

/** The registers and bits of one device. Between its first and last point of a table, gaps read 0; outside there is nothing. */
export class RegisterBank {
  readonly #tables = new Map<Table, Cell[]>();
  readonly #clock: Clock;

  constructor(points: readonly SimPoint[], clock: Clock) {
    this.#clock = clock;
    for (const point of points) {
      const address = point.spec.address as ModbusAddress;
      const cells = this.#tables.get(address.table) ?? [];
      cells.push({ point, address, bytes: Buffer.alloc(address.length * 2), freshUntil: -1 });
      this.#tables.set(address.table, cells);
    }
    for (const cells of this.#tables.values()) cells.sort((a, b) => a.address.register - b.address.register);
  }

  /** Data bytes as they go on the wire; undefined if the device has no such registers. */
  read(table: Table, start: number, count: number): Buffer | undefined {
    const cells = this.#tables.get(table);
    if (cells === undefined || !spans(cells, start, count)) return undefined;
    const bits = isBitTable(table);
    const bytes = Buffer.alloc(bits ? (count + 7) >> 3 : count * 2);
    for (const cell of cells) {
      const at = cell.address.register - start;
      if (at >= count) break;
      if (at + cell.address.length <= 0) continue;
      const value = this.#bytesOf(cell);
      if (bits) setBit(bytes, at, value[1] !== 0);
      else mergeInto(bytes, at * 2, value);
    }
    return bytes;
  }

  /** False if a register is not there or not writable. Points that share a register with a writable one keep what they are. */
  write(table: Table, start: number, bytes: Buffer): boolean {
    const end = start + bytes.length / 2;
    const hit = (this.#tables.get(table) ?? [])
      .map((cell) => ({ cell, own: valueAlone(cell.address, cell.address.scaleAt === undefined ? 0 : SIM_FACTOR) }))
      .filter(({ own }) => own.register >= start && own.register + own.length <= end);
    const open = hit.filter(({ cell }) => cell.point.spec.writable);
    const isOpen = (register: number) =>
      open.some(({ own }) => own.register <= register && register < own.register + own.length);
    if (open.length === 0 || !hit.every(({ own }) => isOpen(own.register))) return false;
    for (const { cell, own } of open) {
      const outcome = decoderOf(own)(bytes, (own.register - start) * 2);
      if (outcome.quality === 'good') cell.point.write(outcome.value);
    }
    for (const { cell } of open) cell.freshUntil = -1;
    return true;
  }

  #bytesOf(cell: Cell): Buffer {
    const now = this.#clock.ticks();
    if (now < cell.freshUntil && !cell.point.changesEachRead) return cell.bytes;
    const { value, raw } = cell.point.read();
    cell.bytes = cellBytes(raw ? { ...cell.address, scale: 1, offset: 0 } : cell.address, value, raw ? 0 : SIM_FACTOR);
    cell.freshUntil = now + FRESH_MS;
    return cell.bytes;
  }
}

function spans(cells: readonly Cell[], start: number, count: number): boolean {
  const last = cells.reduce((end, { address }) => Math.max(end, address.register + address.length), 0);
  return start >= (cells[0]?.address.register ?? 0) && start + count <= last;
}

/** The power of ten of every value that has a scale factor, so that points which share the factor agree. */
const SIM_FACTOR = -1;

/** All registers of an address: the value, and its scale factor if it has one. */
function cellBytes(address: ModbusAddress, value: Value, factor: number): Buffer {
  const { scaleAt, skip, length } = address;
  if (scaleAt === undefined) return encodeOrZero(address, value);
  const bytes = Buffer.alloc(length * 2);
  encodeOrZero(valueAlone(address, factor), value).copy(bytes, skip * 2);
  factorBytes(factor, address).copy(bytes, scaleAt * 2);
  return bytes;
}

/** A plausible value may still not fit a small type; such a point stands at 0. */
function encodeOrZero(address: ModbusAddress, value: Value): Buffer {
  try {
    return encodeValue(address, value);
  } catch (error) {
    if (!isFault(error, 'value-unfit')) throw error;
    return Buffer.alloc(address.size * 2);
  }
}

function setBit(bytes: Buffer, at: number, on: boolean): void {
  if (on) bytes[at >> 3] = (bytes[at >> 3] as number) | (1 << (at & 7));
}

/** Several points may share a register: their bits add up. */
function mergeInto(bytes: Buffer, at: number, value: Buffer): void {
  for (let i = 0; i < value.length; i++) {
    const place = at + i;
    if (place >= 0 && place < bytes.length) bytes[place] = (bytes[place] as number) | (value[i] as number);
  }
}
