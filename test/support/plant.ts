import { STANDARD_LIMITS } from '../../devices/limits.ts';
import type { DeviceSpec, Plant, PointSpec } from '../../devices/plant-types.ts';

/** A point with everything a test does not care about filled in. */
export function point(name: string, more: Partial<PointSpec> = {}): PointSpec {
  return {
    name,
    address: {},
    title: {},
    kind: 'number',
    type: 'int16',
    rhythm: { everyMs: 1000 },
    writable: false,
    ...more,
  };
}

/** A plant of one device. */
export function plantOf(points: readonly PointSpec[], more: Partial<DeviceSpec> = {}): Plant {
  const limits = STANDARD_LIMITS;
  const device: DeviceSpec = {
    ...{
      name: 'boiler',
      title: {},
      class: 'other',
      channel: 'plc',
      driver: 'modbus-tcp',
      unitId: 1,
      limits,
      points,
      rules: [],
    },
    ...more,
  };
  return { channels: [], devices: [device] };
}
