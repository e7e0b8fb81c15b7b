import type { Metrics } from '../core/metrics.ts';

/** The hub's own figures, read when asked for. Names are listed in docs/metrics.md. */
export function watchMonitor(
  metrics: Metrics,
  from: {
    feed: { readonly listeners: number };
    points: { list(): readonly unknown[] };
    database: { memory(): Promise<number> };
  },
): { readonly mismatches: { inc(value?: number): void } } {
  const { feed, points, database } = from;
  metrics.withProcess();
  metrics.follow('gauge', 'sluice_hub_stream_listeners', 'Pages and programs on the live stream', () => feed.listeners);
  metrics.follow('gauge', 'sluice_hub_points', 'Points in the newest catalogues', () => points.list().length);
  const holds = 'What the archive keeps in memory: its newest rows and a cache of older ones, which grows to its limit';
  metrics.ask('sluice_archive_memory_bytes', holds, () => database.memory());
  const help = 'Figures that ought to be the same and were not';
  return { mismatches: metrics.counter('sluice_hub_reconcile_mismatches', help) };
}
