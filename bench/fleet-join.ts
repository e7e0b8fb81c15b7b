import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../cli/demo/free-ports.ts';
import { startCloudHub } from '../cloud-sync/cloud-hub/cloud-hub.ts';
import { createRequest } from '../cloud-sync/edge-hub/certificate-request.ts';
import { systemClock } from '../core/clock.ts';
import { quietLog } from '../core/log.ts';
import { Metrics } from '../core/metrics.ts';
import { Database } from '../monitor/archive/database.ts';
import { DuckArchive } from '../monitor/archive/duck-archive.ts';
import { DuckEnrolmentStore } from '../monitor/archive/enrolment-store.ts';
import { archiveFile } from '../monitor/parts.ts';
import { Revocations } from '../monitor/revocations.ts';
import { hubYaml } from '../test/e2e/site-config.ts';
import { SluiceProcess } from '../test/e2e/sluice-process.ts';
import { NO_WANTS, NO_WRITES } from '../test/support/no-wants.ts';
import type { FleetTask, FleetTold } from './fleet-gateways.ts';
import type { Bench, Row } from './report.ts';

const GATEWAYS = 1000;
const PROCESSES = 4;
const LOOK_MS = 50;
const GIVE_UP_MS = 300_000;

/** Certificates for all, by tokens, before the hub of the benchmark starts. */
async function enrolAll(dataDir: string): Promise<FleetTask['gateways']> {
  const database = await Database.open(archiveFile(dataDir), systemClock);
  const hub = await startCloudHub({
    archive: await DuckArchive.create(database),
    enrolment: new DuckEnrolmentStore(database, await Revocations.open(dataDir)),
    ...{
      downlink: NO_WANTS,
      writes: NO_WRITES,
      dataDir,
      names: [],
      clock: systemClock,
      log: quietLog,
      metrics: new Metrics(),
    },
    listen: { host: '127.0.0.1', port: 0 },
    events: { onFrames() {}, onLive() {}, onStatus() {}, onSession() {}, onCloned() {}, onRefused() {} },
  });
  const gateways = [];
  for (let at = 0; at < GATEWAYS; at++) {
    const gateway = `gateway-${at}`;
    const token = await hub.createToken({ gateway, ttlMs: 60_000 });
    const { key, csr } = await createRequest(gateway);
    const { certificate, ca } = await hub.join({ token, id: gateway, csr });
    gateways.push({ gateway, identity: { certificate, key, ca } });
  }
  await hub.run(AbortSignal.abort());
  await database.close();
  return gateways;
}

/** Gateways in processes of their own, and what they say of themselves. */
class Fleet {
  readonly #children: ChildProcess[] = [];
  readonly #told: FleetTold[] = [];

  start(gateways: FleetTask['gateways'], port: number): void {
    const script = fileURLToPath(new URL('./fleet-gateways.ts', import.meta.url));
    for (let at = 0; at < PROCESSES; at++) {
      const child = fork(script, { execArgv: ['--import', 'tsx'] });
      child.on('message', (told: FleetTold) => {
        this.#told[at] = told;
      });
      child.send({ port, gateways: gateways.filter((_, index) => index % PROCESSES === at) } satisfies FleetTask);
      this.#children.push(child);
    }
  }

  get welcomed(): number {
    return this.#told.reduce((sum, { welcomed }) => sum + welcomed, 0);
  }

  get connections(): number {
    return this.#told.reduce((sum, { connections }) => sum + connections, 0);
  }

  stop(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }
}

interface Joined {
  readonly seconds: number;
  /** Tried in the busiest second. */
  readonly busiest: number;
}

async function joined(fleet: Fleet, began: number): Promise<Joined> {
  const counts: { readonly at: number; readonly connections: number }[] = [];
  while (fleet.welcomed < GATEWAYS) {
    const at = performance.now();
    if (at - began > GIVE_UP_MS) throw new Error(`${fleet.welcomed} of ${GATEWAYS} gateways are back`);
    counts.push({ at, connections: fleet.connections });
    await systemClock.sleep(LOOK_MS);
  }
  const busiest = counts.reduce((most, { at, connections }) => {
    const before = counts.find((each) => each.at >= at - 1000)?.connections ?? connections;
    return Math.max(most, connections - before);
  }, 0);
  return { seconds: (performance.now() - began) / 1000, busiest };
}

/** The whole hub is killed and started again; all gateways share its machine. */
export const bench: Bench = {
  name: `fleet-join: ${GATEWAYS} gateways after a restart of the hub`,
  async run(): Promise<Row[]> {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-fleet-join-'));
    const [http = 0, mqtt = 0] = await freePorts(2);
    const dataDir = join(dir, 'hub');
    const file = join(dir, 'hub.yaml');
    writeFileSync(file, hubYaml({ dataDir, http, mqtt }));
    mkdirSync(dataDir, { mode: 0o700 });
    const gateways = await enrolAll(dataDir);
    const start = async () => {
      const hub = new SluiceProcess(['hub', '-c', file, '--demo'], { env: { SLUICE_LOG: 'warn' } });
      await isReady(hub, http);
      return hub;
    };
    let hub = await start();
    const fleet = new Fleet();
    try {
      const began = performance.now();
      fleet.start(gateways, mqtt);
      const first = await joined(fleet, began);
      await systemClock.sleep(5000);
      const tried = fleet.connections;
      await hub.kill('SIGKILL');
      const restarted = performance.now();
      hub = await start();
      const readySeconds = (performance.now() - restarted) / 1000;
      while (fleet.welcomed === GATEWAYS) await systemClock.sleep(LOOK_MS);
      const again = await joined(fleet, restarted);
      const attempts = (fleet.connections - tried) / GATEWAYS;
      const metrics = await (await fetch(`http://127.0.0.1:${http}/metrics`)).text();
      const rss = Number(/^process_resident_memory_bytes (.*)$/m.exec(metrics)?.[1]) / 1e6;
      return [
        { what: 'all gateways started at once: in a session after', value: first.seconds, unit: 's' },
        { what: 'the hub killed and started: it listens after', value: readySeconds, unit: 's' },
        {
          ...{ what: '  all gateways in a session again after', value: again.seconds, unit: 's' },
          goal: { of: 'value', most: 120 },
        },
        { what: '  connections that a gateway tried', value: attempts, unit: '', goal: { of: 'value', most: 5 } },
        {
          what: '  tried in the busiest second',
          value: again.busiest,
          unit: '',
          goal: { of: 'value', most: GATEWAYS },
        },
        { what: '  memory of the hub then', value: rss, unit: 'MB RSS' },
      ];
    } finally {
      fleet.stop();
      await hub.kill();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

async function isReady(hub: SluiceProcess, port: number): Promise<void> {
  for (;;) {
    if (hub.isOver) throw new Error(hub.text);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await systemClock.sleep(LOOK_MS);
  }
}
