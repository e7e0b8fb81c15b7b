import { createTask } from 'node-cron';
import { instant } from './clock.ts';
import { LocalTime } from './local-time.ts';
import type { UnixMs } from './reading.ts';

/**
 * Calendar jobs by node-cron expressions in a site's time zone.
 *
 * node-cron parses and matches; its own timer is never started. It freezes the process for minutes when the clock steps forward by a month, as a Pi's
 * does at boot, and leaves holes around daylight-saving changes. So each second of local time is matched here, once: a job in a
 * missing hour runs once at its end, a job in a doubled hour runs the first time only; a clock step catches nothing up, and one
 * back by less than a minute, as time services make them, runs nothing twice.
 */
export class Calendar {
  readonly #local: LocalTime;
  readonly #jobs = new Map<string, (local: UnixMs) => boolean>();
  #last: { readonly utc: UnixMs; readonly offset: number; readonly high: UnixMs } | undefined;

  constructor(zone: string) {
    this.#local = new LocalTime(zone);
  }

  /** @throws Error when the expression is none; settings have checked it before. */
  add(expression: string): void {
    if (this.#jobs.has(expression)) return;
    const task = createTask(expression, () => {}, { timezone: 'Etc/UTC' });
    this.#jobs.set(expression, (local) => task.match(instant(local)));
  }

  /** These, and no others. */
  follow(expressions: readonly string[]): void {
    for (const known of [...this.#jobs.keys()]) if (!expressions.includes(known)) this.#jobs.delete(known);
    for (const expression of expressions) this.add(expression);
  }

  /** The expressions that became due since the call before. Call about once a second; later calls catch up to a minute. */
  due(now: UnixMs): string[] {
    const utc = Math.floor(now / 1000) * 1000;
    const offset = this.#local.offset(utc);
    const last = this.#last;
    if (last === undefined || Math.abs(utc - last.utc) > LONGEST_CATCH_UP_MS) {
      this.#last = { utc, offset, high: utc + offset };
      return last === undefined ? this.#matching(utc + offset, utc + offset) : [];
    }
    // A missing hour lies between the last local second and this one; a doubled hour below the highest local second seen.
    const from = Math.max(last.utc + last.offset, last.high) + 1000;
    const to = utc + offset;
    this.#last = { utc, offset, high: Math.max(last.high, to) };
    return this.#matching(from, to);
  }

  #matching(from: UnixMs, to: UnixMs): string[] {
    const due: string[] = [];
    for (const [expression, matches] of this.#jobs) {
      for (let at = from; at <= to; at += 1000) {
        if (!matches(at)) continue;
        due.push(expression);
        break;
      }
    }
    return due;
  }
}

/** A longer pause is a clock step, or a machine that slept: what lay in it is not made up. */
const LONGEST_CATCH_UP_MS = 60_000;
