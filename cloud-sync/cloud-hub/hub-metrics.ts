import type { Metrics } from '../../core/metrics.ts';
import type { HubEvents } from './hub-events.ts';

/** Counts what passes. `cloned`: names that more than one gateway uses. */
export function watchHub(metrics: Metrics, events: HubEvents, cloned: () => number): HubEvents {
  metrics.follow('gauge', 'sluice_hub_cloned_gateways', 'Names that more than one gateway uses', cloned);
  const online = new Set<string>();
  const records = metrics.counter('sluice_hub_records_total', 'Records stored', ['gateway']);
  const frames = metrics.counter('sluice_hub_frames_total', 'Frames stored', ['gateway']);
  const sessions = metrics.gauge('sluice_hub_sessions', 'Gateways in a session');
  return {
    ...events,
    onFrames(gateway, taken) {
      frames.inc({ gateway }, taken.length);
      records.inc(
        { gateway },
        taken.reduce((sum, { header }) => sum + header.count, 0),
      );
      events.onFrames(gateway, taken);
    },
    onSession(gateway, state, hello) {
      if (state === 'online') online.add(gateway);
      else online.delete(gateway);
      sessions.set(online.size);
      events.onSession(gateway, state, hello);
    },
  };
}
