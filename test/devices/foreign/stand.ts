import { Fault, type FaultCode } from '../../../core/faults.ts';
import { bad, good, type Outcome, type Value } from '../../../core/reading.ts';
import type { Driver, DriverPoint, WriteResult } from '../../../devices/driver.ts';
import { findDriver } from '../../../devices/registry.ts';
import { plantOf, readAll, startChannel } from '../support.ts';

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** What `server.py` holds in unit 1 or 2: the address, and the value. Coils from 50 on lie 2000 apart, as one request may. */
function pointsOf(unitId: number): Record<string, readonly [address: string, value: Value]> {
  return Object.fromEntries([
    ...numbers(0, 125).map((i) => [`word${i}`, [`holding, register: ${i}, type: uint16`, 7 * i + 1000 * (unitId - 1)]]),
    ['float', ['holding, register: 200, type: float32', 230.5]],
    ['swapped', ['holding, register: 202, type: float32, byteOrder: CDAB', -17.25]],
    ...numbers(0, 20).map((i) => [`coil${i}`, [`coil, register: ${i}`, i % 3 === 0]]),
    // Gaps of 128 coils are bridged: one request.
    ...numbers(0, 16).map((i) => [`far${i}`, [`coil, register: ${160 + 125 * i}`, (160 + 125 * i) % 3 === 0]]),
    ...numbers(0, 20).map((i) => [`discrete${i}`, [`discrete, register: ${i}`, i % 5 === 0]]),
    ['input', ['input, register: 0, type: uint16', 60_000]],
    ['signed', ['input, register: 1, type: int16', 59_999 - 65_536]],
  ]);
}

/** The outcomes that a unit of `server.py` must come to. */
export function held(unitId: number): Record<string, Outcome> {
  return Object.fromEntries(Object.entries(pointsOf(unitId)).map(([name, [, value]]) => [name, good(value)]));
}

async function plantAt(driver: string, port: string, unitId: number) {
  const points = Object.entries(pointsOf(unitId)).map(
    ([name, [address]]) => `      ${name}: { address: { table: ${address} } }`,
  );
  const { channels, devices } = await plantOf(`channels:
  - { name: line, driver: ${driver}, port: "${port}", baudRate: 19200, parity: none, timeout: 2s }
devices:
  - name: device
    channel: line
    unitId: ${unitId}
    points:
${points.join('\n')}
`);
  const [channel, device] = [channels[0], devices[0]];
  if (channel === undefined || device === undefined) throw new Error('no device');
  return { channel, device };
}

/** Our driver and our channel, at a server that is not ours. */
export interface Stand {
  /** Exchanges so far. */
  requests(): number;
  /** All points of `held`. */
  readAll(unitId: number): Promise<Map<string, Outcome>>;
  read(unitId: number, address: object): Promise<Outcome>;
  write(unitId: number, address: object, value: Value): Promise<WriteResult>;
  stop(): Promise<void>;
}

export async function openStand(driverName: string, port: string, stopServer: () => Promise<void>): Promise<Stand> {
  const { channel, stop } = startChannel((await plantAt(driverName, port, 1)).channel);
  const driver = findDriver(driverName) as Driver;
  const pointAt = (address: object): DriverPoint => ({ name: 'it', address: driver.address.parse(address) });
  return {
    requests: () => channel.statistics().exchanges,
    readAll: async (unitId) => readAll(channel, (await plantAt(driverName, port, unitId)).device),
    async read(unitId, address) {
      const { device } = await plantAt(driverName, port, unitId);
      const [request] = driver.plan([pointAt(address)], device.limits);
      try {
        const answers = await channel.lease((line) => driver.read(request, line, { unitId }));
        return answers.get('it') as Outcome;
      } catch (error) {
        if (error instanceof Fault) return bad(error.code satisfies FaultCode);
        throw error;
      }
    },
    write: (unitId, address, value) =>
      channel.lease((line) => driver.write?.(pointAt(address), value, line, { unitId }) as Promise<WriteResult>),
    async stop() {
      await stop();
      await stopServer();
    },
  };
}
