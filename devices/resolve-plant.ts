import { dirname, resolve } from 'node:path';
import { type Loaded, type Path, type Problem, SettingsFault } from '../core/settings.ts';
import { nearest } from '../core/suggest.ts';
import { parseTcpPort } from './channels/tcp-address.ts';
import type { ChannelGiven, DeviceGiven, PlantSettings } from './plant.ts';
import type { ChannelSpec, DeviceSpec, Plant } from './plant-types.ts';
import { ProfileLibrary } from './profile-library.ts';
import type { Profile } from './profile-schema.ts';
import { DRIVERS, findDriver } from './registry.ts';
import { resolveDevice, unknownDriver } from './resolve-device.ts';
import { defined, type Report } from './resolve-point.ts';

/** Drivers whose devices have no other address than a station. */
const STATIONS_ONLY: readonly string[] = ['dlt645', 'iec62056'];

/** Between two protocols; longer than any frame silence, short beside an exchange. */
const DEFAULT_SETTLE_MS = 50;

export interface ResolveOptions {
  /** The configuration file: `profilesDir:` is relative to its folder. */
  readonly file?: string;
}

/** Applies profiles and defaults, and finds every problem that the schema alone cannot see. With problems the plant has holes. */
export async function resolvePlant(
  loaded: Loaded<PlantSettings>,
  { file = '' }: ResolveOptions = {},
): Promise<{ plant: Plant; problems: Problem[] }> {
  const { channels, devices, profilesDir } = loaded.value;
  const library = await ProfileLibrary.open(
    profilesDir === undefined ? undefined : resolve(dirname(file), profilesDir),
  );
  const problems: Problem[] = [];
  const reportAt =
    (place: Path): Report =>
    (path, message, suggestion) =>
      problems.push(loaded.problem([...place, ...path], message, suggestion));

  findTwins('channels', channels, reportAt);
  findTwins('devices', devices, reportAt);
  findSharedPorts(channels, reportAt);
  const channelSpecs = channels.flatMap((given, i) => resolveChannel(given, reportAt(['channels', i])) ?? []);
  const specs: DeviceSpec[] = [];
  for (const [i, given] of devices.entries()) {
    const report = reportAt(['devices', i]);
    const channel = findChannel(given, channels, report);
    const profile = await findProfile(given, library, problems, report);
    const channelDriver = channel && findDriver(channel.driver);
    if (channel === undefined || channelDriver === undefined || profile === 'broken') continue;
    const reportProfile: Report = (path, ...rest) => profile && addOnce(problems, profile.problem(path, ...rest));
    const spec = resolveDevice(given, { channel, channelDriver, profile, report, reportProfile });
    if (spec) specs.push(spec);
  }
  findNameless(specs, devices, reportAt);
  return { plant: { channels: channelSpecs, devices: specs }, problems };
}

function findTwins(
  kind: string,
  things: readonly { readonly name: string }[],
  reportAt: (place: Path) => Report,
): void {
  const seen = new Set<string>();
  things.forEach(({ name }, i) => {
    if (seen.has(name)) reportAt([kind, i])(['name'], `there are two ${kind} named \`${name}\``);
    seen.add(name);
  });
}

/** A meter that answers to any address answers together with its neighbours. */
function findNameless(
  specs: readonly DeviceSpec[],
  given: readonly DeviceGiven[],
  reportAt: (place: Path) => Report,
): void {
  for (const spec of specs) {
    const answersToAny = findDriver(spec.driver)?.station?.safeParse(undefined).data === spec.station;
    const speaksAlone = !specs.some(
      (one) => one !== spec && one.channel === spec.channel && one.driver === spec.driver,
    );
    if (!STATIONS_ONLY.includes(spec.driver) || !answersToAny || speaksAlone) continue;
    const place = given.findIndex(({ name }) => name === spec.name);
    reportAt(['devices', place])(['station'], `is missing: ${spec.driver} has several devices on \`${spec.channel}\``);
  }
}

/** A serial port opens once: the second channel would be busy for ever. */
function findSharedPorts(channels: readonly ChannelGiven[], reportAt: (place: Path) => Report): void {
  channels.forEach(({ port }, i) => {
    const first = channels.find((channel) => channel.port === port);
    if (first !== channels[i] && port.startsWith('/'))
      reportAt(['channels', i])(['port'], `channel \`${first?.name}\` has this port: one channel, several devices`);
  });
}

function resolveChannel(given: ChannelGiven, report: Report): ChannelSpec | undefined {
  const { name, port, baudRate, dataBits, parity, stopBits } = given;
  const driver = findDriver(given.driver);
  if (driver === undefined) {
    const names = DRIVERS.map((known) => known.name);
    const near = nearest(given.driver, names);
    report(['driver'], unknownDriver(given.driver), near ? `did you mean \`${near}\`?` : `one of: ${names.join(', ')}`);
    return undefined;
  }
  const tcp = parseTcpPort(port);
  if (port.includes('://') && tcp === undefined) report(['port'], `\`${port}\` is not of the form tcp://host:port`);
  else if (tcp === undefined && !port.startsWith('/')) report(['port'], 'is neither /dev/… nor tcp://host:port');
  checkLine(given, driver.name, tcp !== undefined, report);
  return {
    name,
    driver: driver.name,
    port,
    serial: { baudRate, dataBits, parity, stopBits },
    timeoutMs: given.timeout,
    maxInFlight: given.maxInFlight,
    silentShare: given.silentShare,
    settleMs: given.settle ?? DEFAULT_SETTLE_MS,
    echo: given.echo,
    ...defined({ connectPauseMs: given.connectPause, closeAfterMs: given.closeAfter }),
    followsSpeed: given.followsSpeed,
  };
}

function checkLine(given: ChannelGiven, driver: string, isTcp: boolean, report: Report): void {
  if (driver === 'modbus-tcp' && given.port.startsWith('/'))
    report(['port'], 'modbus-tcp needs tcp://host:port', 'driver modbus-rtu is for serial ports');
  if (given.maxInFlight > 1 && driver !== 'modbus-tcp') report(['maxInFlight'], 'only modbus-tcp takes more than 1');
  if (given.echo && driver === 'modbus-tcp') report(['echo'], 'is for serial lines; modbus-tcp has none');
  if (given.followsSpeed && !isTcp)
    report(['followsSpeed'], 'is for device servers (tcp://…): a serial port is set anyway');
}

function findChannel(given: DeviceGiven, channels: readonly ChannelGiven[], report: Report): ChannelGiven | undefined {
  const channel = channels.find(({ name }) => name === given.channel);
  if (channel) return channel;
  const names = channels.map(({ name }) => name);
  const near = nearest(given.channel, names);
  const hint = near ? `did you mean \`${near}\`?` : names.length > 0 ? `one of: ${names.join(', ')}` : undefined;
  report(['channel'], `there is no channel \`${given.channel}\``, hint);
  return undefined;
}

async function findProfile(
  given: DeviceGiven,
  library: ProfileLibrary,
  problems: Problem[],
  report: Report,
): Promise<Loaded<Profile> | undefined | 'broken'> {
  if (given.profile === undefined) return undefined;
  try {
    const profile = await library.find(given.profile);
    if (profile) return profile;
    const near = nearest(given.profile, library.names);
    const hint = near ? `did you mean \`${near}\`?` : '`sluice profiles list` shows them all';
    report(['profile'], `there is no profile \`${given.profile}\``, hint);
  } catch (error) {
    if (!(error instanceof SettingsFault)) throw error;
    for (const problem of error.problems) addOnce(problems, problem);
  }
  return 'broken';
}

/** Ten devices of one profile have its mistake once. */
function addOnce(problems: Problem[], problem: Problem): void {
  const known = problems.some(
    ({ file, line, message }) => file === problem.file && line === problem.line && message === problem.message,
  );
  if (!known) problems.push(problem);
}
