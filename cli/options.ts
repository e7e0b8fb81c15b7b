import { parseTime } from '../core/clock.ts';
import { Fault } from '../core/faults.ts';
import type { Arguments } from './verb.ts';

type Values = Arguments['values'];

export function textOption(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** Throws usage if it is missing. */
export function neededText(values: Values, name: string): string {
  const text = textOption(values, name);
  if (text === undefined) throw new Fault('usage', `--${name} is missing`);
  return text;
}

/** A whole number within limits, or the default. Takes 0x… too. */
export function wholeOption(
  values: Values,
  name: string,
  limits: { least: number; most: number; preset?: number },
): number {
  const text = textOption(values, name);
  if (text === undefined && limits.preset !== undefined) return limits.preset;
  const number = Number(neededText(values, name));
  if (!Number.isInteger(number) || number < limits.least || number > limits.most) {
    throw new Fault('usage', `--${name} must be a whole number from ${limits.least} to ${limits.most}`);
  }
  return number;
}

/** One of a few words, or the default. */
export function choiceOption<T extends string>(values: Values, name: string, choices: readonly T[], preset: T): T {
  const text = textOption(values, name) ?? preset;
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new Fault('usage', `--${name} must be one of: ${choices.join(', ')}`);
  return found;
}

/** A time in Unix milliseconds, if there is one. */
export function timeOption(values: Values, name: string): number | undefined {
  const text = textOption(values, name);
  if (text === undefined) return undefined;
  const at = parseTime(text);
  if (at === undefined) throw new Fault('usage', `--${name} ${text}: expected ISO 8601 or Unix milliseconds`);
  return at;
}
