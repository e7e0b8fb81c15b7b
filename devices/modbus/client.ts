import modbusSerial from 'modbus-serial';
import { Fault } from '../../core/faults.ts';
import type { Line } from '../driver.ts';
import { DeviceException } from './exception.ts';
import type { ModbusPort } from './port.ts';
import type { Table } from './register-types.ts';

const READ_CODES: Readonly<Record<Table, number>> = { coil: 1, discrete: 2, holding: 3, input: 4 };

/** The library's client over one line: function codes and exceptions are its, framing and faults are ours. */
export class ModbusClient {
  readonly #port: ModbusPort;
  readonly #client: InstanceType<typeof modbusSerial.default>;

  constructor(port: ModbusPort) {
    this.#port = port;
    this.#client = new modbusSerial.default(port);
    this.#client.open();
  }

  /** The data bytes as they came. */
  read(table: Table, unitId: number, start: number, count: number): Promise<Buffer> {
    const code = READ_CODES[table];
    const dataBytes = code < 3 ? (count + 7) >> 3 : count * 2;
    return this.#request({ unitId, code, dataBytes }, (next: Next<{ buffer: Buffer }>) => {
      if (code === 1) this.#client.writeFC1(unitId, start, count, next);
      else if (code === 2) this.#client.writeFC2(unitId, start, count, next);
      else if (code === 3) this.#client.writeFC3(unitId, start, count, next);
      else this.#client.writeFC4(unitId, start, count, next);
    }).then((result) => result.buffer);
  }

  async writeCoil(unitId: number, register: number, on: boolean, multiple: boolean): Promise<void> {
    await this.#request({ unitId, code: multiple ? 15 : 5, dataBytes: undefined }, (next: Next<unknown>) => {
      if (multiple) this.#client.writeFC15(unitId, register, [on], next);
      else this.#client.writeFC5(unitId, register, on, next);
    });
  }

  async writeRegisters(unitId: number, register: number, bytes: Buffer, multiple: boolean): Promise<void> {
    await this.#request({ unitId, code: multiple ? 16 : 6, dataBytes: undefined }, (next: Next<unknown>) => {
      if (multiple) this.#client.writeFC16(unitId, register, wordsOf(bytes), next);
      else this.#client.writeFC6(unitId, register, bytes.readUInt16BE(0), next);
    });
  }

  /** Sets the bits of `mask` to those of `bits` and leaves the others, within the device itself. */
  async maskRegister(unitId: number, register: number, mask: number, bits: number): Promise<void> {
    await this.#request({ unitId, code: 22, dataBytes: undefined }, (next: Next<unknown>) => {
      this.#client.writeFC22(unitId, register, ~mask & 0xffff, bits, next);
    });
  }

  #request<T>(expected: Parameters<ModbusPort['begin']>[0], issue: (next: Next<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#port.begin(expected, reject);
      issue((error, result) => (error ? reject(toFault(error)) : resolve(result)));
    });
  }
}

type Next<T> = (error: unknown, result: T) => void;

/** The library's errors are not all Error objects; an exception of the device carries `modbusCode`. */
function toFault(error: unknown): Fault {
  const { modbusCode, message } = error as { modbusCode?: number; message?: string };
  if (modbusCode !== undefined) return new DeviceException(modbusCode);
  return new Fault('garbled', message, { cause: error });
}

/** One client for each line, made when the line is first used. */
export function clientsOver(makePort: (line: Line) => ModbusPort): (line: Line) => ModbusClient {
  const clients = new WeakMap<Line, ModbusClient>();
  return (line) => {
    let client = clients.get(line);
    if (client === undefined) {
      client = new ModbusClient(makePort(line));
      clients.set(line, client);
    }
    return client;
  };
}

function wordsOf(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16BE(i * 2));
}
