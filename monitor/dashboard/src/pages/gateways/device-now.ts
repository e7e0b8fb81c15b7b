import type { Device } from '../../data/api.ts';
import { lastOf, points, stateOf } from '../../data/store.ts';
import type { MarkShape } from '../../kit/mark.tsx';
import { type DeviceState, type DeviceStats, deviceState, deviceStats } from './device-stats.ts';
import { tg } from './texts.ts';

/** As the hub sees it this second. */
export function statsOf({ gateway, name }: Device): DeviceStats {
  const own = (points.value ?? []).filter((point) => point.gateway === gateway && point.device === name);
  return deviceStats(own.map((point) => ({ point, state: stateOf(point), last: lastOf(point.id).value })));
}

export const DEVICE_MARK: Readonly<Record<DeviceState, readonly [MarkShape, string]>> = {
  well: ['circle', 'quiet'],
  doubtful: ['diamond', 'medium'],
  silent: ['triangle', 'high'],
  empty: ['ring', 'stale'],
};

export function stateText(stats: DeviceStats): string {
  const state = deviceState(stats);
  return state === 'doubtful' ? tg('dev.doubtful', { n: stats.doubtful, all: stats.all }) : tg(`dev.${state}`);
}
