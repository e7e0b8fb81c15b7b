import type { Refusals, RegisterRange } from '../driver.ts';
import type { ModbusRequest } from './plan.ts';
import { isBitTable } from './plan.ts';

/** A stretch of a block that is read as a whole: points that overlap, or a hole between points. Registers or bits, `to` exclusive. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** How a refused block is taken apart until what the device refuses stands alone: points are never cut, holes are asked for by themselves. */
export const modbusRefusals: Refusals<ModbusRequest> = {
  halves(request) {
    const stretches = stretchesOf(request);
    const middle = stretches[stretches.length >> 1];
    if (stretches.length < 2 || middle === undefined) return undefined;
    return [part(request, request.start, middle.from), part(request, middle.from, request.start + request.count)];
  },
  range: ({ table, start, count }): RegisterRange => ({ table, from: start, to: start + count - 1 }),
};

/** The whole block in order: points, merged where they overlap, and the holes around them. */
function stretchesOf(request: ModbusRequest): Stretch[] {
  const stretches: Stretch[] = [];
  let at = request.start;
  for (const { from, to } of mergedPoints(request)) {
    if (from > at) stretches.push({ from: at, to: from });
    stretches.push({ from, to });
    at = to;
  }
  const end = request.start + request.count;
  if (at < end) stretches.push({ from: at, to: end });
  return stretches;
}

function mergedPoints(request: ModbusRequest): Stretch[] {
  const places = request.fields.map((field) => placeOf(request, field)).sort((a, b) => a.from - b.from);
  const merged: Stretch[] = [];
  for (const place of places) {
    const last = merged.at(-1);
    if (last === undefined || place.from >= last.to) merged.push(place);
    else merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, place.to) };
  }
  return merged;
}

function placeOf({ table, start }: ModbusRequest, { at, length }: ModbusRequest['fields'][number]): Stretch {
  const from = start + at / (isBitTable(table) ? 1 : 2);
  return { from, to: from + length };
}

function part(request: ModbusRequest, from: number, to: number): ModbusRequest {
  const shift = (from - request.start) * (isBitTable(request.table) ? 1 : 2);
  const fields = request.fields
    .filter((field) => {
      const place = placeOf(request, field);
      return place.from >= from && place.to <= to;
    })
    .map((field) => ({ ...field, at: field.at - shift }));
  return { table: request.table, start: from, count: to - from, fields };
}
