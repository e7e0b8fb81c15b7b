import type { UnixMs } from '../../core/reading.ts';
import type { Live, LiveAlarm } from '../protocol/messages.ts';

/** Values and alarms in one message: it stays far below the broker's bound. */
const VALUES_PER_MESSAGE = 4000;
const ALARMS_PER_MESSAGE = 500;

/** Picks what is new since the last time, so that screens stay fresh while a backlog drains. */
export class LiveLane {
  #newest: UnixMs = Number.NEGATIVE_INFINITY;
  #told = new Set<string>();

  /** Messages to send now; all values and alarms the first time. */
  messages(catalogue: number, values: Live['values'], alarms: readonly LiveAlarm[] = []): Live[] {
    const fresh = values.filter(([, at]) => at > this.#newest);
    for (const [, at] of fresh) this.#newest = Math.max(this.#newest, at);
    const transitions = alarms.filter((alarm) => !this.#told.has(keyOf(alarm)));
    this.#told = new Set(alarms.map(keyOf));
    const messages: Live[] = [];
    // Alarms first: they are what somebody waits for.
    for (let at = 0; at < transitions.length; at += ALARMS_PER_MESSAGE) {
      messages.push({ catalogue, values: [], alarms: transitions.slice(at, at + ALARMS_PER_MESSAGE) });
    }
    for (let at = 0; at < fresh.length; at += VALUES_PER_MESSAGE) {
      messages.push({ catalogue, values: fresh.slice(at, at + VALUES_PER_MESSAGE) });
    }
    return messages;
  }
}

function keyOf({ occurrence, changed = occurrence, active }: LiveAlarm): string {
  return `${occurrence.epoch}/${occurrence.seq}/${changed.epoch}/${changed.seq}/${active}`;
}
