import { Calendar } from '../../core/calendar.ts';
import type { UnixMs } from '../../core/reading.ts';
import { isAbort, type Service } from '../../core/service.ts';
import type { ChannelPoller } from './channel-poller.ts';

/** A clock that is set, even if somebody doubts it, gives a local time to go by. */
export interface CalendarClock {
  now(): UnixMs;
  isSet(): boolean;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Tells the pollers which calendar jobs are due. Starts once the clock is set: before, no local time means anything. */
export class CalendarService implements Service {
  readonly name = 'calendar';
  readonly #calendar: Calendar;
  readonly #pollers: () => readonly ChannelPoller[];
  readonly #clock: CalendarClock;

  constructor(zone: string, pollers: () => readonly ChannelPoller[], clock: CalendarClock) {
    this.#calendar = new Calendar(zone);
    this.#pollers = pollers;
    this.#clock = clock;
  }

  /** These, and no others, from now on. */
  follow(schedules: readonly string[]): void {
    this.#calendar.follow(schedules);
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        if (this.#clock.isSet()) this.#tick();
        await this.#clock.sleep(1000 - (this.#clock.now() % 1000), signal);
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error;
    }
  }

  #tick(): void {
    for (const schedule of this.#calendar.due(this.#clock.now())) {
      for (const poller of this.#pollers()) poller.calendarDue(schedule);
    }
  }
}
