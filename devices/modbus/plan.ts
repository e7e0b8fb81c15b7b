import type { DeviceLimits, DriverPoint } from '../driver.ts';
import type { ModbusAddress } from './address.ts';
import { type Decoder, decoderOf } from './decode.ts';
import type { Table } from './register-types.ts';

/** Where a covered point stands in a reply, and how its bytes become a value. */
export interface Field {
  readonly name: string;
  /** Byte offset for registers, bit offset for coils and discrete inputs. */
  readonly at: number;
  /** Registers, or bits. */
  readonly length: number;
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

/** A plan for the points before one: its requests and what they read, and where its last block begins. */
interface Plan {
  readonly requests: number;
  readonly read: number;
  readonly from: number;
}

/**
 * The fewest legal block reads that bring all points, and among those the ones that read least. Neighbours are joined over gaps of
 * up to `maxGap`, never across a forbidden range.
 */
export function planBlocks(points: readonly Point[], limits: DeviceLimits): readonly ModbusRequest[] {
  const tables = new Map<Table, Point[]>();
  for (const point of points) {
    const { table } = point.address;
    tables.set(table, [...(tables.get(table) ?? []), point]);
  }
  return [...tables.keys()].sort().flatMap((table) => {
    const own = (tables.get(table) ?? []).sort((a, b) => a.address.register - b.address.register);
    return limits.onePointPerRequest ? own.map((point) => toRequest([point], limits)) : cheapest(own, limits);
  });
}

/** No block skips a point that it spans, so the cheapest plan of each beginning of the list and one more block make the next. */
function cheapest(points: readonly Point[], limits: DeviceLimits): ModbusRequest[] {
  const best: (Plan | undefined)[] = [{ requests: 0, read: 0, from: 0 }];
  for (let from = 0; from < points.length; from++) {
    const { requests, read } = best[from] as Plan;
    for (const { to, count } of blocksFrom(points, from, limits)) {
      const plan = { requests: requests + 1, read: read + count, from };
      if (isCheaper(plan, best[to])) best[to] = plan;
    }
  }
  const blocks: ModbusRequest[] = [];
  for (let to = points.length; to > 0; ) {
    const { from } = best[to] as Plan;
    blocks.unshift(toRequest(points.slice(from, to), limits));
    to = from;
  }
  return blocks;
}

function isCheaper(one: Plan, other: Plan | undefined): boolean {
  if (other === undefined || one.requests !== other.requests)
    return other === undefined || one.requests < other.requests;
  // Of equals the one whose last block is the shortest: the others are full.
  return one.read <= other.read;
}

/** Every legal block that begins with the point at `from`, by where it ends and what it reads. */
function* blocksFrom(
  points: readonly Point[],
  from: number,
  limits: DeviceLimits,
): Iterable<{ readonly to: number; readonly count: number }> {
  const { table, register } = (points[from] as Point).address;
  const isBits = isBitTable(table);
  const most = isBits ? limits.bits : limits.registers;
  // Sixteen bits cost what one register does.
  const maxGap = isBits ? limits.maxGap * 16 : limits.maxGap;
  let end = register;
  for (let to = from; to < points.length; to++) {
    const { address } = points[to] as Point;
    const isHole = to > from && address.register > end;
    if (isHole && (address.register - end > maxGap || isForbidden(table, end, address.register, limits))) return;
    end = Math.max(end, address.register + address.length);
    // A point that is longer than the device allows is refused by the device, in words.
    if (to > from && end - register > most) return;
    yield { to: to + 1, count: end - startOf(table, register, end, limits) };
  }
}

/** Some devices answer for bits only from the first one on [telegraf #8905]. */
function startOf(table: Table, first: number, end: number, limits: DeviceLimits): number {
  const canBeZero = limits.bitsFromZero && isBitTable(table) && end <= limits.bits;
  return canBeZero && !isForbidden(table, 0, first, limits) ? 0 : first;
}

/** Does `from` to `to`, exclusive, touch what must not be read? */
function isForbidden(table: Table, from: number, to: number, { forbidden }: DeviceLimits): boolean {
  return forbidden.some((range) => range.table === table && range.from < to && range.to >= from);
}

function toRequest(points: readonly Point[], limits: DeviceLimits): ModbusRequest {
  const { table, register } = (points[0] as Point).address;
  const end = Math.max(...points.map(({ address }) => address.register + address.length));
  const start = startOf(table, register, end, limits);
  const width = isBitTable(table) ? 1 : 2;
  return {
    table,
    start,
    count: end - start,
    fields: points.map(({ name, address }) => ({
      name,
      at: (address.register - start) * width,
      length: address.length,
      decode: decoderOf(address),
    })),
  };
}

export function isBitTable(table: Table): boolean {
  return table === 'coil' || table === 'discrete';
}
