import type { Clock } from '../../core/clock.ts';
import { livedClock } from './lived-clock.ts';

/** Lived time, but waits and ticks pass so many times faster: for tests with real I/O and long time-outs. */
export function fastClock(times: number): Clock {
  return {
    ...livedClock,
    ticks: () => livedClock.ticks() * times,
    sleep: (ms, signal) => livedClock.sleep(ms / times, signal),
    after: (ms, then) => livedClock.after(ms / times, then),
  };
}
