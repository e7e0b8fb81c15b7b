import { execFile } from 'node:child_process';
import type { Clock } from './clock.ts';
import { Condition, type Log } from './log.ts';
import { PATIENCE_MS, type Progress, stalled } from './progress.ts';
import { aborted, type Service } from './service.ts';

/** What systemd gives a unit of Type=notify [sd_notify(3), sd_watchdog_enabled(3)]. */
export interface Supervision {
  /** Path of a datagram socket, or `@` and a name. */
  readonly socket: string;
  /** Milliseconds within which `WATCHDOG=1` is awaited; undefined without WatchdogSec. */
  readonly watchdogMs: number | undefined;
}

/** Undefined where nobody supervises: in a container, on a terminal. */
export function supervisionOf(environment: NodeJS.ProcessEnv, pid: number): Supervision | undefined {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: micros, WATCHDOG_PID: watched } = environment;
  if (!socket) return undefined;
  const isForUs = watched === undefined || Number(watched) === pid;
  const watchdogMs = isForUs && Number(micros) > 0 ? Number(micros) / 1000 : undefined;
  return { socket, watchdogMs };
}

export type Tell = (...states: string[]) => Promise<void>;

const TOLD_WITHIN_MS = 10_000;

/**
 * Node has no datagram sockets of the Unix kind, so systemd's own small program sends it (docs/decisions/0027-deployment.md). It waits until
 * systemd has read the message, which could not be put down to this unit any more after the sender's end.
 * @throws Error if the program is not there or systemd does not read.
 */
export function tellBy({ socket }: Supervision): Tell {
  const env = { NOTIFY_SOCKET: socket, PATH: process.env.PATH ?? '/usr/bin:/bin' };
  return (...states) =>
    new Promise((resolve, reject) => {
      execFile('systemd-notify', states, { env, timeout: TOLD_WITHIN_MS }, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
}

export interface WatchdogParts {
  readonly supervision: Supervision;
  readonly tell: Tell;
  readonly parts: readonly Progress[];
  /** Resolves when the process does what it is there for. */
  readonly ready: Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Tells systemd that we are ready, then four times in each watchdog interval that we get on: only if every part does. What hangs is said
 * in the log, and systemd ends and restarts the process.
 */
export class Watchdog implements Service {
  readonly name = 'watchdog';
  readonly #given: WatchdogParts;
  readonly #hanging: Condition;
  readonly #unheard: Condition;

  constructor(given: WatchdogParts) {
    this.#given = given;
    this.#hanging = new Condition(given.log, 'a part of this process hangs: the watchdog is not fed any more');
    this.#unheard = new Condition(given.log, 'systemd could not be told');
  }

  async run(signal: AbortSignal): Promise<void> {
    const { supervision, ready, clock } = this.#given;
    await Promise.race([ready, aborted(signal)]);
    if (!signal.aborted) await this.#say('READY=1', 'STATUS=at work');
    const everyMs = (supervision.watchdogMs ?? Number.POSITIVE_INFINITY) / 4;
    while (!signal.aborted) {
      await clock.sleep(Math.min(everyMs, LONGEST_SLEEP_MS), signal).catch(() => {});
      if (!signal.aborted && supervision.watchdogMs !== undefined) await this.#beat();
    }
    await this.#say('STOPPING=1', 'STATUS=writing what is in memory');
  }

  async #beat(): Promise<void> {
    const { parts, clock } = this.#given;
    const hanging = stalled(parts);
    if (hanging.length > 0) {
      if (this.#hanging.active) return;
      this.#hanging.begin(clock.ticks(), { hanging, patienceMs: PATIENCE_MS });
      return this.#say(`STATUS=hangs: ${hanging.join(', ')}`);
    }
    const wasHanging = this.#hanging.active;
    this.#hanging.end(clock.ticks());
    await this.#say('WATCHDOG=1', ...(wasHanging ? ['STATUS=at work'] : []));
  }

  /** Without it the process works as well; systemd then does what it does with the silent. */
  async #say(...states: string[]): Promise<void> {
    const { tell, clock } = this.#given;
    try {
      await tell(...states);
      this.#unheard.end(clock.ticks());
    } catch (error) {
      this.#unheard.begin(clock.ticks(), { error: String(error) });
    }
  }
}

const LONGEST_SLEEP_MS = 3_600_000;
