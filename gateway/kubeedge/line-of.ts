import { hashOf } from '../../cloud-sync/protocol/document.ts';
import type { ChannelSpec } from '../../devices/plant-types.ts';
import type { Keys } from './dialect.ts';

export const PROTOCOL_KEYS: readonly string[] = [
  ...['slaveid', 'unitid', 'serialport', 'serialname', 'baudrate', 'databits', 'stopbits', 'parity'],
  ...['ip', 'port', 'communicatemode', 'timeout', 'collecttimeout'],
  // Sluice's own.
  ...['profile', 'channel', 'driver', 'station', 'byteorder', 'class'],
  // Of other mappers: a line opens anew by itself here, and RS-485 is the matter of the kernel.
  ...[
    'serialtype',
    'rs485enabled',
    'reconntimeout',
    'reconnretrytimes',
    'collectretrytimes',
    'collecttype',
    'commtype',
  ],
];

export interface LineGiven {
  /** One of the gateway's own, or one to be made. */
  readonly channel: { readonly own: ChannelSpec } | { readonly made: Readonly<Record<string, unknown>> };
  /** How the line is set while this device is spoken to. */
  readonly serial: Readonly<Record<string, unknown>>;
}

/** By `communicateMode`. */
const MODES: Readonly<Record<string, string>> = { tcp: 'modbus-tcp', rtu: 'modbus-rtu' };

/** On which line a device is. A line that the gateway has already is used, not opened twice. */
export function lineOf(
  keys: Keys,
  driver: string | undefined,
  own: readonly ChannelSpec[],
): LineGiven | { readonly problem: string } {
  const named = keys.text('channel');
  const serial = serialOf(keys);
  if (named !== undefined) {
    const channel = own.find(({ name }) => name === named);
    return channel
      ? { channel: { own: channel }, serial }
      : { problem: `there is no channel \`${named}\` on this gateway` };
  }
  const port = portOf(keys);
  if (port === undefined) return { problem: 'no line: give serialPort, or ip and port, or channel' };
  const known = own.find((channel) => channel.port === port);
  const isTcp = port.startsWith('tcp://');
  if (known) return sharedLine(known, keys);
  const framing = driver ?? (isTcp ? (framingOf(keys) ?? 'modbus-tcp') : 'modbus-rtu');
  const name = lineName(port);
  if (own.some((channel) => channel.name === name))
    return { problem: `the gateway has a channel \`${name}\` of its own` };
  const made = { name, driver: framing, port, ...(isTcp ? {} : serial) };
  return { channel: { made }, serial: isTcp ? {} : serial };
}

function sharedLine(own: ChannelSpec, keys: Keys): LineGiven | { readonly problem: string } {
  const channel = { own };
  if (!own.port.startsWith('tcp://')) return { channel, serial: serialOf(keys) };
  return framingProblem(own, keys) ?? { channel, serial: own.followsSpeed ? serialOf(keys) : {} };
}

/** One connection has one framing, and the gateway's own channel is its owner's. */
function framingProblem({ name, port, driver }: ChannelSpec, keys: Keys): { readonly problem: string } | undefined {
  const wanted = framingOf(keys);
  const differs = wanted !== undefined && driver !== wanted && Object.values(MODES).includes(driver);
  return differs ? { problem: `the gateway's channel \`${name}\` to ${port} is ${driver}, not ${wanted}` } : undefined;
}

/** Undefined: its Device object does not say. */
function framingOf(keys: Keys): string | undefined {
  return MODES[keys.text('communicatemode')?.toLowerCase() ?? ''];
}

function portOf(keys: Keys): string | undefined {
  const port = keys.text('port');
  if (port?.includes('/')) return port;
  const ip = keys.text('ip');
  const mode = keys.text('communicatemode')?.toLowerCase();
  const path = keys.text('serialport', 'serialname');
  if (path !== undefined && (mode === 'rtu' || ip === undefined)) return path;
  if (ip === undefined) return undefined;
  return `tcp://${ip.includes(':') ? `[${ip}]` : ip}:${port ?? 502}`;
}

const PARITIES: Readonly<Record<string, string>> = { e: 'even', o: 'odd', n: 'none' };

function serialOf(keys: Keys): Record<string, unknown> {
  const parity = keys.text('parity')?.toLowerCase();
  const given = {
    baudRate: keys.number('baudrate'),
    dataBits: keys.number('databits'),
    parity: parity === undefined ? undefined : (PARITIES[parity] ?? parity),
    stopBits: keys.number('stopbits'),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== 0));
}

const MOST_NAME = 63;

/** Ports whose name alone tells them from each other, but for those that no machine has both of. */
const PLAIN = /^(\/dev\/tty[A-Za-z]+\d+|tcp:\/\/[a-z0-9.-]+:\d+)$/;

/** `/dev/ttyUSB0` is the line `ke-ttyusb0`; what a name cannot tell apart, as `AB_1` from `AB-1`, has a hash behind it. */
function lineName(port: string): string {
  const bare = port.replace(/^(tcp:\/\/|\/dev\/)/, '');
  const plain = bare.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-');
  const name = `ke-${plain}`;
  if (name.length <= MOST_NAME && (plain === bare || PLAIN.test(port))) return name;
  return `${name.slice(0, MOST_NAME - 9)}-${hashOf(port).slice(0, 8)}`;
}
