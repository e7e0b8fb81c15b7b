import type { Metrics } from '../core/metrics.ts';
import type { Intake } from './intake.ts';
import type { Journal } from './journal/journal.ts';
import type { RunningChannel } from './poll/compose-polling.ts';
import type { StatusReport } from './status.ts';

/** The gateway's metrics, read when asked for. Names are listed in docs/metrics.md. */
export function watchGateway(
  metrics: Metrics,
  from: { intake: Intake; journal: Journal; channels: readonly RunningChannel[]; report: StatusReport },
): void {
  const { intake, journal, channels, report } = from;
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
    channels.map((running) => ({ labels: { channel: running.spec.name }, value: value(running) }));
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
}
