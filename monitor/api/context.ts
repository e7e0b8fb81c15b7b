import type { Archive } from '../../cloud-sync/cloud-hub/archive.ts';
import type { Clock } from '../../core/clock.ts';
import type { Log } from '../../core/log.ts';
import type { Metrics } from '../../core/metrics.ts';
import type { AlarmHistory } from '../alarms/alarm-history.ts';
import type { Desk } from '../alarms/desk.ts';
import type { DeskStore } from '../alarms/desk-store.ts';
import type { Database } from '../archive/database.ts';
import type { History } from '../archive/history.ts';
import type { KeptFrom, Trends } from '../archive/trends.ts';
import type { Accounts } from '../auth/accounts.ts';
import type { DocumentStore } from '../documents/document-store.ts';
import type { PictureStore } from '../documents/picture-store.ts';
import type { Energy } from '../energy/energy.ts';
import type { Fleet } from '../fleet.ts';
import type { LatestTable } from '../latest.ts';
import type { LiveFeed } from '../live-feed.ts';
import type { Notify } from '../notify/notify.ts';
import type { Points } from '../points.ts';
import type { RoundStore } from '../rounds/round-store.ts';

/** What the hub's end of enrolment offers to HTTP and the command line. */
export interface EnrolmentDesk {
  /** The CA's certificate, PEM. */
  readonly caPem: string;
  /** The token, shown once. */
  createToken(options: { readonly gateway?: string; readonly ttlMs: number }): Promise<string>;
  /** Revokes a gateway's certificates and ends its connection; answers how many there were. */
  revoke(gateway: string): Promise<number>;
  /** Throws Fault token-refused, csr-refused. */
  join(request: {
    readonly token: string;
    readonly id: string;
    readonly csr: string;
    readonly address?: string;
  }): Promise<{ readonly certificate: string; readonly ca: string; readonly mqtt: { readonly port: number } }>;
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
  /** Undefined where no receivers are configured. */
  readonly notify: Notify | undefined;
  readonly documents: DocumentStore;
  readonly pictures: PictureStore;
  readonly rounds: RoundStore;
  readonly feed: LiveFeed;
  readonly accounts: Accounts;
  readonly enrolment: EnrolmentDesk;
  /** Gateways that hold a certificate. */
  readonly enrolled: () => Promise<readonly string[]>;
  /** Folder for files in the making. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Whoever asks from this machine may look and operate; screens say that it is a demo. */
  readonly demo: boolean;
}
