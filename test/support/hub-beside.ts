import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type CloudHub, startCloudHub } from '../../cloud-sync/cloud-hub/cloud-hub.ts';
import { systemClock } from '../../core/clock.ts';
import { quietLog } from '../../core/log.ts';
import { Metrics } from '../../core/metrics.ts';
import type { GatewayInImage, JoinedHub } from './gateway-in-image.ts';
import { MemoryArchive, MemoryEnrolment } from './memory-archive.ts';
import { NO_WANTS, NO_WRITES } from './no-wants.ts';
import { enrol } from './sync-pair.ts';

/** A hub in this process, MQTT over mutual TLS and all, whose archive is in memory: for a gateway in its image. */
export class HubBeside {
  readonly archive: MemoryArchive;
  readonly #hub: CloudHub;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  private constructor(hub: CloudHub, archive: MemoryArchive) {
    this.#hub = hub;
    this.archive = archive;
    this.#done = hub.run(this.#stop.signal);
  }

  static async start(work: string): Promise<HubBeside> {
    const archive = new MemoryArchive();
    const hub = await startCloudHub({
      ...{ archive, enrolment: new MemoryEnrolment(), downlink: NO_WANTS, writes: NO_WRITES },
      ...{ dataDir: mkdtempSync(join(work, 'hub-')), names: [], clock: systemClock, log: quietLog },
      metrics: new Metrics(),
      listen: { host: '127.0.0.1', port: 0 },
      events: { onFrames() {}, onLive() {}, onStatus() {}, onSession() {}, onCloned() {}, onRefused() {} },
    });
    return new HubBeside(hub, archive);
  }

  /** By a token, as `sluice join` does. */
  async joined(gateway: string): Promise<JoinedHub> {
    return { url: `mqtts://127.0.0.1:${this.#hub.port}`, identity: await enrol(this.#hub, gateway) };
  }

  stop(): Promise<void> {
    this.#stop.abort();
    return this.#done;
  }
}

/** Has the hub confirmed what the gateway journalled, up to a few seconds ago? Of one without a hub: yes. */
export async function isDrained(gateway: GatewayInImage): Promise<boolean> {
  const metrics = await gateway.metrics();
  if (!metrics.includes('sluice_edge_unacknowledged_bytes')) return true;
  const backlog = Number(/^sluice_backlog_records (\d+)/m.exec(metrics)?.[1] ?? Number.NaN);
  return backlog < MOST_BACKLOG;
}

/** Records of five seconds. */
const MOST_BACKLOG = 5000;
