import { computed } from '@preact/signals';
import { type Address, address, goTo } from '../../app/address.ts';

export const RANGES = ['15m', '1h', '24h', '7d'] as const;
export type Range = (typeof RANGES)[number];

const MINUTE = 60_000;
export const RANGE_MS: Readonly<Record<Range, number>> = {
  '15m': 15 * MINUTE,
  '1h': 60 * MINUTE,
  '24h': 24 * 60 * MINUTE,
  '7d': 7 * 24 * 60 * MINUTE,
};

export interface Place {
  /** Its trend is open. */
  readonly point?: string;
  readonly range: Range;
}

export const place = computed(() => placeOf(address.value));

export function placeOf({ rest, query }: Pick<Address, 'rest' | 'query'>): Place {
  const range = RANGES.find((name) => name === query.range) ?? '15m';
  return rest.length === 0 ? { range } : { point: rest.join('/'), range };
}

export function addressOf({ point, range }: Place): Address {
  return point === undefined
    ? { page: 'points', rest: [], query: {} }
    : { page: 'points', rest: point.split('/'), query: { range } };
}

export function go(to: Partial<Place>): void {
  goTo(addressOf({ ...place.value, ...to }));
}

export function closeTrend(): void {
  goTo(addressOf({ range: place.value.range }));
}
