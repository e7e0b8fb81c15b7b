import type { Clock } from '../../core/clock.ts';
import { isFault } from '../../core/faults.ts';
import type { Log } from '../../core/log.ts';
import { isAbort, type Service } from '../../core/service.ts';
import { type KubeReport, ReportQueue, type Stand } from './report-queue.ts';

/** A way by which reports get to EdgeCore. */
export interface Road {
  /** Between two reports of one device's twins, milliseconds. */
  readonly gapMs: number;
  isOpen(): boolean;
  /** May one go now? `ticks` are monotonic milliseconds. */
  may(ticks: number): boolean;
  /** One goes. */
  take(ticks: number): void;
  /** Throws a Fault if it is not taken within seconds. */
  send(report: KubeReport): Promise<void>;
  /** Called when what the other side knows of us may be gone. */
  onOpen(listener: () => void): void;
}

export interface ReporterDeps {
  readonly road: Road;
  readonly stands: () => readonly Stand[];
  readonly clock: Clock;
  readonly log: Log;
}

interface Look {
  readonly stands: readonly Stand[];
  /** Monotonic milliseconds: too old from then on. */
  readonly until: number;
}

const LOOK_EVERY_MS = 250;
/** An EdgeCore that starts may come to the broker so much later than to its own socket. */
const EVENT_BUS_MS = 30_000;

/** Tells KubeEdge how the devices stand, as fast as the road allows and no faster. */
export class Reporter implements Service {
  readonly name = 'kubeedge-reports';
  readonly counts = { sent: 0, failed: 0 };
  readonly #deps: ReporterDeps;
  readonly #queue: ReportQueue;
  #failing = false;
  /** Monotonic milliseconds: everything is told once more. */
  #againAt = Number.POSITIVE_INFINITY;

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
    this.#queue = new ReportQueue(deps.road.gapMs);
    deps.road.onOpen(() => this.#queue.forget());
  }

  /** EdgeCore has started anew behind a road that stayed open: what it was told meanwhile it never heard. */
  restarted(): void {
    this.#queue.forget();
    this.#againAt = this.#deps.clock.ticks() + EVENT_BUS_MS;
  }

  toldAt(id: string): number | undefined {
    return this.#queue.toldAt(id);
  }

  /** These may not have been taken. */
  again(ids: readonly string[]): void {
    for (const id of ids) this.#queue.forgetOne(id);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    try {
      while (!signal.aborted) {
        this.#tellAgain();
        await this.#send(signal);
        await clock.sleep(LOOK_EVERY_MS, signal);
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    }
  }

  #tellAgain(): void {
    if (this.#deps.clock.ticks() < this.#againAt) return;
    this.#againAt = Number.POSITIVE_INFINITY;
    this.#queue.forget();
  }

  /** How the devices stand is looked at anew: a call to a slow EdgeCore takes seconds. */
  #look(): Look {
    const stands = this.#deps.stands();
    this.#queue.keep(new Set(stands.map(({ id }) => id)));
    return { stands, until: this.#deps.clock.ticks() + LOOK_EVERY_MS };
  }

  async #send(signal: AbortSignal): Promise<void> {
    const { road, clock, log } = this.#deps;
    let look: Look | undefined;
    while (!signal.aborted && road.isOpen() && road.may(clock.ticks())) {
      if (look === undefined || clock.ticks() >= look.until) look = this.#look();
      const report = this.#queue.next(look.stands, clock.ticks());
      if (report === undefined) return;
      road.take(clock.ticks());
      try {
        await road.send(report);
        this.#queue.told(report, clock.ticks(), clock.now());
        this.counts.sent += 1;
        this.#failing = false;
      } catch (error) {
        if (!isFault(error)) throw error;
        this.counts.failed += 1;
        this.#queue.skip(report, clock.ticks());
        if (!this.#failing)
          log.warn({ object: report.id, code: error.code, why: error.message }, 'a report to KubeEdge failed');
        this.#failing = true;
        return;
      }
    }
  }
}
