import { expect, test } from 'vitest';
import { createEdgeHub } from '../../cloud-sync/edge-hub/edge-hub.ts';
import { Fault } from '../../core/faults.ts';
import { quietLog } from '../../core/log.ts';
import { Metrics } from '../../core/metrics.ts';
import { FakeClock } from '../support/fake-clock.ts';

const TRIES = 300;

test.each([2000, 60_000])('a hub that is away is tried again within %i ms, soon at first', async (retryWithin) => {
  const clock = new FakeClock();
  const triedAt: number[] = [];
  const edge = createEdgeHub({
    ...{ gateway: 'plant-1', url: 'mqtts://127.0.0.1:1', clock, log: quietLog, metrics: new Metrics() },
    settings: { window: 65_536, maxBytesPerSecond: 0, retryWithin },
    connect: () => {
      triedAt.push(clock.ticks());
      return Promise.reject(new Fault('hub-unreachable', 'nobody there'));
    },
    outbox: { epochs: () => [] },
    identity: {},
  } as never);
  const abort = new AbortController();
  const over = edge.run(abort.signal);
  while (triedAt.length < TRIES) await clock.advance(retryWithin);
  abort.abort();
  await over;
  const waits = triedAt.slice(1).map((at, index) => at - (triedAt[index] as number));
  expect(waits[0]).toBeLessThanOrEqual(1000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(retryWithin);
  expect(Math.max(...waits)).toBeGreaterThan(retryWithin / 2);
});
