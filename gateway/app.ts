import { join } from 'node:path';
import type { EdgeHubService } from '../cloud-sync/edge-hub/edge-hub-options.ts';
import { loadIdentity, loadPrevious, saveIdentity } from '../cloud-sync/edge-hub/identity.ts';
import { type Clock, FLOOR_TIME } from '../core/clock.ts';
import { serveControl } from '../core/control-socket.ts';
import { makeDataDir } from '../core/data-dir.ts';
import { watchDisk } from '../core/disk-metrics.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import { version } from '../core/package-root.ts';
import type { Outcome } from '../core/reading.ts';
import { runAll, type Service } from '../core/service.ts';
import { supervisionOf, tellBy, Watchdog } from '../core/service-manager.ts';
import { AlarmBook } from './alarms/alarm-book.ts';
import { RuleWatch } from './alarms/rule-watch.ts';
import { ClockKeeper } from './clock-keeper.ts';
import { CounterBook } from './counter-book.ts';
import { EdgeClock } from './edge-clock.ts';
import { hardwareId } from './hardware.ts';
import { HttpServer } from './http-server.ts';
import type { Intake } from './intake.ts';
import { openJournal } from './journal/open-journal.ts';
import { SealedWalk } from './journal/sealed-walk.ts';
import { journalControl } from './journal-control.ts';
import { watchKubeEdge } from './kubeedge/metrics.ts';
import { ConfigKeeper } from './meta/config-keeper.ts';
import { MetaStore } from './meta/meta-store.ts';
import { watchGateway } from './metrics.ts';
import { GatewayOrders } from './orders/gateway-orders.ts';
import { PlantAtWork } from './plant-at-work.ts';
import { LearntStore } from './poll/learnt-store.ts';
import { type GatewaySettings, whyNoSwitch } from './settings.ts';
import { type LinkState, StatusReport } from './status.ts';
import { TwinKeeper } from './twins/twin-keeper.ts';
import { TwinStore } from './twins/twin-store.ts';
import { hubWrite } from './writes/hub-write.ts';
import { WriteBook } from './writes/write-book.ts';
import { WriteLock } from './writes/write-lock.ts';
import { WritePath } from './writes/write-path.ts';

export interface GatewayDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Composes the edge process and runs it until the signal aborts.
 * @throws Fault data-dir, already-running, journal-missing, not-enrolled
 */
export async function runGateway(settings: GatewaySettings, signal: AbortSignal, deps: GatewayDeps): Promise<void> {
  const { log, metrics } = deps;
  const clock = new EdgeClock(deps.clock, FLOOR_TIME);
  await makeDataDir(settings.dataDir);
  watchDisk(metrics, 'sluice_disk', settings.dataDir);
  const identity = settings.hub && (await loadIdentity(settings.dataDir));
  const hardware = hardwareId(settings.hardware);
  const journal = await openJournal({
    folder: join(settings.dataDir, 'journal'),
    settings: settings.journal,
    hardware,
    clock,
    log,
  });
  // What is in the journal is past, whatever the clock says.
  clock.raiseFloor(journal.previousEnd ?? 0);
  try {
    let link: () => LinkState = () => ({ link: 'offline' });
    const { boot, previousEnd } = journal;
    const pause = previousEnd === undefined ? {} : { previousEnd };
    const counters = await CounterBook.open(settings.dataDir, clock, log);
    const book = await AlarmBook.open(settings.dataDir, journal, { clock, log });
    const store = new LearntStore(settings.dataDir, log);
    let changePlant: PlantAtWork['change'] = () => Promise.resolve();
    let tell: EdgeHubService['tell'] = () => {};
    const { openKubeDevices, openKubeEdge } = settings.kubeedge.enabled
      ? await import('./kubeedge/parts.ts')
      : NO_KUBEEDGE;
    const kubeDevices = await openKubeDevices?.({ settings, clock, log }, (plant) => changePlant(plant));
    const keeper = await ConfigKeeper.open({
      ...{ settings, journal, clock, log, store: await MetaStore.open(settings.dataDir) },
      ...{ apply: (plant) => kubeDevices?.ownChange(plant) ?? changePlant(plant), tell: (result) => tell(result) },
    });
    const own = await keeper.plant();
    const work = await PlantAtWork.begin((await kubeDevices?.begin(own)) ?? own, {
      ...{ settings, journal, counters, book, store, clock, log },
      ...{ learnt: await store.load(), clockOffsetMs: () => link().clockOffsetMs },
    });
    changePlant = (plant) => work.change(plant);
    const { intake, polling } = work;
    book.follow(() => intake.alarms.active());
    intake.alarms.onChange(() => book.changed());
    const alarms = intake.alarms.active().map(({ device, rule }) => ({ device, rule }));
    journal.event({ event: 'boot', at: clock.now(), boot, software: version, ...pause, alarms });
    const orders = new GatewayOrders({ polling, clock, log, rules: settings });
    const bookOfWrites = await WriteBook.open(settings.dataDir, clock.now(), log);
    const lock = new WriteLock(settings.dataDir, settings.writeLock, (point) => switchNow(intake, point));
    const writes = new WritePath({ book: bookOfWrites, lock, intake, polling, journal, clock, log });
    const twins = await TwinKeeper.open({
      ...{ store: await TwinStore.open(settings.dataDir), writes, book: bookOfWrites, intake, journal, clock, log },
      orders: { prefix: 'twin', unlessHeld: false },
      ...{ owner: 'the hub', begin: 0 },
      tell: (result) => tell(result),
    });
    const parts = { settings, intake, writes, book: bookOfWrites, clock, log };
    const kube = kubeDevices && (await openKubeEdge?.({ ...parts, devices: kubeDevices }));
    const services: Service[] = [
      ...work.services,
      counters,
      book,
      new RuleWatch(intake, clock),
      new ClockKeeper(clock, journal, log),
      new SealedWalk(journal, clock, log),
      keeper,
      orders,
      writes,
      twins,
      ...(kube?.services ?? []),
    ];
    const report = new StatusReport({
      ...{ gateway: settings.gateway, site: settings.site, clock, startedTicks: clock.ticks() },
      ...{
        intake,
        journal,
        polling,
        link: () => link(),
        journalSettings: settings.journal,
        stand: () => keeper.stand(),
        kubeedge: kube,
      },
    });
    if (settings.hub && identity) {
      const { createEdgeHub } = await import('../cloud-sync/edge-hub/edge-hub.ts');
      const edgeHub = createEdgeHub({
        ...{
          gateway: settings.gateway,
          url: settings.hub.url,
          identity,
          renewal: {
            previous: await loadPrevious(settings.dataDir).catch(() => undefined),
            save: (next) => saveIdentity(settings.dataDir, next),
          },
          outbox: journal,
          settings: settings.uplink,
          clock,
          log,
          metrics,
        },
        newest: () => report.newest(),
        alarms: () => intake.alarms.list(),
        stuck: () => journal.failing,
        status: () => report.message(),
        mark: () => report.mark(),
        onHubTime: (time) => clock.hubSays(time),
        downlink: {
          stand: () => keeper.stand(),
          twins: () => twins.stand().held,
          welcomed: () => twins.welcomed(),
          document: async (what, version) => (what === 'twins' ? twins.document : keeper.document(what, version)),
          desired: (what, document) => (what === 'twins' ? twins : keeper).desired(document),
          write: hubWrite(settings.gateway, writes, (result) => tell(result)),
          heard: () => keeper.heard(),
          command: (command, answer) => orders.take(command, answer),
        },
        facts: { software: version, boot: journal.boot, ...(hardware === undefined ? {} : { hardware }) },
      });
      link = () => edgeHub.state();
      tell = (result) => edgeHub.tell(result);
      services.push(edgeHub);
    }
    if (settings.eventBus) {
      const { EventBus } = await import('./event-bus.ts');
      services.push(new EventBus(intake, settings.eventBus, writes, { clock, log }));
    }
    watchGateway(metrics, { intake, journal, polling, report, writes, twins });
    if (kube) watchKubeEdge(metrics, kube);
    const vital = [polling, journal];
    services.push(new HttpServer(settings.http.listen, { report, metrics, parts: vital }, log));
    const control = serveControl(
      join(settings.dataDir, 'control.sock'),
      {
        ...journalControl(journal, settings.journal),
        status: () => report.full(),
        metrics: async () => ({ text: await metrics.text() }),
      },
      log,
    );
    const supervision = supervisionOf(process.env, process.pid);
    if (supervision)
      services.push(
        new Watchdog({ supervision, tell: tellBy(supervision), parts: vital, ready: Promise.resolve(), clock, log }),
      );
    // The journal is first, so that it stops last and writes what the others still bring.
    await runAll([journal, ...services, control], signal, { clock, log });
  } finally {
    await journal.close();
  }
}

/** Nothing of it is loaded where it is not wanted. */
const NO_KUBEEDGE = { openKubeDevices: undefined, openKubeEdge: undefined };

/** What the switch of the lock reads; undefined also where the point became none that can be a switch. */
function switchNow({ devices }: Intake, lock: string): Outcome | undefined {
  const [device = '', name = ''] = lock.split('/');
  const point = devices.get(device)?.points.get(name);
  return point && whyNoSwitch(point.spec) === undefined ? point.newest : undefined;
}
