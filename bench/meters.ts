import { STANDARD_LIMITS } from '../devices/limits.ts';
import { modbusAddress } from '../devices/modbus/address.ts';
import type { DeviceSpec, PointSpec } from '../devices/plant-types.ts';

function point(register: number, type: 'float32' | 'uint16'): PointSpec {
  const address = modbusAddress.parse({ table: 'holding', register, type });
  const rest = { title: {}, kind: 'number', rhythm: { everyMs: 1000 }, writable: false } as const;
  return { name: `p${register}`, address, type, ...rest };
}

/** Two registers a float32; an odd one out is a uint16. */
function pointsOver(registers: number): PointSpec[] {
  const points = Array.from({ length: registers >> 1 }, (_, i) => point(i * 2, 'float32'));
  return registers % 2 === 1 ? [...points, point(registers - 1, 'uint16')] : points;
}

/** Meters of one Modbus line, units 1 and up, each with so many holding registers in use. */
export function meters(units: number, registers: number, driver = 'modbus-rtu'): DeviceSpec[] {
  return Array.from({ length: units }, (_, i) => ({
    name: `meter-${i + 1}`,
    title: {},
    class: 'power-meter',
    channel: 'line',
    driver,
    unitId: i + 1,
    limits: STANDARD_LIMITS,
    points: pointsOver(registers),
    rules: [],
  }));
}
