import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { Fault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import type { Value } from '../../core/reading.ts';
import { serialTiming } from '../channels/serial-timing.ts';
import { parseTcpPort } from '../channels/tcp-address.ts';
import type { ChannelSpec, Plant } from '../plant-types.ts';
import { serveDlt645 } from './dlt645-server.ts';
import { serveIec62056 } from './iec62056-server.ts';
import { serveMbus } from './mbus-server.ts';
import { serveModbusRtu } from './modbus-rtu-server.ts';
import { ModbusSlaves } from './modbus-slave.ts';
import { serveModbusTcp } from './modbus-tcp-server.ts';
import { openPty, socatInstalled } from './pty.ts';
import { SilenceWitness } from './silence-witness.ts';
import { type OnServe, SimDevice, type SimFault } from './sim-device.ts';
import { serveText } from './text-server.ts';

export interface SimulatorOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Address to listen on. */
  readonly listen?: string;
  readonly seed?: number;
  /** Where pseudo-terminals for serial channels go; left out, or without socat, they are served as tcp:// instead. */
  readonly ptyDir?: string;
  /** oracle: each value names its point and its reading, see oracle.ts. */
  readonly values?: 'plausible' | 'oracle';
  readonly onServe?: OnServe;
  /** Serve tcp:// channels at the port numbers they have in the configuration, where those are above 1023 and free. */
  readonly samePorts?: boolean;
}

export interface Simulator {
  /** What to write into `port:` to reach each channel. */
  readonly endpoints: readonly { readonly channel: string; readonly port: string }[];
  readonly devices: readonly SimDevice[];
  /** What each line of Modbus RTU has seen of its master. */
  readonly witnesses: ReadonlyMap<string, SilenceWitness>;
  /** Throws not-found for a device that is not there. `undefined` heals it. */
  setFault(device: string, fault: SimFault | undefined): void;
  /** What a point shows from now on. Throws not-found. `undefined` lets it move again. */
  setValue(device: string, point: string, value: Value | undefined): void;
  stop(): Promise<void>;
}

/** Serves every device of a plant, as its profile describes it. */
export async function startSimulator(plant: Plant, options: SimulatorOptions): Promise<Simulator> {
  const { clock, seed = 1, values = 'plausible', onServe } = options;
  const timeouts = new Map(plant.channels.map((channel) => [channel.name, channel.timeoutMs]));
  let index = 0;
  const devices = plant.devices.map((spec) => {
    const device = new SimDevice(spec, index, timeouts.get(spec.channel) ?? 1000, { clock, seed, values, onServe });
    index += device.points.length;
    return device;
  });
  const stopping = new AbortController();
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    stopping.abort();
    for (const end of stops.reverse()) await end();
  };
  const endpoints: { channel: string; port: string }[] = [];
  const witnesses = new Map<string, SilenceWitness>();
  try {
    for (const channel of plant.channels) {
      const own = devices.filter(({ spec }) => spec.channel === channel.name);
      const port = await serveChannel(channel, own, { options, stops, witnesses, signal: stopping.signal });
      endpoints.push({ channel: channel.name, port });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const find = (name: string) => {
    const device = devices.find(({ spec }) => spec.name === name);
    if (device === undefined) throw new Fault('not-found', `device ${name}`);
    return device;
  };
  return {
    endpoints,
    devices,
    witnesses,
    stop,
    setFault(name, fault) {
      find(name).fault = fault;
    },
    setValue(name, pointName, value) {
      const point = find(name).points.find(({ spec }) => spec.name === pointName);
      if (point === undefined) throw new Fault('not-found', `point ${name}/${pointName}`);
      point.write(value);
    },
  };
}

interface Scene {
  readonly options: SimulatorOptions;
  readonly stops: (() => Promise<void>)[];
  readonly witnesses: Map<string, SilenceWitness>;
  readonly signal: AbortSignal;
}

async function serveChannel(channel: ChannelSpec, devices: readonly SimDevice[], scene: Scene): Promise<string> {
  const { options, stops } = scene;
  const host = options.listen ?? '127.0.0.1';
  const wanted = parseTcpPort(channel.port);
  const serve = talker(channel, devices, scene);
  const server = await listenAt(serve, host, options.samePorts === true ? wanted?.port : undefined);
  stops.push(server.stop);
  if (wanted === undefined && options.ptyDir !== undefined && socatInstalled()) {
    const link = join(options.ptyDir, channel.name);
    stops.push(await openPty(link, { host, port: server.port }, options.clock));
    return link;
  }
  return `tcp://${host}:${server.port}`;
}

/** What is spoken on a channel: several protocols may share a serial line, each ignores what is not for it. */
function talker(
  channel: ChannelSpec,
  devices: readonly SimDevice[],
  { options, witnesses, signal }: Scene,
): (socket: Socket) => void {
  const { clock } = options;
  const timing = serialTiming(channel.serial);
  const witness = new SilenceWitness(timing.silenceMs);
  const parts = { clock, timing, signal, witness };
  const speaking = (driver: string) => devices.filter(({ spec }) => spec.driver === driver);
  const modbus = devices.filter(({ spec }) => spec.driver.startsWith('modbus-'));
  const slaves = new ModbusSlaves(modbus, clock);
  if (modbus.length > 0 && channel.driver !== 'modbus-tcp') witnesses.set(channel.name, witness);
  const [text, dlt645] = [speaking('text-line'), speaking('dlt645')];
  const [mbus, iec62056] = [speaking('mbus'), speaking('iec62056')];
  return (socket) => {
    if (channel.driver === 'modbus-tcp') return serveModbusTcp(socket, slaves, clock);
    if (modbus.length > 0) serveModbusRtu(socket, slaves, parts);
    if (text.length > 0) serveText(socket, text, parts);
    if (dlt645.length > 0) serveDlt645(socket, dlt645, parts);
    if (mbus.length > 0) serveMbus(socket, mbus, parts);
    if (iec62056.length > 0) serveIec62056(socket, iec62056, { ...parts, serial: channel.serial });
  };
}

const FIRST_FREE_PORT = 1024;

/** At the port wished for, or at any other if that one is taken or kept for root. */
async function listenAt(
  serve: (socket: Socket) => void,
  host: string,
  wished: number | undefined,
): Promise<{ port: number; stop: () => Promise<void> }> {
  if (wished === undefined || wished < FIRST_FREE_PORT) return listen(serve, host);
  return listen(serve, host, wished).catch(() => listen(serve, host));
}

async function listen(
  serve: (socket: Socket) => void,
  host: string,
  port = 0,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new Fault('port-taken', `${host}:${port}`, { cause })));
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
