import { Fault } from '../core/faults.ts';
import type { Value } from '../core/reading.ts';
import { STANDARD_LIMITS } from '../devices/limits.ts';
import { type ModbusAddress, whyNotWritable } from '../devices/modbus/address.ts';
import { addressesOf, LINE_OPTIONS, LINE_USAGE, onLine, pointsAt } from './line-options.ts';
import { neededText, wholeOption } from './options.ts';
import type { Verb } from './verb.ts';

const LIMITS = { ...STANDARD_LIMITS, maxGap: 0 };

export const verb: Verb = {
  name: 'write',
  summary: 'write a register or coil of one device, once, and read it back',
  usage: `Usage: sluice write --port PORT --register R --value V [--unit N] [--table T] [--type T]

${LINE_USAGE}
      --value V             what to write

Writes once, reads it back and prints that.

Example: sluice write --port tcp://10.0.0.20:502 --unit 3 --register 41 --type int16 --scale 0.1 --value 55.5`,
  options: { ...LINE_OPTIONS, value: { type: 'string' } },

  async run({ values }, io) {
    const [address] = addressesOf(values, 1) as [ModbusAddress];
    const reason = whyNotWritable(address);
    if (reason !== undefined) throw new Fault('usage', reason);
    const value = toValue(neededText(values, 'value'), address);
    const unitId = wholeOption(values, 'unit', { least: 0, most: 255, preset: 1 });
    const points = pointsAt([address]);
    const back = await onLine(values, io, async (driver, line) => {
      const [point] = points;
      const [request] = driver.plan(points, LIMITS);
      if (point === undefined || request === undefined) throw new TypeError('one point makes one request');
      await driver.write?.(point, value, line, { unitId });
      return (await driver.read(request, line, { unitId })).get(point.name);
    });
    const shown = back?.quality === 'good' ? back.value : back?.fault;
    io.out(
      values.json === true
        ? JSON.stringify({ register: address.register, wrote: value, readBack: shown })
        : String(shown),
    );
    return back?.quality === 'good' ? 0 : 1;
  },
};

function toValue(text: string, { type }: ModbusAddress): Value {
  if (type === 'string') return text;
  if (type === 'bool') {
    if (/^(1|true|on)$/i.test(text)) return true;
    if (/^(0|false|off)$/i.test(text)) return false;
    throw new Fault('usage', '--value must be 1, 0, true, false, on or off');
  }
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new Fault('usage', `--value ${text} is no number`);
  return number;
}
