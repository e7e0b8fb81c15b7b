import type { Value } from './reading.ts';

/** What a value that is to be written must fit. */
export interface WriteLimits {
  readonly name: string;
  readonly writable: boolean;
  readonly kind: 'number' | 'boolean' | 'text';
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Values are a whole number of these from `min`, or from 0. */
  readonly step?: number | undefined;
  readonly unit?: string | undefined;
  /** Texts by value; none but these are written. */
  readonly enum?: Readonly<Record<string, unknown>> | undefined;
}

const KINDS = { number: 'number', boolean: 'boolean', text: 'string' } as const;

/** Why the value must not be written to the point; undefined if it may. What the device's type holds is the driver's business. */
export function whyNotWrite(point: WriteLimits, value: Value): string | undefined {
  const { name, writable, kind, min, max, step, enum: texts, unit = '' } = point;
  if (!writable) return `${name} is not \`writable\``;
  if (typeof value !== KINDS[kind]) return `${JSON.stringify(value)} is no ${kind}`;
  if (typeof value !== 'number') return undefined;
  if (!Number.isFinite(value)) return `${value} is no number`;
  if (min !== undefined && value < min) return `${value} is below the least that may be written, ${min} ${unit}`.trim();
  if (max !== undefined && value > max) return `${value} is above the most that may be written, ${max} ${unit}`.trim();
  if (step !== undefined && !isWhole((value - (min ?? 0)) / step))
    return `${value} is not in steps of ${step} ${unit}`.trim();
  const codes = Object.keys(texts ?? {});
  if (codes.length > 0 && !codes.includes(String(value))) return `${value} is none of ${codes.join(', ')}`;
  return undefined;
}

/** 0.3 / 0.1 is a little less than 3 in binary. */
function isWhole(quotient: number): boolean {
  return Math.abs(quotient - Math.round(quotient)) < 1e-6 * Math.max(1, Math.abs(quotient) * 1e-3);
}
