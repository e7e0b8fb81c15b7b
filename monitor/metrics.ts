import type { Metrics } from '../core/metrics.ts';

/** The hub's own figures, read when asked for. Names are listed in docs/metrics.md. */
export function watchMonitor(
  metrics: Metrics,
  from: { feed: { readonly listeners: number }; points: { list(): readonly unknown[] } },
): void {
  const { feed, points } = from;
  metrics.withProcess();
  metrics.follow('gauge', 'sluice_hub_stream_listeners', 'Pages and programs on the live stream', () => feed.listeners);
  metrics.follow('gauge', 'sluice_hub_points', 'Points in the newest catalogues', () => points.list().length);
}
