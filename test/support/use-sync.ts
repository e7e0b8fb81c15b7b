import { afterEach, beforeEach, expect } from 'vitest';
import type { Epoch } from '../../cloud-sync/protocol/numbers.ts';
import { CutProxy } from './cut-proxy.ts';
import type { MemoryOutbox } from './memory-outbox.ts';
import { enrol, HubHome, type RunningEdge, type RunningHub, startEdge, until } from './sync-pair.ts';

/** A hub, a link to it that can be cut, and gateways behind the link: anew for each test of the file that calls this. */
export function useSync() {
  let home: HubHome;
  let running: RunningHub;
  let proxy: CutProxy;
  const edges: RunningEdge[] = [];

  beforeEach(async () => {
    home = await HubHome.create();
    running = await home.start();
    proxy = await CutProxy.start({ host: '127.0.0.1', port: running.hub.port });
  });

  afterEach(async () => {
    await Promise.all(edges.splice(0).map((edge) => edge.stop()));
    await proxy.stop();
    await running.stop();
    await home.remove();
  });

  return {
    get home() {
      return home;
    },
    get hub() {
      return running.hub;
    },
    get proxy() {
      return proxy;
    },

    /** `meanwhile` happens while no hub runs. */
    async restartHub(meanwhile = () => {}): Promise<void> {
      await running.stop();
      meanwhile();
      running = await home.start();
      proxy.retarget(running.hub.port);
    },

    /** A gateway that runs until the test ends. */
    async edgeFor(
      outbox: MemoryOutbox,
      gateway = 'plant-1',
      options: Partial<Parameters<typeof startEdge>[0]> = {},
    ): Promise<RunningEdge> {
      const identity = options.identity ?? (await enrol(running.hub, gateway));
      const edge = startEdge({ gateway, port: proxy.port, identity, outbox, ...options });
      edges.push(edge);
      return edge;
    },

    gapsOf: (outbox: MemoryOutbox, gateway = 'plant-1', epoch: Epoch = outbox.epoch) =>
      home.archive.gaps.get(`${gateway}/${epoch}`) ?? [],

    /** Stored and declared together are every number once, in order, with the value that names it. */
    expectExactlyOnce(outbox: MemoryOutbox, gateway = 'plant-1'): void {
      const rows = home.archive.rows(gateway, outbox.epoch);
      const gaps = this.gapsOf(outbox, gateway).flatMap(({ from, to }) =>
        Array.from({ length: to - from }, (_, at) => from + at),
      );
      for (const { seq, value } of rows) if (value !== undefined) expect(value).toBe(seq);
      expect(rows.map(({ seq }) => seq)).toEqual([...rows.map(({ seq }) => seq)].sort((one, other) => one - other));
      expect([...rows.map(({ seq }) => seq), ...gaps].sort((one, other) => one - other)).toEqual(
        Array.from({ length: outbox.next }, (_, seq) => seq),
      );
    },
  };
}

/** Waits until the hub has everything that is in the newest epoch. */
export const confirmed = (outbox: MemoryOutbox) =>
  until('everything confirmed', () => outbox.confirmed.get(outbox.epoch) === outbox.next);
