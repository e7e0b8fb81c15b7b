import type { Metrics } from '../../core/metrics.ts';
import type { Notify } from './notify.ts';
import type { Sender } from './sender.ts';

/** Read when asked for. Names are listed in docs/metrics.md. */
export function watchNotify(metrics: Metrics, notify: Notify): void {
  const follow = (kind: 'counter' | 'gauge', name: string, help: string, read: (sender: Sender) => number) =>
    metrics.followEach(kind, name, help, ['receiver'], () =>
      [...notify.senders.values()].map((sender) => ({
        labels: { receiver: sender.name },
        value: read(sender),
      })),
    );
  follow('counter', 'sluice_notify_delivered_total', 'Messages that a receiver took', ({ counts }) => counts.delivered);
  follow('counter', 'sluice_notify_failures_total', 'Tries that failed', ({ counts }) => counts.failures);
  follow('counter', 'sluice_notify_given_up_total', 'Messages that were given up', ({ counts }) => counts.givenUp);
  follow('gauge', 'sluice_notify_waiting', 'Messages that wait for a receiver', ({ waiting }) => waiting);
}
