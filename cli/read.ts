import { FAULTS } from '../core/faults.ts';
import type { Outcome } from '../core/reading.ts';
import { STANDARD_LIMITS } from '../devices/limits.ts';
import { addressesOf, LINE_OPTIONS, LINE_USAGE, onLine, pointsAt } from './line-options.ts';
import { choiceOption, wholeOption } from './options.ts';
import type { Verb } from './verb.ts';

const LIMITS = { ...STANDARD_LIMITS, maxGap: 0 };

export const verb: Verb = {
  name: 'read',
  summary: 'read registers of one device, once',
  usage: `Usage: sluice read --port PORT --register R [--unit N] [--table T] [--count N] [--type T]

${LINE_USAGE}
      --count N             values in a row (default 1)

A line that a gateway holds is busy: stop the gateway, or look at its page instead.

Example: sluice read --port /dev/ttyUSB0 --unit 1 --table input --register 0 --type float32`,
  options: { ...LINE_OPTIONS, count: { type: 'string' } },

  async run({ values }, io) {
    const addresses = addressesOf(values, wholeOption(values, 'count', { least: 1, most: 2000, preset: 1 }));
    const unitId = wholeOption(values, 'unit', { least: 0, most: 255, preset: 1 });
    const table = choiceOption(values, 'table', ['coil', 'discrete', 'holding', 'input'], 'holding');
    const answers = await onLine(values, io, async (driver, line) => {
      const got: [string, Outcome][] = [];
      for (const request of driver.plan(pointsAt(addresses), LIMITS)) {
        got.push(...(await driver.read(request, line, { unitId })));
      }
      return got;
    });
    if (values.json === true) {
      io.out(JSON.stringify(answers.map(([register, outcome]) => ({ table, register: Number(register), ...outcome }))));
    } else {
      for (const [register, outcome] of answers) io.out(`${table} ${register}\t${shown(outcome)}`);
    }
    return answers.every(([, { quality }]) => quality === 'good') ? 0 : 1;
  },
};

function shown(outcome: Outcome): string {
  return outcome.quality === 'good' ? String(outcome.value) : `${outcome.fault}: ${FAULTS[outcome.fault].text}`;
}
