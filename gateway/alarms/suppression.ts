import type { Clock } from '../../core/clock.ts';
import { LocalTime } from '../../core/local-time.ts';
import type { UnixMs } from '../../core/reading.ts';
import { type HolidaysGiven, holidayTable } from '../../core/rules/holidays.ts';
import { suppressedBy } from '../../core/rules/judge.ts';
import { isWithin, localInstant } from '../../core/rules/schedule.ts';
import type { Entry, WatchedDevice } from './entry.ts';

/** Why an alarm that is active is not to be announced: its time of day, its equipment is off, its parent has spoken [ISA-18.2, 10.6]. */
export class Suppression {
  readonly #local: LocalTime;
  readonly #isHoliday: (day: number) => boolean;
  readonly #clock: Clock;
  /** Lines that cannot be used now, and those that can again: since when, in ticks. */
  readonly #lines = new Map<string, 'down' | number>();

  constructor(zone: string, holidays: HolidaysGiven, clock: Clock) {
    this.#local = new LocalTime(zone);
    this.#isHoliday = holidayTable(holidays);
    this.#clock = clock;
  }

  lineIs(channel: string, down: boolean): void {
    if (down) this.#lines.set(channel, 'down');
    else if (this.#lines.get(channel) === 'down') this.#lines.set(channel, this.#clock.ticks());
  }

  of(entry: Entry, device: WatchedDevice, at: UnixMs): boolean {
    const { rule } = entry;
    entry.muted = suppressedBy(rule.suppressWhen, device.of) ?? entry.muted;
    return entry.muted || this.#byParent(entry, device) || this.#isOffHours(entry, at);
  }

  /**
   * A line that is down has its own alarm; a device that is away speaks for its points. Before either has been heard of, as after a
   * start, it stays as it was told last. Once the parent is back, what it has muted has its own time to come back too: a line of forty
   * devices that is mended announces none of them.
   */
  #byParent({ rule, suppressed }: Entry, { spec, online, onlineSince }: WatchedDevice): boolean {
    const { condition, onDelayMs } = rule;
    if (condition.kind !== 'offline' && condition.kind !== 'stale') return false;
    const patience = condition.kind === 'stale' ? condition.afterMs : onDelayMs;
    const isBack = (since: number) => !suppressed || this.#clock.ticks() - since >= patience;
    const line = this.#lines.get(spec.channel);
    if (line !== undefined && (line === 'down' || !isBack(line))) return true;
    if (condition.kind === 'offline') return false;
    return online === undefined ? suppressed : !online || !isBack(onlineSince);
  }

  /** As long as nobody knows what time it is, every hour counts. */
  #isOffHours({ rule: { schedule }, suppressed }: Entry, at: UnixMs): boolean {
    if (schedule === undefined) return false;
    if (!this.#clock.synchronised()) return suppressed;
    return !isWithin(schedule, localInstant(at + this.#local.offset(at)), this.#isHoliday);
  }
}
