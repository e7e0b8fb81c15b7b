import type { DeviceLimits, DriverPoint } from '../driver.ts';
import type { ModbusAddress, Table } from './address.ts';
import { type Decoder, decoderOf } from './decode.ts';

/** Where a covered point stands in a reply, and how its bytes become a value. */
export interface Field {
  readonly name: string;
  /** Byte offset for registers, bit offset for coils and discrete inputs. */
  readonly at: number;
  readonly decode: Decoder;
}

/** One block read. */
export interface ModbusRequest {
  readonly table: Table;
  readonly start: number;
  /** Registers or bits. */
  readonly count: number;
  readonly fields: readonly Field[];
}

type Point = DriverPoint<ModbusAddress>;

/** Few, large, legal block reads: neighbours are joined over gaps of up to `maxGap`, never across a forbidden range. */
export function planBlocks(points: readonly Point[], limits: DeviceLimits): readonly ModbusRequest[] {
  const sorted = [...points].sort(
    (a, b) => a.address.table.localeCompare(b.address.table) || a.address.register - b.address.register,
  );
  const requests: ModbusRequest[] = [];
  let block: Point[] = [];
  let end = 0;
  for (const point of sorted) {
    const first = block[0];
    const { register, length } = point.address;
    if (first !== undefined && !joins(first.address, end, point.address, limits)) {
      requests.push(toRequest(block, end));
      block = [];
      end = 0;
    }
    block.push(point);
    end = Math.max(end, register + length);
  }
  if (block.length > 0) requests.push(toRequest(block, end));
  return requests;
}

function joins(first: ModbusAddress, end: number, next: ModbusAddress, limits: DeviceLimits): boolean {
  if (first.table !== next.table) return false;
  const bits = isBitTable(first.table);
  const count = Math.max(end, next.register + next.length) - first.register;
  if (count > (bits ? limits.bits : limits.registers)) return false;
  // Sixteen bits cost what one register does.
  if (next.register - end > (bits ? limits.maxGap * 16 : limits.maxGap)) return false;
  return !limits.forbidden.some(
    (range) => range.table === first.table && range.from < next.register && range.to >= end,
  );
}

function toRequest(points: readonly Point[], end: number): ModbusRequest {
  const { table, register: start } = (points[0] as Point).address;
  const width = isBitTable(table) ? 1 : 2;
  return {
    table,
    start,
    count: end - start,
    fields: points.map(({ name, address }) => ({
      name,
      at: (address.register - start) * width,
      decode: decoderOf(address),
    })),
  };
}

export function isBitTable(table: Table): boolean {
  return table === 'coil' || table === 'discrete';
}
