/** A share of a fleet, for the benchmark of a hub's restart: real edges with mutual TLS over journals in memory. */
import { createEdgeHub } from '../cloud-sync/edge-hub/edge-hub.ts';
import type { EdgeHubState } from '../cloud-sync/edge-hub/edge-hub-options.ts';
import type { Identity } from '../cloud-sync/edge-hub/identity.ts';
import { openLink } from '../cloud-sync/edge-hub/link.ts';
import { systemClock } from '../core/clock.ts';
import { quietLog } from '../core/log.ts';
import { Metrics } from '../core/metrics.ts';
import { MemoryOutbox } from '../test/support/memory-outbox.ts';

export interface FleetTask {
  readonly port: number;
  readonly gateways: readonly { readonly gateway: string; readonly identity: Identity }[];
}

/** Told all the time. */
export interface FleetTold {
  readonly welcomed: number;
  /** Tried since the start: each is a TLS handshake for a hub that is there. */
  readonly connections: number;
}

const TELL_MS = 250;

process.once('message', (task: FleetTask) => {
  const edges: { state(): EdgeHubState }[] = [];
  let connections = 0;
  for (const { gateway, identity } of task.gateways) {
    const edge = createEdgeHub({
      ...{ gateway, identity, clock: systemClock, log: quietLog, metrics: new Metrics() },
      outbox: new MemoryOutbox(1).writeCatalogue(),
      url: `mqtts://127.0.0.1:${task.port}`,
      newest: () => [],
      status: () => ({ state: 'online' }),
      facts: { software: 'bench', boot: 1 },
      settings: { window: 16 * 1024, maxBytesPerSecond: 0, retryWithin: 60_000 },
      connect(options) {
        connections++;
        return openLink(options);
      },
    });
    edges.push(edge);
    void edge.run(new AbortController().signal);
  }
  setInterval(() => {
    const welcomed = edges.filter((edge) => edge.state().link === 'welcomed').length;
    process.send?.({ welcomed, connections } satisfies FleetTold);
  }, TELL_MS);
  process.once('disconnect', () => process.exit(0));
});
