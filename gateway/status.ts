import type { ConfigStand } from '../cloud-sync/protocol/downlink.ts';
import type { KubeEdgeStatus } from '../cloud-sync/protocol/kubeedge-status.ts';
import type { Live, Status } from '../cloud-sync/protocol/messages.ts';
import type { Clock } from '../core/clock.ts';
import type { FaultCode } from '../core/faults.ts';
import { version } from '../core/package-root.ts';
import type { Value } from '../core/reading.ts';
import { deviceReports, deviceRows, resultsOf } from './device-report.ts';
import type { Intake } from './intake.ts';
import type { Journal, JournalSettings } from './journal/journal.ts';
import { backlogOf, oldestUnsent, summariseJournal } from './journal/journal-summary.ts';
import type { RunningChannel } from './poll/polling.ts';
import type { PageFacts } from './status-page.ts';

export interface LinkState {
  readonly link: 'offline' | 'connecting' | 'welcomed';
  readonly fault?: string | undefined;
  readonly clockOffsetMs?: number | undefined;
  readonly stuckSince?: number | undefined;
}

export interface StatusSources {
  readonly gateway: string;
  readonly site: string;
  readonly clock: Clock;
  readonly startedTicks: number;
  readonly intake: Intake;
  readonly journal: Journal;
  readonly polling: { readonly channels: readonly RunningChannel[] };
  readonly link: () => LinkState;
  readonly journalSettings: JournalSettings;
  /** Whose lines and devices these are, and which. */
  readonly stand: () => ConfigStand;
  /** Of a mapper of KubeEdge. */
  readonly kubeedge?: { status(): KubeEdgeStatus; mark(): string } | undefined;
}

export interface LatestReading {
  readonly point: string;
  readonly at: number;
  readonly value: Value | null;
  readonly unit: string | undefined;
  readonly quality: 'good' | 'bad';
  readonly fault: FaultCode | undefined;
}

/** The schema's bound. */
const MOST_EPOCHS = 100;

/** What a gateway says of itself: to the hub, on its page, in its API. */
export class StatusReport {
  readonly #from: StatusSources;
  readonly #utilisation = new WeakMap<RunningChannel, { ticks: number; busyMs: number; share: number }>();

  constructor(from: StatusSources) {
    this.#from = from;
  }

  /** Records not confirmed by the hub, over all epochs. */
  backlog(): number {
    return backlogOf(this.#from.journal);
  }

  /** Another text as soon as a line has opened or failed. */
  mark(): string {
    const lines = this.#from.polling.channels.map(({ channel: { state } }) =>
      state.state === 'faulted' ? state.fault : state.state,
    );
    return [...lines, this.#from.kubeedge?.mark()].join();
  }

  /** The retained status message. */
  async message(): Promise<Status> {
    const backlog = this.backlog();
    const { stuckSince } = this.#from.link();
    return {
      ...(stuckSince === undefined ? {} : { stuckSince }),
      epochs: this.#from.journal
        .epochs()
        .slice(-MOST_EPOCHS)
        .map(({ epoch, next, confirmed, chain }) => ({ epoch, next, confirmed, chain })),
      state: 'online',
      at: this.#from.clock.now(),
      version,
      backlog,
      oldestUnsent: backlog === 0 ? null : await oldestUnsent(this.#from.journal),
      channels: this.#from.polling.channels.map((running) => this.#channel(running)),
      ...this.#kubeedge(),
    };
  }

  /** Newest values for the live lane: [point number, at, value or null, fault]. */
  newest(): Live['values'] {
    const values: Live['values'] = [];
    for (const { points } of this.#from.intake.devices.values()) {
      for (const { newest, newestAt, number } of points.values()) {
        if (newest === undefined) continue;
        if (newest.quality === 'good') values.push([number, newestAt, newest.value]);
        else values.push([number, newestAt, null, newest.fault]);
      }
    }
    return values;
  }

  async full(): Promise<object> {
    const { gateway, site, clock, startedTicks, intake, journal, polling, link, stand } = this.#from;
    const { channels } = polling;
    return {
      gateway,
      site,
      version,
      uptimeMs: Math.round(clock.ticks() - startedTicks),
      clock: { now: clock.now(), synchronised: clock.synchronised() },
      link: link(),
      configuration: stand(),
      journal: await summariseJournal(journal, this.#from.journalSettings),
      readings: { ...intake.counts, dropped: journal.dropped },
      channels: channels.map((running) => ({
        ...this.#channel(running),
        skippedSlots: running.poller.skipped,
        latenessMs: running.poller.lateness.summary,
        results: resultsOf(running),
      })),
      devices: deviceReports(channels, intake.devices),
      ...this.#kubeedge(),
    };
  }

  async page(): Promise<PageFacts> {
    const { gateway, site, clock, startedTicks, intake, journal, polling, link, journalSettings } = this.#from;
    const { channels } = polling;
    const { link: state, fault, stuckSince } = link();
    const now = clock.now();
    return {
      gateway,
      site,
      version,
      link: state,
      linkFault: fault ?? (stuckSince === undefined ? undefined : 'sync-stuck'),
      backlog: this.backlog(),
      journalBytes: journal.bytes,
      atRiskMs: journalSettings.commitInterval,
      uptimeMs: clock.ticks() - startedTicks,
      channels: channels.map((running) => ({
        ...this.#channel(running),
        latenessMs: running.poller.lateness.summary?.p99,
      })),
      devices: deviceRows(channels, intake.devices),
      ...this.#kubeedge(),
      values: this.latest().map(({ point, value, unit, at, fault: code }) => {
        return { point, text: String(value), unit: unit ?? '', ageMs: Math.max(0, now - at), fault: code };
      }),
    };
  }

  latest(): LatestReading[] {
    return [...this.#from.intake.devices.values()].flatMap(({ spec: device, points }) =>
      [...points.values()]
        .filter(({ newest }) => newest !== undefined)
        .map(({ spec, newest, newestAt }) => ({
          point: `${device.name}/${spec.name}`,
          at: newestAt,
          value: newest?.quality === 'good' ? newest.value : null,
          unit: spec.unit,
          quality: newest?.quality ?? 'bad',
          fault: newest?.quality === 'bad' ? newest.fault : undefined,
        })),
    );
  }

  #kubeedge(): { readonly kubeedge?: KubeEdgeStatus } {
    const { kubeedge } = this.#from;
    return kubeedge ? { kubeedge: kubeedge.status() } : {};
  }

  #channel(running: RunningChannel): NonNullable<Status['channels']>[number] {
    const { spec, channel } = running;
    const { exchanges, faults } = channel.statistics();
    const { state } = channel;
    return {
      name: spec.name,
      port: spec.port,
      driver: spec.driver,
      state: state.state,
      ...(state.state === 'faulted' ? { fault: state.fault } : {}),
      exchanges,
      faults,
      utilisation: this.#share(running),
    };
  }

  /** Share of the time since the last look, at least a second ago, in which the line was leased. */
  #share(running: RunningChannel): number {
    const ticks = this.#from.clock.ticks();
    const { busyMs } = running.channel.statistics();
    const last = this.#utilisation.get(running) ?? { ticks: this.#from.startedTicks, busyMs: 0, share: 0 };
    if (ticks - last.ticks < 1000) return last.share;
    const share = Math.min(1, Math.round(((busyMs - last.busyMs) / (ticks - last.ticks)) * 1000) / 1000);
    this.#utilisation.set(running, { ticks, busyMs, share });
    return share;
  }
}
