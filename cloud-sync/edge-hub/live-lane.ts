import type { UnixMs } from '../../core/reading.ts';
import type { Live } from '../protocol/messages.ts';

/** Values in one message: it stays far below the broker's bound. */
const VALUES_PER_MESSAGE = 4000;

/** Picks what is new since the last time, so that screens stay fresh while a backlog drains. */
export class LiveLane {
  #newest: UnixMs = Number.NEGATIVE_INFINITY;

  /** Messages to send now; all values the first time. */
  messages(catalogue: number, values: Live['values']): Live[] {
    const fresh = values.filter(([, at]) => at > this.#newest);
    for (const [, at] of fresh) this.#newest = Math.max(this.#newest, at);
    const messages: Live[] = [];
    for (let at = 0; at < fresh.length; at += VALUES_PER_MESSAGE) {
      messages.push({ catalogue, values: fresh.slice(at, at + VALUES_PER_MESSAGE) });
    }
    return messages;
  }
}
