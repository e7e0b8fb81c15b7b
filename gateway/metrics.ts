import { TWIN_STATES } from '../cloud-sync/protocol/twins.ts';
import type { Metrics } from '../core/metrics.ts';
import type { Intake } from './intake.ts';
import type { Journal } from './journal/journal.ts';
import type { DevicePlan } from './poll/device-plan.ts';
import type { DeviceStatistics } from './poll/device-statistics.ts';
import type { RunningChannel } from './poll/polling.ts';
import type { StatusReport } from './status.ts';
import type { TwinKeeper } from './twins/twin-keeper.ts';
import type { WritePath } from './writes/write-path.ts';

/** The gateway's metrics, read when asked for. Names are listed in docs/metrics.md. */
export function watchGateway(
  metrics: Metrics,
  from: {
    intake: Intake;
    journal: Journal;
    polling: { readonly channels: readonly RunningChannel[] };
    report: StatusReport;
    writes: Pick<WritePath, 'counts'>;
    twins: Pick<TwinKeeper, 'stand'>;
  },
): void {
  const { intake, journal, polling, report, writes, twins } = from;
  metrics.withProcess();
  metrics.follow(
    'counter',
    'sluice_readings_total',
    'Readings taken from devices, faults included',
    () => intake.counts.read,
  );
  metrics.follow('counter', 'sluice_readings_kept_total', 'Readings handed to the journal', () => intake.counts.kept);
  metrics.follow('counter', 'sluice_readings_faulty_total', 'Readings that are faults', () => intake.counts.faults);
  metrics.follow(
    'counter',
    'sluice_readings_dropped_total',
    'Readings dropped because the disk refused for too long',
    () => journal.dropped,
  );
  metrics.follow('gauge', 'sluice_journal_next', 'Next number of the journal', () => journal.next);
  metrics.follow('gauge', 'sluice_journal_bytes', 'Bytes of frames on disk', () => journal.bytes);
  metrics.follow('gauge', 'sluice_journal_failing', '1 while writing to the journal fails', () =>
    Number(journal.failing),
  );
  metrics.follow('gauge', 'sluice_backlog_records', 'Records the hub has not confirmed', () => report.backlog());
  const perChannel = (value: (running: RunningChannel) => number) => () =>
    polling.channels.map((running) => ({ labels: { channel: running.spec.name }, value: value(running) }));
  metrics.followEach(
    'counter',
    'sluice_channel_exchanges_total',
    'Requests with their replies',
    ['channel'],
    perChannel((r) => r.channel.statistics().exchanges),
  );
  metrics.followEach(
    'counter',
    'sluice_channel_faults_total',
    'Exchanges that failed',
    ['channel'],
    perChannel((r) => r.channel.statistics().faults),
  );
  metrics.followEach(
    'counter',
    'sluice_channel_busy_seconds_total',
    'Time the line was leased',
    ['channel'],
    perChannel((r) => r.channel.statistics().busyMs / 1000),
  );
  metrics.followEach(
    'counter',
    'sluice_poll_skipped_total',
    'Slots that passed unserved',
    ['channel'],
    perChannel((r) => r.poller.skipped),
  );
  metrics.followDurations(
    'histogram',
    'sluice_poll_lateness_seconds',
    'From when a poll was due until it began',
    ['channel'],
    () => polling.channels.map(({ spec, poller }) => ({ labels: { channel: spec.name }, value: poller.lateness })),
  );
  watchDevices(metrics, () => polling.channels);
  watchWrites(
    metrics,
    () => writes.counts,
    () => twins.stand(),
  );
}

function watchWrites(metrics: Metrics, counts: () => WritePath['counts'], stand: TwinKeeper['stand']): void {
  metrics.followEach(
    'counter',
    'sluice_writes_total',
    'Writes by who asked for them and how they ended',
    ['via', 'state'],
    () =>
      Object.entries(counts()).flatMap(([via, ended]) =>
        Object.entries(ended).map(([state, value]) => ({ labels: { via, state }, value })),
      ),
  );
  metrics.followEach(
    'gauge',
    'sluice_twin_points',
    'Points of which a value is wanted, by how far that is',
    ['state'],
    () => {
      const points = Object.values(stand().points);
      return TWIN_STATES.map((state) => ({
        labels: { state },
        value: points.filter((point) => point.state === state).length,
      }));
    },
  );
}

interface DeviceAtWork {
  readonly labels: { readonly channel: string; readonly device: string };
  readonly statistics: DeviceStatistics;
  readonly plan: DevicePlan;
  readonly trust: keyof typeof TRUST;
}

const TRUST = { trusted: 0, suspect: 1, offline: 2 };

/** Labels are names of the configuration and fault codes, nothing else: as many series as there are devices, times ten. */
function watchDevices(metrics: Metrics, channels: () => readonly RunningChannel[]): void {
  const devices = (): DeviceAtWork[] =>
    channels().flatMap(({ spec, poller, plans }) =>
      plans.map((plan) => ({
        labels: { channel: spec.name, device: plan.device.name },
        ...{ statistics: poller.statistics(plan.device), plan, trust: poller.trust(plan.device) },
      })),
    );
  const perDevice = (value: (device: DeviceAtWork) => number) => () =>
    devices().map((device) => ({ labels: device.labels, value: value(device) }));
  const labels = ['channel', 'device'] as const;
  metrics.followEach(
    'counter',
    'sluice_device_requests_total',
    'Requests to a device, answered or not',
    labels,
    perDevice(({ statistics }) => statistics.requests),
  );
  metrics.followEach(
    'counter',
    'sluice_device_faults_total',
    'Requests to a device that failed, by fault',
    [...labels, 'code'],
    () =>
      devices().flatMap((device) =>
        [...device.statistics.faults].map(([code, value]) => ({ labels: { ...device.labels, code }, value })),
      ),
  );
  metrics.followDurations(
    'summary',
    'sluice_device_latency_seconds',
    'From a request to its answer, since the start',
    labels,
    () => devices().map((device) => ({ labels: device.labels, value: device.statistics.latency })),
  );
  metrics.followEach(
    'gauge',
    'sluice_device_state',
    '0 trusted, 1 suspect, 2 offline',
    labels,
    perDevice(({ trust }) => TRUST[trust]),
  );
  metrics.followEach(
    'gauge',
    'sluice_device_refused_ranges',
    'Register ranges that the device was found to refuse',
    labels,
    perDevice(({ plan }) => plan.learnt?.refused.length ?? 0),
  );
}
