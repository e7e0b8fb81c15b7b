import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Archive } from '../../cloud-sync/cloud-hub/archive.ts';
import { type CloudHub, startCloudHub } from '../../cloud-sync/cloud-hub/cloud-hub.ts';
import type { HubEvents, RefusedClient } from '../../cloud-sync/cloud-hub/hub-events.ts';
import { createRequest } from '../../cloud-sync/edge-hub/certificate-request.ts';
import { createEdgeHub } from '../../cloud-sync/edge-hub/edge-hub.ts';
import type { EdgeHubOptions, EdgeHubState } from '../../cloud-sync/edge-hub/edge-hub-options.ts';
import type { Identity } from '../../cloud-sync/edge-hub/identity.ts';
import type { Outbox } from '../../cloud-sync/edge-hub/outbox.ts';
import type { Live, LiveAlarm, Status } from '../../cloud-sync/protocol/messages.ts';
import type { Clock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { Metrics } from '../../core/metrics.ts';
import { fastClock } from './fast-clock.ts';
import { MemoryArchive, MemoryEnrolment } from './memory-archive.ts';
import { NO_WANTS, NO_WRITES } from './no-wants.ts';

export interface RunningHub {
  readonly hub: CloudHub;
  stop(): Promise<void>;
}

/** A data directory, a store and an archive that outlive restarts of the hub. */
export class HubHome {
  readonly archive = new MemoryArchive();
  readonly enrolment = new MemoryEnrolment();
  readonly live: { gateway: string; live: Live }[] = [];
  readonly statuses: { gateway: string; status: Status }[] = [];
  readonly sessions: { gateway: string; state: 'online' | 'offline' }[] = [];
  readonly cloned: string[] = [];
  readonly refused: RefusedClient[] = [];
  readonly dataDir: string;
  readonly events: HubEvents = {
    onFrames: () => {},
    onLive: (gateway, live) => this.live.push({ gateway, live }),
    onStatus: (gateway, status) => this.statuses.push({ gateway, status }),
    onCloned: (gateway) => this.cloned.push(gateway),
    onRefused: (refused) => this.refused.push(refused),
    onSession: (gateway, state) => this.sessions.push({ gateway, state }),
  };

  private constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  static async create(): Promise<HubHome> {
    return new HubHome(await mkdtemp(join(tmpdir(), 'sluice-hub-')));
  }

  async start(
    options: { caps?: { total: number; perAddress: number }; archive?: Archive; clock?: Clock } = {},
  ): Promise<RunningHub> {
    const { archive, enrolment, dataDir, events } = this;
    const hub = await startCloudHub({
      ...{
        archive,
        enrolment,
        downlink: NO_WANTS,
        writes: NO_WRITES,
        dataDir,
        events,
        names: [],
        clock: fastClock(10),
        log: quietLog,
        metrics: new Metrics(),
      },
      listen: { host: '127.0.0.1', port: 0 },
      ...options,
    });
    const abort = new AbortController();
    const done = hub.run(abort.signal);
    return {
      hub,
      stop: () => {
        abort.abort();
        return done;
      },
    };
  }

  async remove(): Promise<void> {
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** A gateway's certificate, by a token, without HTTP. */
export async function enrol(hub: CloudHub, id: string): Promise<Identity> {
  const token = await hub.createToken({ gateway: id, ttlMs: 60_000 });
  const { key, csr } = await createRequest(id);
  const { certificate, ca } = await hub.join({ token, id, csr });
  return { certificate, key, ca };
}

export interface RunningEdge {
  state(): EdgeHubState;
  stop(): Promise<void>;
}

export function startEdge(options: {
  gateway: string;
  port: number;
  identity: Identity;
  outbox: Outbox;
  newest?: () => Live['values'];
  status?: () => Status;
  alarms?: () => readonly LiveAlarm[];
  mark?: () => string;
  window?: number;
  boot?: number;
  hardware?: string;
  maxBytesPerSecond?: number;
  renewal?: EdgeHubOptions['renewal'];
}): RunningEdge {
  const { gateway, port, identity, outbox, newest = () => [], window = 512 * 1024, boot = 1 } = options;
  const edge = createEdgeHub({
    ...{ gateway, identity, outbox, newest, clock: fastClock(10), log: quietLog, metrics: new Metrics() },
    url: `mqtts://127.0.0.1:${port}`,
    status: options.status ?? (() => ({ state: 'online', version: 'test' })),
    ...(options.mark ? { mark: options.mark } : {}),
    ...(options.renewal ? { renewal: options.renewal } : {}),
    ...(options.alarms ? { alarms: options.alarms } : {}),
    facts: { software: 'test', boot, ...(options.hardware ? { hardware: options.hardware } : {}) },
    settings: { window, maxBytesPerSecond: options.maxBytesPerSecond ?? 0, retryWithin: 60_000 },
  });
  const abort = new AbortController();
  const done = edge.run(abort.signal);
  return {
    state: () => edge.state(),
    stop: () => {
      abort.abort();
      return done;
    },
  };
}

/** Polls until it holds; fails after `ms` with what was waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
