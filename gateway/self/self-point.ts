import { bad, good, type Outcome } from '../../core/reading.ts';
import type { Rule } from '../../core/rules/rule.ts';
import type { Titles } from '../../core/units.ts';
import type { PointSpec } from '../../devices/plant-types.ts';

/** How often the gateway looks at itself. */
export const EVERY_MS = 10_000;
/** A value that stays as it is, is kept this often. */
const MAX_SILENCE_MS = 600_000;

/** Something the gateway knows of itself. */
export interface SelfPoint {
  readonly spec: PointSpec;
  readonly rules: readonly Rule[];
  /** Undefined: nothing is known now. */
  read(): number | boolean | undefined | Promise<number | boolean | undefined>;
}

interface Given {
  readonly name: string;
  readonly title: Titles;
  readonly unit?: string;
  /** Of numbers. */
  readonly deadband?: number;
  readonly alarm?: Pick<Rule, 'condition' | 'onDelayMs' | 'priority' | 'text' | 'action'>;
}

export function selfPoint({ name, title, unit, deadband, alarm }: Given, read: SelfPoint['read']): SelfPoint {
  const isNumber = deadband !== undefined;
  const spec: PointSpec = {
    ...{ name, title, address: {}, kind: isNumber ? 'number' : 'boolean', type: isNumber ? 'float64' : 'bool' },
    ...{ rhythm: { everyMs: EVERY_MS }, deadband: deadband ?? 0, maxSilenceMs: MAX_SILENCE_MS, writable: false },
    ...(unit === undefined ? {} : { unit }),
  };
  const rules = alarm ? [{ ...alarm, id: `${name}/${alarm.condition.kind}`, point: name }] : [];
  return { spec, rules, read };
}

/** A disk that no longer answers is a fault of its point, not the end of the gateway. */
export async function outcomeOf(point: SelfPoint): Promise<Outcome> {
  try {
    const value = await point.read();
    return value === undefined || Number.isNaN(value) ? bad('no-value') : good(value);
  } catch {
    return bad('no-value');
  }
}

export const above = (limit: number, deadband: number): Rule['condition'] => ({ kind: 'above', limit, deadband });
export const below = (limit: number, deadband: number): Rule['condition'] => ({ kind: 'below', limit, deadband });
