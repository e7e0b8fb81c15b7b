import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import { Fault } from '../../../core/faults.ts';
import { quietLog } from '../../../core/log.ts';
import { Metrics } from '../../../core/metrics.ts';
import type { EnrolmentDesk, HubContext } from '../../../monitor/api/context.ts';
import { type AppOptions, createHubApp } from '../../../monitor/app.ts';
import type { Role } from '../../../monitor/auth/access.ts';
import type { Oidc } from '../../../monitor/auth/oidc.ts';
import { Passwords } from '../../../monitor/auth/password.ts';
import { Energy } from '../../../monitor/energy/energy.ts';
import { type EnergySettings, NO_ENERGY } from '../../../monitor/energy/settings.ts';
import { Notify } from '../../../monitor/notify/notify.ts';
import { SecretFiles } from '../../../monitor/notify/secret-files.ts';
import { TIMEOUT_MS } from '../../../monitor/notify/sender.ts';
import type { NotifySettings } from '../../../monitor/notify/settings.ts';
import { SettingsDesk } from '../../../monitor/notify/settings-desk.ts';
import { type HubParts, openParts } from '../../../monitor/parts.ts';
import { ReportMail, type SendLetter } from '../../../monitor/reports/report-mail.ts';
import { Reports } from '../../../monitor/reports/reports.ts';
import { Rollouts } from '../../../monitor/rollouts/rollouts.ts';

export const deskForTests: EnrolmentDesk = {
  caPem: '-----BEGIN CERTIFICATE-----\n',
  ca: {
    state: async () => ({ fingerprint: 'f', waiting: [] }),
    rotate: async () => ({ fingerprint: 'f', next: 'n', waiting: ['plant-1'] }),
    finish: async () => ({ fingerprint: 'n', waiting: [] }),
  },
  createToken: async ({ gateway, ttlMs }) => `token-${gateway ?? 'any'}-${ttlMs}`,
  certificates: async (gateway) =>
    gateway === 'plant-1'
      ? [{ gateway, serial: 'aa11', key: 'k', issuer: 'ca', issuedAt: 1, notAfter: 2, revokedAt: null }]
      : [],
  revoke: async (gateway) => (gateway === 'plant-1' ? 2 : 0),
  async join({ token, id }) {
    if (token !== 'right') throw new Fault('token-refused');
    return { certificate: `certificate of ${id}`, ca: 'ca', mqtt: { port: 8883 } };
  },
};

export interface HubOptions extends Partial<AppOptions> {
  readonly demo?: boolean;
  readonly clock?: HubContext['clock'];
  readonly energy?: EnergySettings;
  readonly send?: SendLetter;
  readonly oidc?: Oidc;
  readonly publicUrl?: string;
  /** The way down to gateways, which are not there. */
  readonly line?: Partial<HubContext['line']>;
  readonly notify?: (parts: HubParts) => HubContext['notify'];
  /** What stands in hub.yaml. */
  readonly base?: NotifySettings;
}

export type TestHub = Awaited<ReturnType<typeof startHub>>;

/** The hub's real parts and HTTP on a new archive, without the sync. */
export async function startHub(options: HubOptions = {}) {
  const {
    demo = false,
    clock = systemClock,
    energy = NO_ENERGY,
    line = {},
    send,
    oidc,
    publicUrl,
    base,
    ...app
  } = options;
  const folder = await mkdtemp(join(tmpdir(), 'hub-'));
  const parts = await openParts({ file: join(folder, 'archive.duckdb'), clock, passwords: new Passwords(10) });
  const metrics = new Metrics();
  const keptFrom = () => ({});
  const meters = new Energy({ ...parts, settings: energy, keptFrom, clock });
  const reports = new Reports({ ...parts, energy: meters, keptFrom }, clock);
  const desk = { base, documents: parts.documents, secrets: new SecretFiles(folder), environment: {} };
  const notifySettings = await SettingsDesk.open({ ...desk, timeoutMs: TIMEOUT_MS, publicUrl, log: quietLog });
  const { inUse } = notifySettings;
  const notify = options.notify?.(parts) ?? new Notify({ ...parts, ...inUse, clock, log: quietLog });
  notifySettings.follow(({ settings, channels }) => notify.use(settings, channels));
  const wants = (gateway: string) => line.wants?.(gateway);
  const rollouts = new Rollouts({ ...parts, store: parts.rolloutStore, wants, clock, log: quietLog });
  const context: HubContext = {
    ...parts,
    rollouts,
    keptFrom,
    energy: meters,
    reports,
    reportMail: new ReportMail({ ...parts, reports, sender: () => send ?? notifySettings.inUse.mailer, clock }),
    dataDir: folder,
    notify,
    notifySettings,
    oidc,
    publicUrl,
    enrolment: deskForTests,
    line: { wants: () => {}, isThere: () => false, command: () => false, ...line },
    enrolled: () => parts.enrolmentStore.gateways(),
    clock,
    log: quietLog,
    metrics,
    demo,
  };
  const server = await createHubApp(context, { names: ['hub.example.com'], ...app });
  const makeKey = async (role: Role, sites?: readonly string[]) =>
    (await parts.accounts.keys.create({ name: 'test', role, sites, madeBy: 'test', ttlMs: undefined })).key;
  const keys: Record<Role, string> = {
    viewer: await makeKey('viewer'),
    operator: await makeKey('operator'),
    admin: await makeKey('admin'),
  };
  return {
    ...parts,
    folder,
    context,
    server,
    keys,
    makeKey,
    /** A call that may change something. */
    post: (url: string, payload: object, headers: Record<string, string> = {}) =>
      server.inject({ method: 'POST', url, payload, headers: { host: 'localhost', ...headers } }),
    /** A call with a viewer's key, unless told otherwise. */
    get: (url: string, headers: Record<string, string> = {}) =>
      server.inject({ url, headers: { host: 'localhost', authorization: `Bearer ${keys.viewer}`, ...headers } }),
    async stop() {
      await server.close();
      await parts.close();
      await rm(folder, { recursive: true });
    },
  };
}
