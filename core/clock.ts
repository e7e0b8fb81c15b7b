import { existsSync } from 'node:fs';
import type { UnixMs } from './reading.ts';

/** The only file that touches Date or timers; a lint rule forbids them elsewhere, and tests bring a clock of their own. */
export interface Clock {
  /** Wall time. Only to stamp; it may jump. */
  now(): UnixMs;
  /** Monotonic milliseconds with fractions, from an arbitrary start. For rhythm and time-outs. */
  ticks(): number;
  /** Has the system clock been set by a time source? A Pi has no battery clock and starts in the past. */
  synchronised(): boolean;
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `then` after `ms` unless the returned function is called first. */
  after(ms: number, then: () => void): () => void;
  /** Resolves once pending I/O callbacks have run. */
  yield(): Promise<void>;
}

/** No clock that shows less was ever right: this software did not exist then. 2026-11-01T00:00:00Z. */
export const FLOOR_TIME: UnixMs = 1_793_491_200_000;

/** setTimeout's limit is 2^31 - 1 ms; longer waits are made of parts. */
const LONGEST_TIMER_MS = 2_000_000_000;

const TIMESYNCD = '/run/systemd/timesync';

export const systemClock: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  synchronised() {
    if (Date.now() < FLOOR_TIME) return false;
    // In a container, or with another time service, the host vouches for the clock.
    return !existsSync(TIMESYNCD) || existsSync(`${TIMESYNCD}/synchronized`);
  },
  async sleep(ms, signal) {
    let left = ms;
    do {
      const part = Math.min(left, LONGEST_TIMER_MS);
      await sleepOnce(part, signal);
      left -= part;
    } while (left > 0);
  },
  after(ms, then) {
    const timer = setTimeout(then, Math.min(ms, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
  yield: () => new Promise((resolve) => setImmediate(resolve)),
};

function sleepOnce(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** ISO 8601 in UTC. */
export function isoTime(at: UnixMs): string {
  return new Date(at).toISOString();
}

/** Undefined if the text is no time. Takes ISO 8601, or Unix milliseconds in digits. */
export function parseTime(text: string): UnixMs | undefined {
  if (/^\d{1,16}$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

/** For libraries that want a Date. Takes Unix milliseconds, or ISO 8601. */
export function instant(at: UnixMs | string): Date {
  return new Date(at);
}
