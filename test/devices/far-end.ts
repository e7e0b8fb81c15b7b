import { type AddressInfo, createServer, type Socket } from 'node:net';
import { STANDARD_LIMITS } from '../../devices/limits.ts';
import { modbusAddress } from '../../devices/modbus/address.ts';
import { putCrc } from '../../devices/modbus/crc16.ts';
import { modbusRtu, modbusTcp } from '../../devices/modbus/driver.ts';
import type { ModbusRequest } from '../../devices/modbus/plan.ts';
import type { ChannelSpec } from '../../devices/plant-types.ts';
import { livedClock } from '../support/lived-clock.ts';

/** A TCP server that a test writes the behaviour of. */
export async function farEnd(serve: (socket: Socket, connection: number) => void, at = 0) {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    serve(socket, connections++);
  });
  await new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    number: port,
    port: `tcp://127.0.0.1:${port}`,
    connections: () => connections,
    open: () => sockets.size,
    dropAll: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export function channelAt(port: string, more: Partial<ChannelSpec> = {}): ChannelSpec {
  return {
    name: 'line',
    driver: 'modbus-rtu',
    port,
    serial: { baudRate: 115_200, dataBits: 8, parity: 'none', stopBits: 1 },
    timeoutMs: 150,
    maxInFlight: 1,
    silentShare: 0.1,
    ...more,
  };
}

export const LIMITS = { ...STANDARD_LIMITS, maxGap: 0 };

/** A read of one holding register, always of the same shape: the request that a late reply fits best. */
export function readOf(register: number, kind: object = { type: 'uint16' }): ModbusRequest {
  const address = modbusAddress.parse({ table: 'holding', register, ...kind });
  return modbusRtu.plan([{ name: 'value', address }], LIMITS)[0] as ModbusRequest;
}

export const drivers = { rtu: modbusRtu, tcp: modbusTcp };

/** The RTU answer to a read of one register: its value is the register's own number, so that a wrong answer shows. */
export function rtuAnswer(request: Buffer): Buffer {
  const answer = Buffer.alloc(7);
  answer.set([request[0] as number, request[1] as number, 2, request[2] as number, request[3] as number]);
  putCrc(answer, 5);
  return answer;
}

/** The same over Modbus TCP. */
export function tcpAnswer(request: Buffer): Buffer {
  return Buffer.from([...request.subarray(0, 4), 0, 5, ...request.subarray(6, 8), 2, ...request.subarray(8, 10)]);
}

/** A pause of device or test. */
export const later = (ms: number): Promise<void> => livedClock.sleep(ms);
