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

export const ALARM_TABS = ['active', 'unacked', 'shelved', 'history', 'health'] as const;
export type AlarmTab = (typeof ALARM_TABS)[number];

export interface Place {
  /** The alarms are shown instead of the points. */
  readonly alarms?: AlarmTab;
  readonly point?: string;
  readonly range: Range;
}

/** Where in the page one is. It stands in the address, so that a link in a message opens the same view. */
export const place = signal<Place>(parsePlace(globalThis.location?.hash ?? ''));

export function parsePlace(hash: string): Place {
  const [point = '', search = ''] = hash.replace(/^#\/?/, '').split('?');
  const query = new URLSearchParams(search);
  const wanted = query.get('range');
  const tab = ALARM_TABS.find((name) => name === query.get('tab')) ?? 'active';
  const range = RANGES.find((name) => name === wanted) ?? '15m';
  if (point === 'alarms') return { range, alarms: tab };
  return point === '' ? { range } : { point: decodeURI(point), range };
}

export function placeHash({ point, range, alarms }: Place): string {
  if (alarms !== undefined) return `#/alarms?tab=${alarms}`;
  return point === undefined ? '#/' : `#/${encodeURI(point)}?range=${range}`;
}

export function go(to: Partial<Place> & { readonly point?: string }): void {
  const { alarms: _, ...here } = place.value;
  location.hash = placeHash({ ...here, ...to });
}

export function closeTrend(): void {
  location.hash = placeHash({ range: place.value.range });
}

export function followAddress(): void {
  addEventListener('hashchange', () => {
    place.value = parsePlace(location.hash);
  });
}
