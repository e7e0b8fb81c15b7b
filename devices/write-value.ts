import { Fault } from '../core/faults.ts';
import type { Value } from '../core/reading.ts';
import type { PointSpec } from './plant-types.ts';

/** What somebody typed as a value of the point: a number, one of its texts in any language, on or off. Throws value-unfit. */
export function parseValue({ kind, enum: texts }: Pick<PointSpec, 'kind' | 'enum'>, text: string): Value {
  if (kind === 'text') return text;
  if (kind === 'boolean') {
    if (/^(1|true|on)$/i.test(text)) return true;
    if (/^(0|false|off)$/i.test(text)) return false;
    throw new Fault('value-unfit', `${text} is none of 1, 0, true, false, on, off`);
  }
  const named = Object.entries(texts ?? {}).find(([, titles]) => Object.values(titles).includes(text));
  const number = named ? Number(named[0]) : Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new Fault('value-unfit', `${text} is no number`);
  return number;
}

/** Why the value must not be written to the point; undefined if it may. What the type holds is the driver's business. */
export function whyNotWrite(point: PointSpec, value: Value): string | undefined {
  const { name, writable, min, max, enum: texts, unit = '' } = point;
  if (!writable) return `${name} is not \`writable\``;
  if (typeof value !== 'number') return undefined;
  if (min !== undefined && value < min) return `${value} is below the least that may be written, ${min} ${unit}`.trim();
  if (max !== undefined && value > max) return `${value} is above the most that may be written, ${max} ${unit}`.trim();
  const codes = Object.keys(texts ?? {});
  if (codes.length > 0 && !codes.includes(String(value))) return `${value} is none of ${codes.join(', ')}`;
  return undefined;
}
