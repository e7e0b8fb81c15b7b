import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import { Fault } from '../../../core/faults.ts';
import { quietLog } from '../../../core/log.ts';
import { Metrics } from '../../../core/metrics.ts';
import type { EnrolmentDesk, HubContext } from '../../../monitor/api/context.ts';
import { type AppOptions, createHubApp } from '../../../monitor/app.ts';
import type { Role } from '../../../monitor/archive/people-store.ts';
import { Passwords } from '../../../monitor/auth/password.ts';
import { Energy } from '../../../monitor/energy/energy.ts';
import { type EnergySettings, NO_ENERGY } from '../../../monitor/energy/settings.ts';
import { type HubParts, openParts } from '../../../monitor/parts.ts';

export const deskForTests: EnrolmentDesk = {
  caPem: '-----BEGIN CERTIFICATE-----\n',
  createToken: async ({ gateway, ttlMs }) => `token-${gateway ?? 'any'}-${ttlMs}`,
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
  readonly notify?: (parts: HubParts) => HubContext['notify'];
}

export type TestHub = Awaited<ReturnType<typeof startHub>>;

/** The hub's real parts and HTTP on a new archive, without the sync. */
export async function startHub(options: HubOptions = {}) {
  const { demo = false, clock = systemClock, energy = NO_ENERGY, notify, ...app } = options;
  const folder = await mkdtemp(join(tmpdir(), 'hub-'));
  const parts = await openParts({ file: join(folder, 'archive.duckdb'), clock, passwords: new Passwords(10) });
  const metrics = new Metrics();
  const context: HubContext = {
    ...parts,
    keptFrom: () => ({}),
    energy: new Energy({ settings: energy, points: parts.points, trends: parts.trends, keptFrom: () => ({}), clock }),
    dataDir: folder,
    notify: notify?.(parts),
    enrolment: deskForTests,
    enrolled: () => parts.enrolmentStore.gateways(),
    clock,
    log: quietLog,
    metrics,
    demo,
  };
  const server = await createHubApp(context, { names: ['hub.example.com'], ...app });
  const keys: Record<Role, string> = {
    viewer: await parts.accounts.createKey('test', 'viewer'),
    operator: await parts.accounts.createKey('test', 'operator'),
    admin: await parts.accounts.createKey('test', 'admin'),
  };
  return {
    ...parts,
    folder,
    context,
    server,
    keys,
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
