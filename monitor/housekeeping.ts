import { Calendar } from '../core/calendar.ts';
import type { Clock } from '../core/clock.ts';
import { isFault } from '../core/faults.ts';
import type { Log } from '../core/log.ts';
import type { Metrics } from '../core/metrics.ts';
import type { UnixMs } from '../core/reading.ts';
import { isAbort, type Service } from '../core/service.ts';

/** Something to be done again and again, apart from what gateways and people wait for. */
export interface Job {
  readonly name: string;
  /** A node-cron expression with seconds. */
  readonly schedule: string;
  /** Answers how many rows it has changed. */
  run(now: UnixMs, signal: AbortSignal): Promise<number>;
}

export interface HousekeepingOptions {
  readonly jobs: readonly Job[];
  readonly zone: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Runs jobs when their time comes, one at a time: they all change the archive. One that fails is tried again at its next time. */
export function housekeeping({ jobs, zone, clock, log, metrics }: HousekeepingOptions): Service {
  const calendar = new Calendar(zone);
  for (const { schedule } of jobs) calendar.add(schedule);
  const rows = metrics.counter('sluice_housekeeping_rows_total', 'Rows that housekeeping has changed', ['job']);
  const failures = metrics.counter('sluice_housekeeping_failures_total', 'Jobs that failed', ['job']);
  const seconds = metrics.gauge('sluice_housekeeping_seconds', 'How long the last run of a job took', ['job']);
  const failing = new Set<Job>();

  const runOne = async (job: Job, signal: AbortSignal) => {
    const { name } = job;
    const began = clock.ticks();
    try {
      rows.inc({ job: name }, await job.run(clock.now(), signal));
      seconds.set({ job: name }, (clock.ticks() - began) / 1000);
      if (failing.delete(job)) log.info({ job: name }, 'housekeeping works again');
    } catch (error) {
      if (isAbort(error, signal)) return;
      failures.inc({ job: name });
      if (failing.has(job)) return;
      failing.add(job);
      log.warn({ job: name, err: error, code: isFault(error) ? error.code : undefined }, 'housekeeping failed');
    }
  };

  const due = new Set<Job>();
  const runDue = async (signal: AbortSignal) => {
    for (const job of due) {
      due.delete(job);
      if (!signal.aborted) await runOne(job, signal);
    }
  };
  const look = () => {
    // Whoever does not know what time it is must not judge what is old.
    if (!clock.synchronised()) return;
    const schedules = calendar.due(clock.now());
    for (const job of jobs) if (schedules.includes(job.schedule)) due.add(job);
  };

  return {
    name: 'housekeeping',
    async run(signal) {
      let working: Promise<void> | undefined;
      try {
        for (;;) {
          await clock.sleep(1000 - (clock.now() % 1000), signal);
          look();
          if (due.size > 0) working ??= runDue(signal).finally(() => (working = undefined));
        }
      } finally {
        await working;
      }
    },
  };
}
