import { isoTime } from '../core/clock.ts';
import type { UnixMs } from '../core/reading.ts';
import { ZoneTime } from './zone-time.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
/** No zone changes its clock by more at once; whoever skipped a whole day (Samoa, 2011) has a day less. */
const LONGEST_SHIFT_MS = 3 * HOUR_MS;

/** A stretch of one local day in which the clock is not set. */
export interface DayPiece {
  readonly from: UnixMs;
  /** Not included. */
  readonly to: UnixMs;
  /** When its day begins. */
  readonly day: UnixMs;
  readonly offsetMs: number;
}

/** Days of a site: they begin when its clock shows midnight, and have 23 or 25 hours where it is set. */
export class LocalDays {
  readonly #time: ZoneTime;

  /** A zone that this machine does not know is taken for UTC. */
  constructor(zone: string) {
    this.#time = knownZone(zone);
  }

  offsetMs(at: UnixMs): number {
    return this.#time.offsetMs(at);
  }

  /** Number of the local day, counted from 1970-01-01. */
  dayOf(at: UnixMs): number {
    return Math.floor((at + this.offsetMs(at)) / DAY_MS);
  }

  /** The first instant of a local day. Where midnight is skipped that is when the clock was set. */
  startOf(day: number): UnixMs {
    const local = day * DAY_MS;
    const before = this.offsetMs(local - DAY_MS);
    const guess = local - before;
    if (this.offsetMs(guess + LONGEST_SHIFT_MS) === before && this.offsetMs(guess - LONGEST_SHIFT_MS) === before) {
      return guess;
    }
    // The last quarter of an hour at which the date turns: a doubled midnight ends the day before twice.
    let start = guess - LONGEST_SHIFT_MS;
    for (let at = start; at <= guess + LONGEST_SHIFT_MS; at += QUARTER_MS) {
      if (this.dayOf(at) >= day && this.dayOf(at - 1) < day) start = at;
    }
    return start;
  }

  /** The local day that holds `at`, in pieces of one offset each. */
  pieces(day: number): readonly DayPiece[] {
    const [start, end] = [this.startOf(day), this.startOf(day + 1)];
    const pieces: DayPiece[] = [];
    let from = start;
    if (this.offsetMs(start) !== this.offsetMs(end - 1)) {
      for (let at = start + QUARTER_MS; at < end; at += QUARTER_MS) {
        if (this.offsetMs(at) === this.offsetMs(from)) continue;
        pieces.push({ from, to: at, day: start, offsetMs: this.offsetMs(from) });
        from = at;
      }
    }
    pieces.push({ from, to: end, day: start, offsetMs: this.offsetMs(from) });
    return pieces;
  }

  /** Starts of the steps of a span, the first at or before its beginning. The step is of whole days, or divides a day into hours. */
  steps(from: UnixMs, to: UnixMs, stepMs: number): UnixMs[] {
    const starts: UnixMs[] = [];
    if (stepMs >= DAY_MS) {
      const days = stepMs / DAY_MS;
      for (let day = Math.floor(this.dayOf(from) / days) * days; ; day += days) {
        const start = this.startOf(day);
        if (start >= to) return starts;
        starts.push(start);
      }
    }
    for (let day = this.dayOf(from); ; day++) {
      const [start, end] = [this.startOf(day), this.startOf(day + 1)];
      if (start >= to) return starts;
      for (let at = start; at < end; at += stepMs) {
        if (at + stepMs > from && at < to) starts.push(at);
      }
    }
  }

  /** Starts of the months that a span touches, and of the one after. */
  months(from: UnixMs, to: UnixMs): UnixMs[] {
    let day = this.dayOf(from);
    day -= dayOfMonth(day) - 1;
    const starts = [this.startOf(day)];
    while ((starts.at(-1) as UnixMs) < to) {
      // The 1st lies at most 31 days after the 1st.
      day += 32 - dayOfMonth(day + 31);
      starts.push(this.startOf(day));
    }
    return starts;
  }
}

/** 1..31, of a day counted from 1970-01-01. */
export function dayOfMonth(day: number): number {
  return Number(isoTime(day * DAY_MS).slice(8, 10));
}

function knownZone(zone: string): ZoneTime {
  try {
    return new ZoneTime(zone);
  } catch {
    return new ZoneTime('UTC');
  }
}
