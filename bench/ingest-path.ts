import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CloudHub, startCloudHub } from '../cloud-sync/cloud-hub/cloud-hub.ts';
import { createRequest } from '../cloud-sync/edge-hub/certificate-request.ts';
import { systemClock } from '../core/clock.ts';
import { quietLog } from '../core/log.ts';
import { Metrics } from '../core/metrics.ts';
import { Database } from '../monitor/archive/database.ts';
import { DuckArchive } from '../monitor/archive/duck-archive.ts';
import { DuckEnrolmentStore } from '../monitor/archive/enrolment-store.ts';
import { ConfigDesk } from '../monitor/fleet/config-desk.ts';
import { ConfigStore } from '../monitor/fleet/config-store.ts';
import { Revocations } from '../monitor/revocations.ts';
import { NO_WRITES } from '../test/support/no-wants.ts';
import type { SenderTask } from './ingest-sender.ts';

const GATEWAYS = 8;
const FRAMES = 400;

/** Readings a second, durable, through the hub as it runs; the gateways are in a process of their own. */
export async function ingestPath(folder: string): Promise<number> {
  const database = await Database.open(join(folder, 'archive.duckdb'), systemClock);
  const archive = await DuckArchive.create(database);
  const hub = await startCloudHub({
    archive,
    enrolment: new DuckEnrolmentStore(database, await Revocations.open(folder)),
    writes: NO_WRITES,
    downlink: new ConfigDesk({
      ...{ store: new ConfigStore(database), clock: systemClock, answered: () => {}, changed: () => {} },
    }),
    dataDir: folder,
    listen: { host: '127.0.0.1', port: 0 },
    names: [],
    clock: systemClock,
    log: quietLog,
    metrics: new Metrics(),
    events: { onFrames() {}, onLive() {}, onStatus() {}, onSession() {}, onCloned() {}, onRefused() {} },
  });
  const stop = new AbortController();
  const running = hub.run(stop.signal);
  const script = fileURLToPath(new URL('./ingest-sender.ts', import.meta.url));
  const sender = fork(script, { execArgv: ['--import', 'tsx'] });
  try {
    const task = { port: hub.port, frames: FRAMES, gateways: await enrolAll(hub) } satisfies SenderTask;
    sender.send(task);
    const next = await told(sender);
    const began = systemClock.ticks();
    sender.send('go');
    const behind = async (gateway: string) => (await archive.cursors(gateway))[0]?.next !== next;
    for (const { gateway } of task.gateways) while (await behind(gateway)) await systemClock.sleep(2);
    const seconds = (systemClock.ticks() - began) / 1000;
    const [row] = await database.read('SELECT count(*) AS n FROM readings');
    return Number(row?.n) / seconds;
  } finally {
    sender.kill();
    stop.abort();
    await running;
    await database.close();
  }
}

async function enrolAll(hub: CloudHub): Promise<SenderTask['gateways']> {
  const ids = Array.from({ length: GATEWAYS }, (_, index) => `gateway-${index}`);
  return Promise.all(
    ids.map(async (id) => {
      const token = await hub.createToken({ gateway: id, ttlMs: 60_000 });
      const { key, csr } = await createRequest(id);
      const { certificate, ca } = await hub.join({ token, id, csr });
      return { gateway: id, identity: { certificate, key, ca } };
    }),
  );
}

/** The number each journal ends at, once all are made. */
function told(sender: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    sender.once('message', (next) => resolve(Number(next)));
    sender.once('exit', () => reject(new Error('the sender ended')));
  });
}
