import { FAULTS, Fault } from '../core/faults.ts';
import type { Outcome, Value } from '../core/reading.ts';
import { whyNotWrite } from '../core/write-limits.ts';
import type { Line, WriteResult } from '../devices/driver.ts';
import { type ModbusAddress, whyNotWritable } from '../devices/modbus/address.ts';
import { findDriver } from '../devices/registry.ts';
import { parseValue } from '../devices/write-value.ts';
import { loadGatewaySettings } from '../gateway/settings.ts';
import { addressesOf, LINE_OPTIONS, LINE_USAGE, onLine, withChannel } from './line-options.ts';
import { neededText, textOption, wholeOption } from './options.ts';
import type { Arguments, Io, Verb } from './verb.ts';

export const verb: Verb = {
  name: 'write',
  summary: 'write a register or coil of one device, once, and read it back',
  usage: `Usage: sluice write --port PORT --register R --value V [--unit N] [--table T] [--type T]
       sluice write -c FILE --point DEVICE/POINT --value V

${LINE_USAGE}
  -c, --config FILE         a gateway.yaml that has the point, with its range and its texts
      --point NAME          a writable point of it
      --value V             what to write

Writes once, reads it back and says what became of it: done; refused by the device; the device holds something else;
or not known, since no answer came. Ends with 0 only when it is done, with 2 when the value does not fit the point.

Example: sluice write --port tcp://10.0.0.20:502 --unit 3 --register 41 --type int16 --scale 0.1 --value 55.5`,
  options: {
    ...LINE_OPTIONS,
    value: { type: 'string' },
    point: { type: 'string' },
    config: { type: 'string', short: 'c' },
  },

  async run({ values }, io) {
    const text = neededText(values, 'value');
    const { value, ...written } =
      textOption(values, 'point') === undefined
        ? await writeRegister(values, text, io)
        : await writePoint(neededText(values, 'point'), neededText(values, 'config'), text, io);
    const { result } = written;
    if (result.result === 'failed' && result.fault === 'value-unfit') {
      throw new Fault(result.fault, result.detail.replace(`${FAULTS[result.fault].text}: `, ''));
    }
    const isDone = result.result === 'done';
    if (values.json === true) io.out(JSON.stringify({ ...written.place, value, ...result }));
    else if (isDone) io.out(toWords(result));
    else io.err(`sluice: ${toWords(result)}`);
    return isDone ? 0 : 1;
  },
};

interface Written {
  readonly place: object;
  readonly value: Value;
  readonly result: WriteResult;
}

async function writeRegister(values: Arguments['values'], text: string, io: Io): Promise<Written> {
  const [address] = addressesOf(values, 1) as [ModbusAddress];
  const reason = whyNotWritable(address);
  if (reason !== undefined) throw new Fault('usage', reason);
  const value = parseValue({ kind: kindOf(address) }, text);
  const unitId = wholeOption(values, 'unit', { least: 0, most: 255, preset: 1 });
  const result = await onLine(values, io, (driver, line) => {
    if (driver.write === undefined) throw new TypeError('every Modbus driver writes');
    return driver.write({ name: 'value', address }, value, line, { unitId });
  });
  return { place: { table: address.table, register: address.register }, value, result };
}

function kindOf({ type }: ModbusAddress): 'text' | 'boolean' | 'number' {
  if (type === 'string') return 'text';
  return type === 'bool' ? 'boolean' : 'number';
}

async function writePoint(name: string, file: string, text: string, io: Io): Promise<Written> {
  const { plant } = await loadGatewaySettings(file);
  const [deviceName, pointName] = name.split('/');
  const device = plant.devices.find((candidate) => candidate.name === deviceName);
  const point = device?.points.find((candidate) => candidate.name === pointName);
  const channel = plant.channels.find((candidate) => candidate.name === device?.channel);
  if (device === undefined || point === undefined || channel === undefined)
    throw new Fault('not-found', `point ${name}`);
  const value = parseValue(point, text);
  const reason = whyNotWrite(point, value);
  if (reason !== undefined) throw new Fault('value-unfit', reason);
  const driver = findDriver(device.driver);
  const work = (line: Line): Promise<WriteResult> => {
    if (driver?.write === undefined)
      throw new TypeError(`settings let ${name} pass, which ${device.driver} cannot write`);
    return driver.write(point, value, line, device);
  };
  const result = await withChannel(channel, io, work, {
    driver: device.driver,
    timeoutMs: device.timeoutMs ?? channel.timeoutMs,
    ...(device.serial === undefined ? {} : { serial: device.serial }),
  });
  return { place: { point: name }, value, result };
}

function toWords(result: WriteResult): string {
  switch (result.result) {
    case 'done':
      if (result.readBack === undefined) return 'done; this point is not read back';
      if (result.readBack.quality === 'good') return `done: the device holds ${result.readBack.value}`;
      return `done, but reading it back failed: ${FAULTS[result.readBack.fault].text}`;
    case 'differs':
      return `the device took it, but holds ${held(result.readBack)}, not ${result.wrote}`;
    case 'refused':
      return `refused by the device, exception ${result.exception}: ${result.detail}\n  → ${FAULTS[result.fault].action}`;
    case 'unknown':
      return `not known whether it was written: ${result.detail}\n  → Read the point before you write again`;
    case 'failed':
      return `not written: ${result.detail}\n  → ${FAULTS[result.fault].action}`;
  }
}

function held(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'something else';
  return outcome.quality === 'good' ? String(outcome.value) : `no value (${FAULTS[outcome.fault].text})`;
}
