import { Fault, isFault } from '../core/faults.ts';
import { quietLog } from '../core/log.ts';
import { parseDuration } from '../core/units.ts';
import type { LeaseOptions } from '../devices/channels/channel.ts';
import { openChannel } from '../devices/channels/open-channel.ts';
import { parseTcpPort } from '../devices/channels/tcp-address.ts';
import type { Driver, DriverPoint, Line } from '../devices/driver.ts';
import { type ModbusAddress, modbusAddress } from '../devices/modbus/address.ts';
import { modbusRtu, modbusTcp } from '../devices/modbus/driver.ts';
import { REGISTERS_OF, TABLES } from '../devices/modbus/register-types.ts';
import type { ChannelSpec } from '../devices/plant-types.ts';
import { choiceOption, neededText, textOption, wholeOption } from './options.ts';
import type { Arguments, Io, Verb } from './verb.ts';

type Values = Arguments['values'];

/** The options of `read` and `write`. */
export const LINE_OPTIONS: Verb['options'] = {
  port: { type: 'string' },
  driver: { type: 'string' },
  baud: { type: 'string' },
  parity: { type: 'string' },
  'stop-bits': { type: 'string' },
  timeout: { type: 'string' },
  unit: { type: 'string' },
  table: { type: 'string' },
  register: { type: 'string' },
  type: { type: 'string' },
  'byte-order': { type: 'string' },
  scale: { type: 'string' },
  length: { type: 'string' },
  bit: { type: 'string' },
  json: { type: 'boolean' },
};

const TYPES = Object.keys(REGISTERS_OF);

export const LINE_USAGE = `      --port PORT           /dev/… or tcp://host:port
      --driver NAME         modbus-rtu or modbus-tcp (default: by the port)
      --baud N              of a serial line (default 9600)
      --parity P            none (default), even, odd
      --stop-bits N         1 (default) or 2
      --timeout TIME        how long to wait for an answer (default 1s)
      --unit N              unit id (default 1)
      --table T             ${TABLES.join(', ')} (default holding)
      --register R          zero-based, as on the wire
      --type T              ${TYPES.slice(0, 8).join(' ')}
                            ${TYPES.slice(8).join(' ')}
      --byte-order O        ABCD BADC CDAB DCBA, or an order of ABCDEFGH (default ABCD)
      --scale S             factor (default 1)
      --length N            registers of a string
      --bit N               the one bit of a register that a bool is, 0 to 15
      --json                machine form`;

const BIT_TABLES = ['coil', 'discrete'];

/** The addresses of `count` values in a row. Throws usage with everything that is wrong. */
export function addressesOf(values: Values, count: number): ModbusAddress[] {
  const table = choiceOption(values, 'table', TABLES, 'holding');
  const type = textOption(values, 'type') ?? (BIT_TABLES.includes(table) ? 'bool' : 'uint16');
  const length = textOption(values, 'length');
  const scale = textOption(values, 'scale');
  const bit = textOption(values, 'bit');
  const byteOrder = textOption(values, 'byte-order');
  const first = wholeOption(values, 'register', { least: 0, most: 65_535 });
  const at = (register: number): ModbusAddress => {
    const parsed = modbusAddress.safeParse({
      table,
      register,
      type,
      ...(length === undefined ? {} : { length: Number(length) }),
      ...(scale === undefined ? {} : { scale: Number(scale) }),
      ...(bit === undefined ? {} : { bit: Number(bit) }),
      ...(byteOrder === undefined ? {} : { byteOrder }),
    });
    if (parsed.success) return parsed.data;
    throw new Fault(
      'usage',
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
    );
  };
  const { length: step } = at(first);
  return Array.from({ length: count }, (_, i) => at(first + i * step));
}

export function pointsAt(addresses: readonly ModbusAddress[]): DriverPoint<ModbusAddress>[] {
  return addresses.map((address) => ({ name: String(address.register), address }));
}

/** Opens the line that the options name, for one piece of work. */
export function onLine<T>(
  values: Values,
  io: Io,
  work: (driver: typeof modbusRtu, line: Line) => Promise<T>,
): Promise<T> {
  const driver = driverOf(values);
  return withChannel(channelSpec(values, driver), io, (line) => work(driver, line));
}

/** Opens a line for one piece of work and closes it again. */
export async function withChannel<T>(
  spec: ChannelSpec,
  io: Io,
  work: (line: Line) => Promise<T>,
  options: LeaseOptions = {},
): Promise<T> {
  const channel = openChannel(spec, { clock: io.clock, log: quietLog });
  const stopping = new AbortController();
  const done = channel.run(AbortSignal.any([io.signal, stopping.signal]));
  try {
    return await channel.lease(work, { ...options, signal: io.signal });
  } catch (error) {
    if (isFault(error, 'port-busy')) throw new Fault('port-busy', `${spec.port} (a running gateway?)`);
    throw error;
  } finally {
    stopping.abort();
    await done;
  }
}

function driverOf(values: Values): typeof modbusRtu {
  const preset = parseTcpPort(neededText(values, 'port')) ? 'modbus-tcp' : 'modbus-rtu';
  const name = choiceOption(values, 'driver', ['modbus-rtu', 'modbus-tcp'], preset);
  return name === 'modbus-tcp' ? modbusTcp : modbusRtu;
}

function channelSpec(values: Values, driver: Pick<Driver, 'name'>): ChannelSpec {
  const timeoutMs = parseDuration(textOption(values, 'timeout') ?? '1s');
  if (timeoutMs === undefined) throw new Fault('usage', '--timeout must be a duration such as 500ms or 2s');
  return {
    name: 'line',
    driver: driver.name,
    port: neededText(values, 'port'),
    serial: {
      baudRate: wholeOption(values, 'baud', { least: 300, most: 4_000_000, preset: 9600 }),
      dataBits: 8,
      parity: choiceOption(values, 'parity', ['none', 'even', 'odd'], 'none'),
      stopBits: choiceOption(values, 'stop-bits', ['1', '2'], '1') === '2' ? 2 : 1,
    },
    timeoutMs,
    maxInFlight: 1,
    silentShare: 0.1,
  };
}
