import { type Clock, systemClock } from '../../core/clock.ts';

/** The system's clock, but waits and ticks pass so many times faster: for tests with real I/O and long time-outs. */
export function fastClock(times: number): Clock {
  return {
    ...systemClock,
    ticks: () => systemClock.ticks() * times,
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
    after: (ms, then) => systemClock.after(ms / times, then),
  };
}
