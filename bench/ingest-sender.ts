/** Gateways with a backlog, for the ingest benchmark: real edges over journals in memory. */
import { randomBytes } from 'node:crypto';
import { createEdgeHub } from '../cloud-sync/edge-hub/edge-hub.ts';
import type { Identity } from '../cloud-sync/edge-hub/identity.ts';
import type { Outbox, StoredFrame } from '../cloud-sync/edge-hub/outbox.ts';
import { type Chain, NO_CHAIN } from '../cloud-sync/protocol/numbers.ts';
import { systemClock } from '../core/clock.ts';
import { quietLog } from '../core/log.ts';
import { Metrics } from '../core/metrics.ts';
import { good } from '../core/reading.ts';
import { Pending } from '../gateway/journal/pending.ts';
import { sealFrames } from '../gateway/journal/seal.ts';
import { catalogueOf } from '../test/support/memory-outbox.ts';

export interface SenderTask {
  readonly port: number;
  /** Of 500 readings each. */
  readonly frames: number;
  readonly gateways: readonly { readonly gateway: string; readonly identity: Identity }[];
}

const POINTS = 100;
const SCANS = 5;
const T0 = 1_793_491_200_000;

/** A journal that is written once and then only read. */
function backlog(count: number): Outbox & { readonly next: number } {
  const epoch = randomBytes(16).toString('hex');
  const catalogue = catalogueOf(POINTS);
  const pending = new Pending(0, () => false);
  const frames: StoredFrame[] = [];
  let mark: { next: number; chain: Chain } = { next: 0, chain: NO_CHAIN };
  const seal = () => {
    const sealed = sealFrames(pending.take(), mark, { epoch, boot: 1 });
    frames.push(...sealed.frames);
    mark = sealed.mark;
  };
  pending.event({ event: 'catalogue', at: T0, catalogue });
  seal();
  for (let frame = 0, at = T0; frame < count; frame++) {
    for (let scan = 0; scan < SCANS; scan++, at += 1000) {
      for (let point = 0; point < POINTS; point++) {
        pending.reading(point, at, good(Math.round(200 + 30 * Math.sin(at / 60_000 + point)) / 10));
      }
    }
    seal();
  }
  let confirmed = 0;
  return {
    next: mark.next,
    epochs: () => [{ epoch, floor: 0, ...mark, confirmed, boots: [[1, 0, NO_CHAIN]] }],
    async *frames(_epoch, from) {
      for (const frame of frames) if (frame.first >= from) yield frame;
    },
    chainAt: async (_epoch, seq) => (seq === 0 ? NO_CHAIN : seq === mark.next ? mark.chain : undefined),
    async confirm(_epoch, next) {
      confirmed = next;
    },
    gaps: () => [],
    republishCatalogue: async () => {},
    catalogue: () => catalogue,
    onCommit: () => () => {},
    part: async () => {},
    hub: () => null,
    setHub: async () => {},
  };
}

process.once('message', (task: SenderTask) => {
  const edges = task.gateways.map(({ gateway, identity }) => {
    const outbox = backlog(task.frames);
    const edge = createEdgeHub({
      ...{ gateway, identity, outbox, clock: systemClock, log: quietLog, metrics: new Metrics() },
      url: `mqtts://127.0.0.1:${task.port}`,
      newest: () => [],
      status: () => ({ state: 'online' }),
      facts: { software: 'bench', boot: 1 },
      settings: { window: 512 * 1024, maxBytesPerSecond: 0, retryWithin: 60_000 },
    });
    return { edge, outbox };
  });
  process.once('message', () => {
    for (const { edge } of edges) void edge.run(new AbortController().signal);
  });
  process.once('disconnect', () => process.exit(0));
  process.send?.(edges[0]?.outbox.next);
});
