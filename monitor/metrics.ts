import type { Metrics } from '../core/metrics.ts';
import type { Alarm } from './alarms/alarm.ts';
import { isInList } from './alarms/alarm-filter.ts';
import type { RolloutState } from './rollouts/rollout.ts';
import type { CommandState } from './writes/command.ts';

interface WriteFigures {
  readonly counts: Readonly<Partial<Record<CommandState, number>>>;
  waiting(): Promise<number>;
}

interface AlarmFigures {
  list(): readonly Alarm[];
  readonly waiting: number;
  readonly counts: { readonly raised: number; readonly failures: number };
}

/** The hub's own figures, read when asked for. Names are listed in docs/metrics.md. */
export function watchMonitor(
  metrics: Metrics,
  from: {
    feed: { readonly listeners: number };
    points: { list(): readonly unknown[] };
    database: { memory(): Promise<number> };
    desk: AlarmFigures;
    writes: WriteFigures;
    rolloutStore: { count(state: RolloutState): Promise<number> };
  },
): { readonly mismatches: { inc(value?: number): void } } {
  const { feed, points, database, desk, writes, rolloutStore } = from;
  metrics.withProcess();
  metrics.follow('gauge', 'sluice_hub_stream_listeners', 'Pages and programs on the live stream', () => feed.listeners);
  metrics.follow('gauge', 'sluice_hub_points', 'Points in the newest catalogues', () => points.list().length);
  watchAlarms(metrics, desk);
  metrics.followEach(
    'counter',
    'sluice_commands_ended_total',
    'Commands that gateways have answered, by outcome',
    ['state'],
    () => Object.entries(writes.counts).map(([state, value]) => ({ labels: { state }, value })),
  );
  metrics.ask('sluice_commands_waiting', 'Commands that wait for a gateway or its answer', () => writes.waiting());
  metrics.ask('sluice_rollouts_running', 'Rollouts that go on by themselves', () => rolloutStore.count('running'));
  metrics.ask('sluice_rollouts_halted', 'Rollouts that wait for a person', () => rolloutStore.count('halted'));
  const holds = 'What the archive keeps in memory: its newest rows and a cache of older ones, which grows to its limit';
  metrics.ask('sluice_archive_memory_bytes', holds, () => database.memory());
  const help = 'Figures that ought to be the same and were not';
  return { mismatches: metrics.counter('sluice_hub_reconcile_mismatches', help) };
}

function watchAlarms(metrics: Metrics, desk: AlarmFigures): void {
  const gauge = (name: string, help: string, counts: (alarm: Alarm) => boolean) =>
    metrics.follow('gauge', name, help, () => desk.list().filter(counts).length);
  gauge('sluice_alarms_active', 'Alarms that are active or latched, and not silenced', (alarm) =>
    isInList(alarm, 'active'),
  );
  gauge('sluice_alarms_unacknowledged', 'Alarms that nobody has acknowledged', (alarm) => isInList(alarm, 'unacked'));
  gauge('sluice_alarms_shelved', 'Alarms that are shelved', (alarm) => isInList(alarm, 'shelved'));
  gauge('sluice_alarms_suppressed', 'Alarms that are suppressed or out of service', (alarm) =>
    isInList(alarm, 'suppressed'),
  );
  metrics.follow('counter', 'sluice_alarms_raised_total', 'Alarms raised', () => desk.counts.raised);
  metrics.follow(
    'counter',
    'sluice_alarm_desk_failures_total',
    'Times the alarm desk could not store',
    () => desk.counts.failures,
  );
  metrics.follow('gauge', 'sluice_alarm_desk_waiting', 'Inputs that wait for the alarm desk', () => desk.waiting);
}
