import type { GatewayId } from '../../cloud-sync/protocol/numbers.ts';
import type { Clock } from '../../core/clock.ts';
import { watchDisk } from '../../core/disk-metrics.ts';
import type { Metrics, Sample } from '../../core/metrics.ts';
import type { Database } from '../archive/database.ts';
import { countLost } from '../archive/gaps.ts';
import type { Fleet, GatewayLink } from './fleet.ts';

const STATES = { online: 0, late: 1, offline: 2 } as const;

/**
 * What the hub knows of each gateway, for whoever watches it from outside: a gateway listens on its own loopback, where no
 * Prometheus in a cloud reaches it. Of gateways that hold a certificate which is not revoked; what is not known has no figure.
 */
export function watchFleet(
  metrics: Metrics,
  from: {
    fleet: Pick<Fleet, 'link'>;
    enrolmentStore: { expiries(): Promise<ReadonlyMap<GatewayId, number>> };
    database: Pick<Database, 'read'>;
    clock: Pick<Clock, 'now'>;
    dataDir: string;
  },
): void {
  const { fleet, enrolmentStore, database, clock, dataDir } = from;
  // Asked once for all figures of an answer, which are gathered side by side.
  let asked: Promise<ReadonlyMap<GatewayId, number>> | undefined;
  const expiries = () => {
    asked ??= enrolmentStore.expiries().finally(() => {
      asked = undefined;
    });
    return asked;
  };
  const perGateway = (name: string, help: string, read: (link: GatewayLink) => number | null) =>
    metrics.askEach(name, help, ['gateway'], async () =>
      [...(await expiries()).keys()].flatMap((gateway): Sample<'gateway'>[] => {
        const value = read(fleet.link(gateway));
        return value === null ? [] : [{ labels: { gateway }, value }];
      }),
    );
  perGateway('sluice_hub_gateway_state', '0 online, 1 late, 2 offline', ({ state }) => STATES[state]);
  perGateway('sluice_hub_gateway_backlog_records', 'Records that a gateway has yet to send', ({ backlog }) => backlog);
  perGateway(
    'sluice_hub_gateway_behind_seconds',
    'Age of the oldest record that a gateway has yet to send',
    ({ backlog, oldestUnsent }) => {
      if (backlog === null) return null;
      return oldestUnsent === null ? 0 : Math.max(0, clock.now() - oldestUnsent) / 1000;
    },
  );
  perGateway('sluice_hub_gateway_stuck', '1 while frames do not get on although the hub is there', ({ stuckSince }) =>
    Number(stuckSince !== null),
  );
  perGateway(
    'sluice_hub_gateway_clock_offset_seconds',
    "Gateway's clock minus the hub's, when its session began",
    ({ clockOffsetMs }) => (clockOffsetMs === null ? null : clockOffsetMs / 1000),
  );
  metrics.askEach(
    'sluice_hub_gateway_certificate_expires_seconds',
    'When the last certificate of a gateway ends, Unix time',
    ['gateway'],
    async () => [...(await expiries())].map(([gateway, at]) => ({ labels: { gateway }, value: at / 1000 })),
  );
  metrics.askEach(
    'sluice_hub_lost_records',
    'Records declared lost; falls only when a journal comes back',
    ['gateway', 'reason'],
    async () => (await countLost(database)).map(({ value, ...labels }) => ({ labels, value })),
  );
  watchDisk(metrics, 'sluice_hub_disk', dataDir);
}
