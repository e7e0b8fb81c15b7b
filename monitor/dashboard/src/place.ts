import { signal } from '@preact/signals';

export const RANGES = ['15m', '1h', '24h', '7d'] as const;
export type Range = (typeof RANGES)[number];

const MINUTE = 60_000;
export const RANGE_MS: Readonly<Record<Range, number>> = {
  '15m': 15 * MINUTE,
  '1h': 60 * MINUTE,
  '24h': 24 * 60 * MINUTE,
  '7d': 7 * 24 * 60 * MINUTE,
};

/** Width of a step of the chart; left out: every reading. */
export const STEP_MS: Readonly<Partial<Record<Range, number>>> = { '24h': 2 * MINUTE, '7d': 15 * MINUTE };

export interface Place {
  readonly point?: string;
  readonly range: Range;
}

/** Where in the page one is. It stands in the address, so that a link in a message opens the same view. */
export const place = signal<Place>(parsePlace(globalThis.location?.hash ?? ''));

export function parsePlace(hash: string): Place {
  const [point = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const wanted = new URLSearchParams(search).get('range');
  const range = RANGES.find((name) => name === wanted) ?? '15m';
  return point === '' ? { range } : { point: decodeURI(point), range };
}

export function placeHash({ point, range }: Place): string {
  return point === undefined ? '#/' : `#/${encodeURI(point)}?range=${range}`;
}

export function go(to: Partial<Place> & { readonly point?: string }): void {
  location.hash = placeHash({ ...place.value, ...to });
}

export function closeTrend(): void {
  location.hash = placeHash({ range: place.value.range });
}

export function followAddress(): void {
  addEventListener('hashchange', () => {
    place.value = parsePlace(location.hash);
  });
}
