import type { Priority } from './alarm-token.tsx';

export interface Scale {
  readonly from: number;
  readonly to: number;
}

export interface Limit {
  readonly kind: 'above' | 'below';
  readonly at: number;
  readonly priority: Priority;
}

/** 0 to 1; what lies beyond the scale stands at its end. */
export function toShare(value: number, { from, to }: Scale): number {
  return to === from ? 0 : Math.min(1, Math.max(0, (value - from) / (to - from)));
}

/** A scale on which all limits stand, with room beyond them; `usual` where the quantity has one. */
export function scaleFor(limits: readonly Limit[], usual: Scale | undefined, value: number | null): Scale {
  const known = [...limits.map(({ at }) => at), ...(usual ? [usual.from, usual.to] : [])];
  if (known.length === 0) return { from: 0, to: roundUp(Math.abs(value ?? 1) * 1.5) };
  const least = Math.min(...known);
  const most = Math.max(...known);
  const room =
    usual && limits.every(({ at }) => at >= usual.from && at <= usual.to)
      ? 0
      : (most - least || Math.abs(most) || 1) * 0.2;
  return { from: tidy(least - room), to: tidy(most + room) };
}

function tidy(value: number): number {
  return Number(value.toPrecision(3));
}

function roundUp(value: number): number {
  if (value === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return Number((([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power).toPrecision(3));
}
