import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { type CloudHub, startCloudHub } from '../cloud-sync/cloud-hub/cloud-hub.ts';
import type { Clock } from '../core/clock.ts';
import { serveControl } from '../core/control-socket.ts';
import { makeDataDir } from '../core/data-dir.ts';
import { Fault } from '../core/faults.ts';
import { localZone } from '../core/local-time.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import { packageRoot } from '../core/package-root.ts';
import { Answering } from '../core/progress.ts';
import { checkSecret } from '../core/secret-folder.ts';
import { aborted, runAll, type Service } from '../core/service.ts';
import { supervisionOf, tellBy, Watchdog } from '../core/service-manager.ts';
import { HubWatch } from './alarms/hub-watch.ts';
import type { HubContext } from './api/context.ts';
import { createHubApp } from './app.ts';
import { archiveJobs } from './archive-jobs.ts';
import { Oidc } from './auth/oidc.ts';
import { hubControl } from './control.ts';
import { Energy } from './energy/energy.ts';
import { watchFleet } from './fleet/fleet-metrics.ts';
import { housekeeping } from './housekeeping.ts';
import { watchMonitor } from './metrics.ts';
import { heartbeat } from './notify/heartbeat.ts';
import { Notify } from './notify/notify.ts';
import { watchNotify } from './notify/notify-metrics.ts';
import { SecretFiles } from './notify/secret-files.ts';
import { TIMEOUT_MS } from './notify/sender.ts';
import { SettingsDesk } from './notify/settings-desk.ts';
import { archiveFile, type HubParts, openParts } from './parts.ts';
import { reconciling } from './reconcile.ts';
import { ReportMail } from './reports/report-mail.ts';
import { Reports } from './reports/reports.ts';
import { keptFrom } from './retention.ts';
import { Rollouts } from './rollouts/rollouts.ts';
import { type HubSettings, isLoopbackAddress, splitAddress } from './settings.ts';

export interface RunHubOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Opens the hub to whoever asks from this machine; refused on any other listener. */
  readonly demo?: boolean;
  readonly onReady?: (ready: HubReady) => void;
}

export interface HubReady {
  /** Address of the page. */
  readonly url: string;
  /** Where gateways connect. */
  readonly mqttPort: number;
  /** Nobody can log in yet: where the first user is made, with the code for it. */
  readonly setupUrl: string | undefined;
}

/** The cloud process, until its signal aborts. Throws Fault data-dir, already-running, port-taken, settings-invalid. */
export async function runHub(settings: HubSettings, options: RunHubOptions): Promise<void> {
  const { signal, clock, log, metrics, demo = false } = options;
  const { dataDir, http, mqtt } = settings;
  if (demo && !(isLoopbackAddress(http.listen) && isLoopbackAddress(mqtt.listen))) {
    throw new Fault('settings-invalid', 'a demo listens on loopback only');
  }
  await makeDataDir(dataDir);
  const parts = await openParts({ file: archiveFile(dataDir), clock, log });
  try {
    const { mismatches } = watchMonitor(metrics, parts);
    watchFleet(metrics, { ...parts, clock, dataDir });
    const cloudHub = await startCloudHub({
      archive: parts.archive,
      enrolment: parts.enrolmentStore,
      downlink: parts.configs,
      writes: parts.writes,
      dataDir,
      listen: splitAddress(mqtt.listen),
      names: settings.names,
      clock,
      log,
      metrics,
      events: parts.observer,
    });
    const services = await composeServices(settings, options, { parts, cloudHub, mismatches }).catch(
      async (error: unknown) => {
        await cloudHub.run(AbortSignal.abort());
        throw error;
      },
    );
    await runAll(services, signal, { clock, log });
  } finally {
    await parts.close();
  }
}

interface Composed {
  readonly parts: HubParts;
  readonly cloudHub: CloudHub;
  readonly mismatches: { inc(value?: number): void };
}

async function composeServices(
  settings: HubSettings,
  { clock, log, metrics, demo = false, onReady }: RunHubOptions,
  { parts, cloudHub, mismatches }: Composed,
): Promise<readonly Service[]> {
  const { dataDir, http, keep } = settings;
  const kept = () => keptFrom(keep, clock.now());
  const { notifySettings, notify } = await openNotify(settings, parts, clock, log);
  watchNotify(metrics, notify);
  const energy = new Energy({ ...parts, settings: settings.energy, keptFrom: kept, clock });
  const reports = new Reports({ ...parts, energy, keptFrom: kept }, clock);
  const sender = () => notifySettings.inUse.mailer;
  const reportMail = new ReportMail({ ...parts, reports, sender, clock });
  const wants = (gateway: string) => cloudHub.wants(gateway);
  const rollouts = new Rollouts({ ...parts, store: parts.rolloutStore, wants, clock, log });
  const context: HubContext = {
    ...parts,
    rollouts,
    notify,
    notifySettings,
    oidc: settings.oidc && (await Oidc.open(settings.oidc, clock)),
    publicUrl: settings.publicUrl,
    keptFrom: kept,
    energy,
    reports,
    reportMail,
    dataDir,
    enrolment: cloudHub,
    line: cloudHub,
    enrolled: () => parts.enrolmentStore.gateways(),
    clock,
    log,
    metrics,
    demo,
  };
  const tls = await tlsOf(settings, cloudHub);
  const page = join(packageRoot, 'dist', 'monitor', 'dashboard');
  const app = await createHubApp(context, { names: settings.names, page, ...(tls ? { tls } : {}) });
  const control = serveControl(
    join(dataDir, 'control.sock'),
    hubControl({ ...parts, keptFrom: kept, enrolment: cloudHub, dataDir, clock, log }),
    log,
  );
  const jobs = [...archiveJobs({ ...parts, keep }), notify.job(), reportMail.job(), parts.pictures.job()];
  const services: Service[] = [
    parts.desk,
    cloudHub,
    control,
    reconciling({ ...parts, clock, log, mismatches }),
    housekeeping({ jobs, zone: localZone(), clock, log, metrics }),
  ];
  services.push(new HubWatch({ ...parts, enrolled: context.enrolled, settings: settings.hubRules, clock, log }));
  services.push(notify, rollouts);
  if (notify.settings.heartbeat) {
    const isAlive = () => notify.isAlive;
    const { heartbeat: pulse } = notify.settings;
    services.push(await heartbeat({ settings: pulse, environment: process.env, isAlive, clock, log }));
  }
  const code = demo ? undefined : await parts.setup.open();
  let nowReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    nowReady = resolve;
  });
  const supervision = supervisionOf(process.env, process.pid);
  if (supervision) {
    const archive = new Answering('archive', () => parts.database.read('SELECT 1'), clock);
    services.push(new Watchdog({ supervision, tell: tellBy(supervision), parts: [archive], ready, clock, log }));
  }
  services.push(
    httpService(app, http.listen, (port) => {
      nowReady();
      const url = `${tls ? 'https' : 'http'}://${urlHost(http.listen)}:${port}`;
      log.info({ url, mqttPort: cloudHub.port, demo }, 'the hub is ready');
      const setupUrl = code === undefined ? undefined : `${url}/#/setup?code=${code}`;
      onReady?.({ url, mqttPort: cloudHub.port, setupUrl });
    }),
  );
  return services;
}

async function openNotify({ notify: base, dataDir, publicUrl }: HubSettings, parts: HubParts, clock: Clock, log: Log) {
  const secrets = new SecretFiles(dataDir);
  const from = { base, documents: parts.documents, secrets, environment: process.env, timeoutMs: TIMEOUT_MS };
  const notifySettings = await SettingsDesk.open({ ...from, publicUrl, log });
  const { settings, channels } = notifySettings.inUse;
  const notify = new Notify({ ...parts, settings, channels, clock, log });
  notifySettings.follow((inUse) => notify.use(inUse.settings, inUse.channels));
  return { notifySettings, notify };
}

function httpService(app: FastifyInstance, listen: string, ready: (port: number) => void): Service {
  return {
    name: 'http',
    async run(signal) {
      try {
        await app.listen(splitAddress(listen));
      } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException;
        if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') {
          throw new Fault('port-taken', `${listen} (${message})`, { cause });
        }
        throw cause;
      }
      ready((app.server.address() as AddressInfo).port);
      await aborted(signal);
      await app.close();
    },
  };
}

async function tlsOf({ http, names }: HubSettings, cloudHub: CloudHub) {
  if (http.tls === undefined) return undefined;
  if (http.tls === 'auto') return cloudHub.issueServer(names);
  const pems = { cert: await readPem(http.tls.cert), key: await readPem(http.tls.key) };
  await checkSecret(http.tls.key);
  return pems;
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new Fault('file-missing', file, { cause });
  }
}

/** An address one can type: all interfaces are reached by this machine's name. */
function urlHost(listen: string): string {
  const { host } = splitAddress(listen);
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
