/** A plant whose simulator serves values that name their point and reading. */
export interface OraclePlant {
  /** `channels:` and `devices:`; the channel is `tcp-plc`. */
  readonly yaml: string;
  /** Place of each `device/point` in the simulator's plant. */
  readonly pointOf: ReadonlyMap<string, number>;
}

/** Points that one device has: 50 of two registers are one request. */
const POINTS_PER_DEVICE = 50;

export function oraclePlant(points: number, every: string): OraclePlant {
  const pointOf = new Map<string, number>();
  const devices: string[] = [];
  for (let index = 0; index < points; index++) {
    const [unit, place] = [Math.floor(index / POINTS_PER_DEVICE) + 1, index % POINTS_PER_DEVICE];
    if (place === 0) {
      devices.push(`  - name: d${unit}\n    channel: tcp-plc\n    unitId: ${unit}\n    every: ${every}\n    points:`);
    }
    pointOf.set(`d${unit}/p${place}`, index);
    devices.push(`      p${place}: { address: { table: holding, register: ${place * 2}, type: uint32 } }`);
  }
  const channel = '  - { name: tcp-plc, driver: modbus-tcp, port: $PORT_tcp-plc, timeout: 1s }';
  return { yaml: `channels:\n${channel}\ndevices:\n${devices.join('\n')}\n`, pointOf };
}
