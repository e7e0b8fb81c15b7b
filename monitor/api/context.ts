import type { Archive, EnrolmentStore } from '../../cloud-sync/cloud-hub/archive.ts';
import type { CaDesk } from '../../cloud-sync/cloud-hub/ca-desk.ts';
import type { Command } from '../../cloud-sync/protocol/downlink.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Metrics } from '../../core/metrics.ts';
import type { AlarmHistory } from '../alarms/alarm-history.ts';
import type { Desk } from '../alarms/desk.ts';
import type { DeskStore } from '../alarms/desk-store.ts';
import type { Database } from '../archive/database.ts';
import type { History } from '../archive/history.ts';
import type { KeptFrom, Trends } from '../archive/trends.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Accounts } from '../auth/accounts.ts';
import type { Oidc } from '../auth/oidc.ts';
import type { Setup } from '../auth/setup.ts';
import type { DocumentStore } from '../documents/document-store.ts';
import type { PictureStore } from '../documents/picture-store.ts';
import type { Energy } from '../energy/energy.ts';
import type { ConfigDesk } from '../fleet/config-desk.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Orders } from '../fleet/orders.ts';
import type { LatestTable } from '../latest.ts';
import type { LiveFeed } from '../live-feed.ts';
import type { Notify } from '../notify/notify.ts';
import type { SettingsDesk } from '../notify/settings-desk.ts';
import type { Points } from '../points.ts';
import type { ReportMail } from '../reports/report-mail.ts';
import type { Reports } from '../reports/reports.ts';
import type { Rollouts } from '../rollouts/rollouts.ts';
import type { RoundStore } from '../rounds/round-store.ts';
import type { WriteDesk } from '../writes/write-desk.ts';

/** What the hub's end of enrolment offers to HTTP and the command line. */
export interface EnrolmentDesk {
  /** The CA's certificate, PEM. */
  readonly caPem: string;
  /** The token, shown once. */
  createToken(options: { readonly gateway?: string; readonly ttlMs: number }): Promise<string>;
  /** How the CA is replaced. */
  readonly ca: CaDesk;
  certificates: EnrolmentStore['certificates'];
  /** Revokes a gateway's certificates, or the one, and ends its connection; answers how many there were. */
  revoke(gateway: string, serial?: string): Promise<number>;
  /** Throws Fault token-refused, csr-refused. */
  join(request: {
    readonly token: string;
    readonly id: string;
    readonly csr: string;
    readonly address?: string;
  }): Promise<{ readonly certificate: string; readonly ca: string; readonly mqtt: { readonly port: number } }>;
}

/** The way down to the gateways. */
export interface GatewayLine {
  /** What is wanted of a gateway has changed: it is told, now or when it comes. */
  wants(gateway: string): void;
  isThere(gateway: string): boolean;
  /** False if the gateway is not there. */
  command(gateway: string, command: Command): boolean;
}

/** Everything the API's calls are made of. */
export interface HubContext {
  readonly archive: Archive;
  readonly database: Database;
  readonly history: History;
  readonly trends: Trends;
  readonly energy: Energy;
  /** How far back each level of history goes today. */
  readonly keptFrom: () => KeptFrom;
  readonly points: Points;
  readonly latest: LatestTable;
  readonly fleet: Fleet;
  readonly desk: Desk;
  readonly deskStore: DeskStore;
  readonly alarmHistory: AlarmHistory;
  readonly notify: Notify;
  readonly notifySettings: SettingsDesk;
  readonly documents: DocumentStore;
  readonly pictures: PictureStore;
  readonly rounds: RoundStore;
  readonly reports: Reports;
  readonly reportMail: ReportMail;
  readonly feed: LiveFeed;
  readonly accounts: Accounts;
  /** The first user of a new hub. */
  readonly setup: Setup;
  readonly audit: AuditLog;
  /** Undefined where no single sign-on is configured. */
  readonly oidc: Oidc | undefined;
  /** Where people open the page, if the configuration says so. */
  readonly publicUrl: string | undefined;
  readonly enrolment: EnrolmentDesk;
  readonly configs: ConfigDesk;
  readonly rollouts: Rollouts;
  readonly orders: Orders;
  readonly writes: WriteDesk;
  readonly line: GatewayLine;
  /** Gateways that hold a certificate. */
  readonly enrolled: () => Promise<readonly string[]>;
  /** Folder for files in the making. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Whoever asks from this machine may do everything; screens say that it is a demo. */
  readonly demo: boolean;
}
