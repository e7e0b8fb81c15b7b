import { stringify } from 'yaml';
import { Fault, isFault } from '../core/faults.ts';
import { quietLog } from '../core/log.ts';
import { parseDuration } from '../core/units.ts';
import { openChannel } from '../devices/channels/open-channel.ts';
import { parseTcpPort } from '../devices/channels/tcp-address.ts';
import type { Driver, SerialSettings } from '../devices/driver.ts';
import { modbusRtu, modbusTcp } from '../devices/modbus/driver.ts';
import { ProfileLibrary } from '../devices/profile-library.ts';
import { candidatesFor } from '../devices/scan/identify.ts';
import { type ScanReport, scanUnits } from '../devices/scan/scan.ts';
import { COMMON_PARITIES, COMMON_SPEEDS, serialSettings } from '../devices/scan/settings.ts';
import { parseUnits } from '../devices/scan/units.ts';
import { neededText, textOption } from './options.ts';
import { stepBar } from './progress.ts';
import type { Arguments, Io, Verb } from './verb.ts';

type Values = Arguments['values'];

/** One way that a line can be set, and what was found with it. */
interface Sweep extends ScanReport {
  readonly serial: SerialSettings;
}

const PARITIES = ['none', 'even', 'odd'] as const;

export const verb: Verb = {
  name: 'scan',
  summary: 'which devices answer, at which speed, and what they likely are',
  usage: `Usage: sluice scan --port PORT [--baud LIST] [--parity LIST] [--units LIST]

      --port PORT       /dev/… or tcp://host:port
      --driver NAME     modbus-rtu or modbus-tcp (default: by the port)
      --baud LIST       speeds to try on a serial line (default 9600,19200,115200)
      --parity LIST     none, even, odd (default none,even)
      --units LIST      unit ids, as 1-32,100 (default 1-247)
      --timeout TIME    how long to wait for each (default 200ms)
      --all             try every speed and parity, also after devices were found
      --profiles DIR    a folder with profiles of your own
      --json            machine form

It only reads. On a serial line each silent unit costs a time-out twice: 1-247 at one speed take about 100 s.
A line that a gateway holds is busy: stop the gateway first.

Example: sluice scan --port /dev/serial/by-id/usb-xyz --units 1-32`,
  options: {
    port: { type: 'string' },
    driver: { type: 'string' },
    baud: { type: 'string' },
    parity: { type: 'string' },
    units: { type: 'string' },
    timeout: { type: 'string' },
    all: { type: 'boolean' },
    profiles: { type: 'string' },
    json: { type: 'boolean' },
  },

  async run({ values }, io) {
    const port = neededText(values, 'port');
    const driver = driverOf(values, port);
    const settings = settingsOf(values, port);
    const units = parseUnits(textOption(values, 'units') ?? '1-247');
    if (units.includes(0) && driver.name === modbusRtu.name)
      throw new Fault('usage', 'unit 0 speaks to all devices of a line at once, and none answers: 1 to 247');
    const timeoutMs = parseDuration(textOption(values, 'timeout') ?? '200ms');
    if (timeoutMs === undefined) throw new Fault('usage', '--timeout must be a duration such as 200ms');
    const candidates = await candidatesFor(driver, await ProfileLibrary.open(textOption(values, 'profiles')));
    const bar = stepBar(settings.length * units.length, io.clock);
    const sweeps: Sweep[] = [];
    for (const serial of settings) {
      const at = isSerial(port) ? ` ${textOf(serial)}` : '';
      const report = await sweep({ port, driver, serial, units, candidates, timeoutMs }, io, (unit) =>
        bar.step(`unit ${unit}${at}, found ${count(sweeps)}`),
      );
      sweeps.push({ serial, ...report });
      // Devices of one line share its speed.
      if (report.found.length > 0 && values.all !== true) break;
    }
    bar.end();
    if (values.json === true) io.out(JSON.stringify(sweeps));
    else tell(io, port, driver, sweeps);
    return count(sweeps) > 0 ? 0 : 1;
  },
};

interface SweepOptions {
  readonly port: string;
  readonly driver: Driver;
  readonly serial: SerialSettings;
  readonly units: readonly number[];
  readonly candidates: Awaited<ReturnType<typeof candidatesFor>>;
  readonly timeoutMs: number;
}

async function sweep(
  { port, driver, serial, timeoutMs, ...rest }: SweepOptions,
  io: Io,
  onUnit: (unit: number) => void,
): Promise<ScanReport> {
  const spec = { name: 'line', driver: driver.name, port, serial, timeoutMs, maxInFlight: 1, silentShare: 1 };
  const channel = openChannel(spec, { clock: io.clock, log: quietLog });
  const stopping = new AbortController();
  const done = channel.run(AbortSignal.any([io.signal, stopping.signal]));
  try {
    return await scanUnits({ ...rest, channel, driver, timeoutMs, signal: io.signal, onUnit });
  } catch (error) {
    if (isFault(error, 'port-busy')) throw new Fault('port-busy', `${port} (a running gateway?)`);
    throw error;
  } finally {
    stopping.abort();
    await done;
  }
}

function tell(io: Io, port: string, driver: Driver, sweeps: readonly Sweep[]): void {
  for (const { serial, found, garbled } of sweeps) {
    const at = isSerial(port) ? `${textOf(serial)}: ` : '';
    for (const { unitId, likely } of found) io.out(`${at}unit ${unitId}\t${likelyText(likely)}`);
    if (garbled.length > 0) {
      io.err(
        `${at}something talks at ${garbled.length} units and cannot be understood: another speed or parity, or two devices of one number`,
      );
    }
  }
  if (count(sweeps) === 0) {
    io.err('nobody answers: check A and B, the terminator, the speed and the unit ids; --all tries every setting');
    return;
  }
  io.out(`\n# for gateway.yaml\n${configurationOf(port, driver, sweeps)}`);
}

function likelyText(likely: ScanReport['found'][number]['likely']): string {
  if (likely.length === 0) return 'answers; no profile of the library knows it';
  return likely.map(({ profile, isProven }) => (isProven ? profile : `likely ${profile}`)).join(', or ');
}

/** What to paste. */
function configurationOf(port: string, driver: Driver, sweeps: readonly Sweep[]): string {
  const { serial, found } = sweeps.find((each) => each.found.length > 0) as Sweep;
  const { baudRate, parity, stopBits } = serial;
  const line = isSerial(port) ? { baudRate, parity, stopBits } : {};
  return stringify({
    channels: [{ name: 'bus-a', driver: driver.name, port, ...line }],
    devices: found.map(({ unitId, likely: [first] }) => {
      const what = first ? { profile: first.profile } : { points: { first: FIRST_POINT } };
      return { name: `device-${unitId}`, channel: 'bus-a', unitId, ...what };
    }),
  }).trimEnd();
}

const FIRST_POINT = { address: { table: 'holding', register: 0, type: 'uint16' } };

function count(sweeps: readonly Sweep[]): number {
  return sweeps.reduce((sum, { found }) => sum + found.length, 0);
}

function isSerial(port: string): boolean {
  return parseTcpPort(port) === undefined;
}

function textOf({ baudRate, dataBits, parity, stopBits }: SerialSettings): string {
  return `${baudRate} ${dataBits}${parity[0]?.toUpperCase()}${stopBits}`;
}

function driverOf(values: Values, port: string): Driver {
  const name = textOption(values, 'driver') ?? (isSerial(port) ? 'modbus-rtu' : 'modbus-tcp');
  if (name !== modbusRtu.name && name !== modbusTcp.name)
    throw new Fault('usage', '--driver must be one of: modbus-rtu, modbus-tcp');
  return (name === modbusTcp.name ? modbusTcp : modbusRtu) as unknown as Driver;
}

/** Every speed with every parity; over TCP there is nothing to set. */
function settingsOf(values: Values, port: string): SerialSettings[] {
  const bauds = (textOption(values, 'baud') ?? COMMON_SPEEDS.join()).split(',').map(Number);
  if (bauds.some((baud) => !Number.isInteger(baud) || baud < 300 || baud > 4_000_000))
    throw new Fault('usage', '--baud must be speeds such as 9600,19200');
  const wanted = (textOption(values, 'parity') ?? COMMON_PARITIES.join()).split(',');
  const parities = PARITIES.filter((parity) => wanted.includes(parity));
  if (parities.length !== wanted.length) throw new Fault('usage', '--parity must be of: none, even, odd');
  const all = serialSettings(bauds, parities);
  return isSerial(port) ? all : all.slice(0, 1);
}
