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
