import { dirname, join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { type Log, quietLog } from '../core/log.ts';
import { AlarmHistory } from './alarms/alarm-history.ts';
import { Desk } from './alarms/desk.ts';
import { DeskStore } from './alarms/desk-store.ts';
import { Database } from './archive/database.ts';
import { DuckArchive } from './archive/duck-archive.ts';
import { DuckEnrolmentStore } from './archive/enrolment-store.ts';
import { History, toValue } from './archive/history.ts';
import { KeyStore } from './archive/key-store.ts';
import { PeopleStore } from './archive/people-store.ts';
import { SessionStore } from './archive/session-store.ts';
import { Trends } from './archive/trends.ts';
import { AuditLog } from './audit/audit-log.ts';
import { RefusedClients } from './audit/refused-clients.ts';
import { Accounts } from './auth/accounts.ts';
import { Passwords } from './auth/password.ts';
import { Setup } from './auth/setup.ts';
import { DocumentStore } from './documents/document-store.ts';
import { PictureStore } from './documents/picture-store.ts';
import { ConfigDesk } from './fleet/config-desk.ts';
import { ConfigStore } from './fleet/config-store.ts';
import { Fleet } from './fleet/fleet.ts';
import { Orders } from './fleet/orders.ts';
import { HubObserver } from './hub-observer.ts';
import { LatestTable } from './latest.ts';
import { LiveFeed } from './live-feed.ts';
import { Points } from './points.ts';
import { Revocations } from './revocations.ts';
import { RolloutStore } from './rollouts/rollout-store.ts';
import { RoundStore } from './rounds/round-store.ts';
import { CommandStore } from './writes/command-store.ts';
import { TwinStore } from './writes/twin-store.ts';
import { WriteDesk } from './writes/write-desk.ts';

/** Where the archive of a data directory is. */
export function archiveFile(dataDir: string): string {
  return join(dataDir, 'archive.duckdb');
}

export interface PartsOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly log?: Log;
  /** For tests: the real one takes half a second and 128 MiB. */
  readonly passwords?: Passwords;
}

export type HubParts = Awaited<ReturnType<typeof openParts>>;

/** The archive and all that stands on it, without any listener. Throws Fault already-running. */
export async function openParts({ file, clock, log = quietLog, passwords = new Passwords() }: PartsOptions) {
  const database = await Database.open(file, clock);
  const revocations = await Revocations.open(dirname(file));
  const archive = await DuckArchive.create(database);
  const points = new Points(() => archive.registry);
  const history = new History(database, (id) => points.epochName(id));
  const trends = new Trends(database);
  const feed = new LiveFeed(clock);
  const fleet = new Fleet(clock, (gateway) => feed.gateway(gateway));
  const orders = new Orders({ clock, isThere: (gateway) => fleet.link(gateway).state !== 'offline' });
  const configs = new ConfigDesk({
    ...{ store: new ConfigStore(database), clock },
    answered: (gateway, result) => orders.answered(gateway, result),
    changed: (gateway) => feed.gateway(gateway),
  });
  const writes = new WriteDesk({
    ...{ commands: new CommandStore(database), twins: new TwinStore(database), clock },
    changed: (gateway) => feed.gateway(gateway),
  });
  const latest = new LatestTable();
  const deskStore = new DeskStore(database);
  const desk = new Desk({
    ...{ store: deskStore, points, clock },
    failed: (error) => log.warn({ err: error }, 'the alarm desk could not store; it tries again'),
  });
  desk.listen((change) => {
    feed.alarm(change);
    feed.gateway(change.alarm.gateway);
  });
  const people = {
    people: new PeopleStore(database),
    sessions: new SessionStore(database),
    keys: new KeyStore(database),
  };
  const audit = new AuditLog(database, clock);
  const accounts = new Accounts(people, passwords, clock);
  await desk.catchUp();
  await fillLatest(latest, points, history, clock);
  return {
    database,
    archive,
    enrolmentStore: new DuckEnrolmentStore(database, revocations),
    points,
    history,
    trends,
    feed,
    fleet,
    orders,
    configs,
    writes,
    latest,
    desk,
    deskStore,
    documents: new DocumentStore(database),
    rounds: new RoundStore(database),
    rolloutStore: new RolloutStore(database),
    pictures: new PictureStore(database),
    alarmHistory: new AlarmHistory(database),
    accounts,
    setup: new Setup({ accounts, clock, folder: dirname(file) }),
    audit,
    observer: new HubObserver({
      ...{ points, latest, fleet, feed, clock, desk },
      refused: new RefusedClients(audit, clock, log),
    }),
    async close() {
      await desk.close();
      await database.close();
    },
  };
}

async function fillLatest(latest: LatestTable, points: Points, history: History, clock: Clock): Promise<void> {
  const newest = await history.newest();
  for (const { id, series, entry } of points.list()) {
    const row = newest.get(series.id);
    if (!row || entry.retired) continue;
    const { at, fault, epoch, seq } = row;
    const value =
      fault === undefined && typeof row.value === 'number' ? toValue(series.kind, row.value, '') : row.value;
    const outcome = fault === undefined ? { value } : { value: null, fault };
    latest.offer(id, { at, ...outcome, place: { epoch, seq } }, clock.now());
  }
}
