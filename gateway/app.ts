import { join } from 'node:path';
import { createEdgeHub } from '../cloud-sync/edge-hub/edge-hub.ts';
import { loadIdentity } from '../cloud-sync/edge-hub/identity.ts';
import { type Clock, FLOOR_TIME } from '../core/clock.ts';
import { serveControl } from '../core/control-socket.ts';
import { makeDataDir } from '../core/data-dir.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import { version } from '../core/package-root.ts';
import { runAll } from '../core/service.ts';
import type { Channel } from '../devices/channels/channel.ts';
import { AlarmBook } from './alarms/alarm-book.ts';
import { RuleWatch } from './alarms/rule-watch.ts';
import { nextCatalogue } from './catalogue.ts';
import { ClockKeeper } from './clock-keeper.ts';
import { CounterBook } from './counter-book.ts';
import { EdgeClock } from './edge-clock.ts';
import { EventBus } from './event-bus.ts';
import { hardwareId } from './hardware.ts';
import { HttpServer } from './http-server.ts';
import { Intake } from './intake.ts';
import { openJournal } from './journal/open-journal.ts';
import { SealedWalk } from './journal/sealed-walk.ts';
import { journalControl } from './journal-control.ts';
import { watchGateway } from './metrics.ts';
import { composePolling } from './poll/compose-polling.ts';
import { LearntStore } from './poll/learnt-store.ts';
import { SelfReader, selfDevice } from './self/self-device.ts';
import { selfPoints } from './self/self-points.ts';
import type { GatewaySettings } from './settings.ts';
import { type LinkState, StatusReport } from './status.ts';

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
    const lines = new Map<string, Channel>();
    const own = selfPoints(settings, {
      ...{ clock, journal, clockOffsetMs: () => link().clockOffsetMs },
      statistics: (line) => lines.get(line)?.statistics(),
    });
    const self = selfDevice(own, settings.plant.channels);
    const plant = { ...settings.plant, devices: [...settings.plant.devices, ...(settings.self ? [self] : [])] };
    const previous = journal.knownCatalogue();
    const catalogue = nextCatalogue(previous, plant, settings);
    if (catalogue !== previous) await journal.publish(catalogue);
    const { boot, previousEnd } = journal;
    const pause = previousEnd === undefined ? {} : { previousEnd };
    const counters = await CounterBook.open(settings.dataDir, clock, log);
    const book = await AlarmBook.open(settings.dataDir, journal, { clock, log });
    const intake = new Intake(plant, catalogue, journal, clock, {
      counters,
      alarms: {
        ...{ timezone: settings.timezone, holidays: settings.holidays, restored: book.restored },
        lineState: (line) => lines.get(line)?.state,
      },
    });
    book.follow(() => intake.alarms.active());
    intake.alarms.onChange(() => book.changed());
    const alarms = intake.alarms.active().map(({ device, rule }) => ({ device, rule }));
    journal.event({ event: 'boot', at: clock.now(), boot, software: version, ...pause, alarms });
    const store = new LearntStore(settings.dataDir, log);
    const { channels, services } = composePolling({
      ...{ plant: settings.plant, timezone: settings.timezone, sink: intake },
      ...{ store, learnt: await store.load(), clock, log },
    });
    services.push(
      counters,
      book,
      new RuleWatch(intake, clock),
      new ClockKeeper(clock, journal, log),
      new SealedWalk(journal, clock, log),
    );
    for (const { spec, channel } of channels) lines.set(spec.name, channel);
    if (settings.self) services.push(new SelfReader(self, own, intake, clock));
    const report = new StatusReport({
      ...{ gateway: settings.gateway, site: settings.site, clock, startedTicks: clock.ticks() },
      ...{ intake, journal, channels, link: () => link(), journalSettings: settings.journal },
    });
    if (settings.hub && identity) {
      const edgeHub = createEdgeHub({
        ...{
          gateway: settings.gateway,
          url: settings.hub.url,
          identity,
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
        facts: { software: version, boot: journal.boot, ...(hardware === undefined ? {} : { hardware }) },
      });
      link = () => edgeHub.state();
      services.push(edgeHub);
    }
    if (settings.eventBus) services.push(new EventBus(intake, settings.eventBus.listen, clock, log));
    watchGateway(metrics, { intake, journal, channels, report });
    services.push(new HttpServer(settings.http.listen, report, metrics, log));
    const control = serveControl(
      join(settings.dataDir, 'control.sock'),
      {
        ...journalControl(journal, settings.journal),
        status: () => report.full(),
        metrics: async () => ({ text: await metrics.text() }),
      },
      log,
    );
    // The journal is first, so that it stops last and writes what the others still bring.
    await runAll([journal, ...services, control], signal, { clock, log });
  } finally {
    await journal.close();
  }
}
