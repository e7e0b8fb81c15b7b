import { signal } from '@preact/signals';
import { ask } from '../../data/api.ts';
import { type Limit, limitsOf, type RuleTold } from './limits.ts';

/** Limits of all rules of the chosen points' gateways. */
export const limits = signal<readonly Limit[]>([]);

export async function loadLimits(gateways: readonly string[]): Promise<void> {
  const told = await Promise.all(
    gateways.map((gateway) => ask<{ rules: RuleTold[] }>(`/rules?gateway=${encodeURIComponent(gateway)}`)),
  );
  limits.value = limitsOf(told.flatMap(({ rules }) => rules));
}
